/**
 * Messages from the client to Sora. Field names are those on the wire.
 *
 * @module
 */

import type { JsonValue } from "../../base/json.ts";
import type {
  AudioOpusParams,
  DataChannelHeader,
  ForwardingFilter,
  SimulcastRequestRid,
  SimulcastRid,
  SoraRole,
  SoraVideoCodecName,
  VideoAV1Params,
  VideoH264Params,
  VideoH265Params,
  VideoVP9Params,
} from "../options/options.ts";

/** `audio` of {@link ConnectMessage}: only what was requested. */
export interface ConnectAudio {
  /** Codec. */
  codec_type?: "OPUS";
  /** Bit rate in kbps. */
  bit_rate?: number;
  /** Opus parameters. */
  opus_params?: AudioOpusParams;
}

/** `video` of {@link ConnectMessage}: only what was requested. */
export interface ConnectVideo {
  /** Codec. */
  codec_type?: SoraVideoCodecName;
  /** Bit rate in kbps. */
  bit_rate?: number;
  /** VP9 parameters. */
  vp9_params?: VideoVP9Params;
  /** AV1 parameters. */
  av1_params?: VideoAV1Params;
  /** H.264 parameters. */
  h264_params?: VideoH264Params;
  /** H.265 parameters. */
  h265_params?: VideoH265Params;
}

/** One item of `data_channels` of {@link ConnectMessage}. */
export interface ConnectDataChannel {
  /** Name, starting with `#`. */
  label: string;
  /** The direction of messages, seen from the client. */
  direction: SoraRole;
  /** Keep the order. */
  ordered?: boolean;
  /** How long a message is retried, in milliseconds. */
  max_packet_life_time?: number;
  /** How often a message is retried. */
  max_retransmits?: number;
  /** Subprotocol. */
  protocol?: string;
  /** Compress with zlib. */
  compress?: boolean;
  /** The header that the server prepends to each message. */
  header?: readonly DataChannelHeader[];
}

/** The first message of a connection. */
export interface ConnectMessage {
  /** Discriminant. */
  type: "connect";
  /** What the connection does. */
  role: SoraRole;
  /** The channel. */
  channel_id: string;
  /** Name and version of this SDK. */
  sora_client: string;
  /** Version of libwebrtc. */
  libwebrtc?: string;
  /** Architecture, operating system and runtime. */
  environment?: string;
  /** Present on the connection that follows a `redirect`. */
  redirect?: true;
  /** The client's name. */
  client_id?: string;
  /** The bundle. */
  bundle_id?: string;
  /** Send several sizes, or receive one of them. */
  simulcast?: boolean;
  /** The layer to receive. */
  simulcast_rid?: SimulcastRid;
  /** The layer to receive, on newer servers. */
  simulcast_request_rid?: SimulcastRequestRid;
  /** Focus on active speakers. */
  spotlight?: boolean;
  /** The number of focused members. */
  spotlight_number?: number;
  /** The layer of focused members. */
  spotlight_focus_rid?: SimulcastRequestRid;
  /** The layer of all other members. */
  spotlight_unfocus_rid?: SimulcastRequestRid;
  /** For the authentication. */
  metadata?: JsonValue;
  /** Sent to the other members. */
  signaling_notify_metadata?: JsonValue;
  /** `false` for none, `true` with the server's defaults. */
  video: boolean | ConnectVideo;
  /** `false` for none, `true` with the server's defaults. */
  audio: boolean | ConnectAudio;
  /** Language for audio streaming. */
  audio_streaming_language_code?: string;
  /** Move signaling to data channels. */
  data_channel_signaling?: boolean;
  /** Continue without the WebSocket after that. */
  ignore_disconnect_websocket?: boolean;
  /** Channels for messages. */
  data_channels?: ConnectDataChannel[];
  /** Deprecated single form of {@link ConnectMessage.forwarding_filters}. */
  forwarding_filter?: ForwardingFilter;
  /** What the server forwards to this connection. */
  forwarding_filters?: ForwardingFilter[];
}

/** Answers `offer`. */
export interface AnswerMessage {
  /** Discriminant. */
  type: "answer";
  /** The local description. */
  sdp: string;
}

/** A local ICE candidate. */
export interface CandidateMessage {
  /** Discriminant. */
  type: "candidate";
  /** `candidate-attribute` of RFC 8839. */
  candidate: string;
}

/** Answers `re-offer`. */
export interface ReAnswerMessage {
  /** Discriminant. */
  type: "re-answer";
  /** The local description. */
  sdp: string;
}

/** Answers `update`, the name of `re-offer` before Sora 2022.1. */
export interface UpdateAnswerMessage {
  /** Discriminant. */
  type: "update";
  /** The local description. */
  sdp: string;
}

/** Answers `ping`. */
export interface PongMessage {
  /** Discriminant. */
  type: "pong";
  /** Statistics (W3C webrtc-stats), if the ping requested them. */
  stats?: readonly JsonValue[];
}

/** Ends the connection. */
export interface DisconnectMessage {
  /** Discriminant. */
  type: "disconnect";
  /** The reason. */
  reason: "NO-ERROR" | "INTERNAL-ERROR";
}

/** Answers `req-stats` on the data channel `stats`. */
export interface StatsMessage {
  /** Discriminant. */
  type: "stats";
  /** Statistics (W3C webrtc-stats). */
  reports: readonly JsonValue[];
}

/** Every message from the client to Sora. */
export type ClientMessage =
  | ConnectMessage
  | AnswerMessage
  | CandidateMessage
  | ReAnswerMessage
  | UpdateAnswerMessage
  | PongMessage
  | DisconnectMessage
  | StatsMessage;
