/**
 * The constants of the C ABI that TypeScript uses. A test compares each with the headers.
 *
 * @module
 */

/** The `SORA_ABI_VERSION` that this package requires. */
export const ABI_VERSION = 1;

/** `sora_result`. */
export const Result = {
  OK: 0,
  ERROR_INVALID_ARGUMENT: -1,
  ERROR_INVALID_HANDLE: -2,
  ERROR_CLOSED: -3,
  ERROR_INVALID_STATE: -4,
  ERROR_BUFFER_TOO_SMALL: -5,
  ERROR_LIMIT: -6,
  ERROR_WOULD_BLOCK: -7,
  ERROR_UNSUPPORTED: -8,
  ERROR_INTERNAL: -9,
} as const;

/** `sora_event`. */
export const EventType = {
  REQUEST_DONE: 1,
  PEER_STATE: 2,
  ICE_CANDIDATE: 3,
  TRACK: 4,
  TRACK_REMOVED: 5,
  DATA_CHANNEL: 6,
  DATA_CHANNEL_CLOSED: 7,
  MESSAGE: 8,
  MESSAGES_DROPPED: 9,
  READABLE: 10,
  ENDED: 11,
  CLOSED: 12,
  BUFFERED_AMOUNT: 13,
  LOG: 14,
  TRANSPORT_CONNECTED: 15,
  ASSOCIATION: 16,
  TRANSPORT_MESSAGE: 17,
  STREAMS_RESET: 18,
  WRITABLE: 19,
  TRANSPORT_ENDED: 20,
  BANDWIDTH: 21,
  CODEC_FAILED: 22,
} as const;

/** Bytes of a record's header in the event queue. */
export const EVENT_HEADER_SIZE = 16;

/** Flag of a {@link EventType.MESSAGE}: its payload is binary. */
export const EVENT_FLAG_BINARY = 1;

/** Bytes of a peer's window that a message of a server's transport takes besides its own. */
export const MESSAGE_OVERHEAD = 128;

/** `SORA_IGNORE_*`: kinds of datagrams that a server's transport can be made to ignore. */
export const Ignore = {
  STUN: 1,
  DTLS: 2,
  SCTP: 4,
} as const;

/** `SORA_MEDIA_*`: what a packet of media with a transport-wide sequence number is. */
export const Media = {
  VIDEO: 0,
  AUDIO: 1,
} as const;

/** `sora_peer_state`. */
export const PeerState = {
  NEW: 0,
  CONNECTING: 1,
  CONNECTED: 2,
  DISCONNECTED: 3,
  FAILED: 4,
  CLOSED: 5,
} as const;

/** `sora_video_format`. */
export const VideoFormat = {
  BGR: 1,
  RGB: 2,
  BGRA: 3,
  RGBA: 4,
  I420: 5,
  NV12: 6,
} as const;

/** `sora_video_info`: indexes into the array that `sora_video_sink_take` fills. */
export const VideoInfo = {
  FRAME: 0,
  WIDTH: 1,
  HEIGHT: 2,
  ROTATION: 3,
  TIMESTAMP_US: 4,
  RTP_TIMESTAMP: 5,
  CAPTURE_TIME_MS: 6,
  DROPPED: 7,
  COUNT: 8,
} as const;

/** `sora_audio_info`: indexes into the array that `sora_audio_sink_read` fills. */
export const AudioInfo = {
  SAMPLE_RATE: 0,
  CHANNELS: 1,
  AVAILABLE: 2,
  DROPPED: 3,
  CAPTURE_TIME_MS: 4,
  ENDS: 5,
  COUNT: 6,
} as const;

/** `sora_frame_direction`. */
export const FrameDirection = {
  UNKNOWN: 0,
  SENDER: 1,
  RECEIVER: 2,
} as const;

/** `sora_audio_frame_type`. */
export const AudioFrameType = {
  EMPTY: 0,
  SPEECH: 1,
  CN: 2,
} as const;

/** `sora_transformer_info`: indexes into the array that `sora_transformer_take` fills. */
export const TransformerInfo = {
  FRAME: 0,
  SIZE: 1,
  DROPPED: 2,
  DIRECTION: 3,
  MIME_TYPE: 4,
  PAYLOAD_TYPE: 5,
  SSRC: 6,
  RTP_TIMESTAMP: 7,
  AUDIO_TYPE: 8,
  SEQUENCE_NUMBER: 9,
  CAPTURE_TIME_MS: 10,
  RECEIVE_TIME_MS: 11,
  AUDIO_LEVEL: 12,
  KEY_FRAME: 13,
  FRAME_ID: 14,
  WIDTH: 15,
  HEIGHT: 16,
  SPATIAL_INDEX: 17,
  TEMPORAL_INDEX: 18,
  DEPENDENCIES: 19,
  CONTRIBUTING_SOURCES: 20,
  COUNT: 21,
} as const;

/** `sora_log_severity`. */
export const LogSeverity = {
  VERBOSE: 0,
  INFO: 1,
  WARNING: 2,
  ERROR: 3,
  NONE: 4,
} as const;
