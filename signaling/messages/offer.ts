/**
 * `offer`: the server's decisions on a connection. Field names are those on the wire.
 *
 * @module
 */

import type { JsonValue } from "../../base/json.ts";
import type { SimulcastRequestRid, SoraRole } from "../options/options.ts";

/** A STUN or TURN server (W3C WebRTC, `RTCIceServer`). */
export interface IceServer {
  /** `stun:`, `turn:` and `turns:` URLs (RFC 7064, RFC 7065). */
  readonly urls: readonly string[];
  /** User name for TURN. */
  readonly username?: string;
  /** Password for TURN. */
  readonly credential?: string;
}

/** `config` of {@link OfferMessage} (W3C WebRTC, part of `RTCConfiguration`). */
export interface OfferConfig {
  /** STUN and TURN servers; may be empty. */
  readonly iceServers: readonly IceServer[];
  /** `relay`: use TURN only. */
  readonly iceTransportPolicy?: "all" | "relay";
}

/** One layer of a simulcast sender (W3C WebRTC, `RTCRtpEncodingParameters`). */
export interface OfferEncoding {
  /** The layer's name. */
  readonly rid: string;
  /** Whether the layer is sent. */
  readonly active?: boolean;
  /** Upper limit in bits per second. */
  readonly maxBitrate?: number;
  /** Lower limit in bits per second. */
  readonly minBitrate?: number;
  /** Upper limit in frames per second. */
  readonly maxFramerate?: number;
  /** Factor by which width and height are divided, at least 1. */
  readonly scaleResolutionDownBy?: number;
  /** Largest size, in pixels. */
  readonly scaleResolutionDownTo?: { readonly maxWidth: number; readonly maxHeight: number };
  /** W3C webrtc-svc, `L1T1` for instance. */
  readonly scalabilityMode?: string;
  /** Let the encoder choose the packet length. */
  readonly adaptivePtime?: boolean;
  /** The layer's own codec. */
  readonly codec?: {
    readonly mimeType: string;
    readonly clockRate: number;
    readonly sdpFmtpLine?: string;
  };
}

/** A header that the server prepends to each message of a data channel. */
export interface OfferDataChannelHeader {
  /** `sender_connection_id`, or something newer. */
  readonly type: string;
  /** Length in bytes; 26 for `sender_connection_id`. */
  readonly length?: number;
}

/** A data channel that the server will open. */
export interface OfferDataChannel {
  /** `signaling`, `notify`, `push`, `stats`, `rpc`, or a name that starts with `#`. */
  readonly label: string;
  /** The direction of messages, seen from the client. */
  readonly direction: SoraRole;
  /** Messages are compressed with zlib (RFC 1950). */
  readonly compress: boolean;
  /** The headers that the server prepends to each message. */
  readonly header?: readonly OfferDataChannelHeader[];
  /** Keep the order. */
  readonly ordered?: boolean;
  /** How long a message is retried, in milliseconds. */
  readonly max_packet_life_time?: number;
  /** How often a message is retried. */
  readonly max_retransmits?: number;
  /** Subprotocol. */
  readonly protocol?: string;
}

/** The server's answer to `connect`. */
export interface OfferMessage {
  /** Discriminant. */
  readonly type: "offer";
  /** The remote description. */
  readonly sdp: string;
  /** The server's name for this connection, 26 characters. */
  readonly connection_id: string;
  /** ICE servers and policy. */
  readonly config: OfferConfig;
  /** The client's name. */
  readonly client_id?: string;
  /** The bundle. */
  readonly bundle_id?: string;
  /** The channel's session, new whenever its first member joins. */
  readonly session_id?: string;
  /** The channel. */
  readonly channel_id?: string;
  /** Metadata from the authentication. */
  readonly metadata?: JsonValue;
  /** The server's version. */
  readonly version?: string;
  /** The server's decision on simulcast. */
  readonly simulcast?: boolean;
  /** Layers may have codecs of their own. */
  readonly simulcast_multicodec?: boolean;
  /** The server's decision on spotlight. */
  readonly spotlight?: boolean;
  /** Always true on current servers. */
  readonly multistream?: boolean;
  /** The layers to send. */
  readonly encodings?: readonly OfferEncoding[];
  /** The media descriptions for the client's own senders; a missing one means that this kind is not sent. */
  readonly mid?: { readonly audio?: string; readonly video?: string };
  /** The server's decision on data channel signaling. */
  readonly data_channel_signaling?: boolean;
  /** The server's decision on continuing without the WebSocket. */
  readonly ignore_disconnect_websocket?: boolean;
  /** The data channels that will be opened. */
  readonly data_channels?: readonly OfferDataChannel[];
  /** Methods that this connection may call. */
  readonly rpc_methods?: readonly string[];
  /** Layers that this connection may request by remote procedure call. */
  readonly simulcast_rpc_rids?: readonly SimulcastRequestRid[];
  /** The server's decision on audio. */
  readonly audio?: boolean;
  /** Audio codec. */
  readonly audio_codec_type?: string;
  /** Audio bit rate in kbps. */
  readonly audio_bit_rate?: number;
  /** The server's decision on video. */
  readonly video?: boolean;
  /** Video codec. */
  readonly video_codec_type?: string;
  /** Video bit rate in kbps. */
  readonly video_bit_rate?: number;
}
