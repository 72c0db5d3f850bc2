/**
 * Statistics of a connection, its codecs and its data channels (W3C webrtc-stats).
 *
 * @module
 */

import type { SoraStatsBase } from "./base.ts";

/** The connection as a whole (`RTCPeerConnectionStats`). */
export interface SoraPeerConnectionStats extends SoraStatsBase {
  /** Discriminant. */
  readonly type: "peer-connection";
  /** Data channels opened. */
  readonly dataChannelsOpened?: number;
  /** Data channels closed. */
  readonly dataChannelsClosed?: number;
}

/** A codec in use (`RTCCodecStats`). */
export interface SoraCodecStats extends SoraStatsBase {
  /** Discriminant. */
  readonly type: "codec";
  /** `id` of its transport. */
  readonly transportId: string;
  /** RTP payload type. */
  readonly payloadType: number;
  /** MIME type, `video/VP9` for instance. */
  readonly mimeType: string;
  /** Clock rate in Hz. */
  readonly clockRate?: number;
  /** Channels. */
  readonly channels?: number;
  /** Format parameters of the SDP. */
  readonly sdpFmtpLine?: string;
}

/** A data channel (`RTCDataChannelStats`). */
export interface SoraDataChannelStats extends SoraStatsBase {
  /** Discriminant. */
  readonly type: "data-channel";
  /** Its label. */
  readonly label?: string;
  /** Its subprotocol (RFC 8832). */
  readonly protocol?: string;
  /** Its SCTP stream. */
  readonly dataChannelIdentifier?: number;
  /** Its state. */
  readonly state: "connecting" | "open" | "closing" | "closed";
  /** Messages sent. */
  readonly messagesSent?: number;
  /** Bytes sent. */
  readonly bytesSent?: number;
  /** Messages received. */
  readonly messagesReceived?: number;
  /** Bytes received. */
  readonly bytesReceived?: number;
}

/** The playout of audio (`RTCAudioPlayoutStats`). */
export interface SoraMediaPlayoutStats extends SoraStatsBase {
  /** Discriminant. */
  readonly type: "media-playout";
  /** What it carries. */
  readonly kind: "audio";
  /** Duration of synthesized samples, in seconds. */
  readonly synthesizedSamplesDuration?: number;
  /** How often synthesis began. */
  readonly synthesizedSamplesEvents?: number;
  /** Duration of all samples, in seconds. */
  readonly totalSamplesDuration?: number;
  /** Sum over samples of the delay from the jitter buffer to playout, in seconds. */
  readonly totalPlayoutDelay?: number;
  /** Samples played. */
  readonly totalSamplesCount?: number;
}
