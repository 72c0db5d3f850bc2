/**
 * The options of a connection that concern signaling. `sdk/` adds the media sources.
 *
 * @module
 */

import type { JsonValue } from "../../base/json.ts";
import type { ReconnectOptions } from "./reconnect_policy.ts";

/** What a connection does: send and receive, only send, only receive. */
export type SoraRole = "sendrecv" | "sendonly" | "recvonly";

/** Video codecs that Sora knows. */
export type SoraVideoCodecName = "VP8" | "VP9" | "AV1" | "H264" | "H265";

/** Simulcast layers, smallest first. */
export type SimulcastRid = "r0" | "r1" | "r2";

/** A simulcast layer, or `none` for no video. */
export type SimulcastRequestRid = "none" | SimulcastRid;

/** Opus parameters (RFC 7587, section 6.1); the names are those of the `connect` message. */
export interface AudioOpusParams {
  /** Number of channels. */
  readonly channels?: number | undefined;
  /** `maxplaybackrate` in Hz. */
  readonly maxplaybackrate?: number | undefined;
  /** Shortest packet in milliseconds. */
  readonly minptime?: number | undefined;
  /** Packet length in milliseconds. */
  readonly ptime?: number | undefined;
  /** Receive stereo. */
  readonly stereo?: boolean | undefined;
  /** Send stereo. */
  readonly sprop_stereo?: boolean | undefined;
  /** In-band forward error correction. */
  readonly useinbandfec?: boolean | undefined;
  /** Discontinuous transmission. */
  readonly usedtx?: boolean | undefined;
}

/** VP9 parameters. */
export interface VideoVP9Params {
  /** Profile, 0 to 3. */
  readonly profile_id?: number | undefined;
}

/** AV1 parameters. */
export interface VideoAV1Params {
  /** Profile, 0 to 2. */
  readonly profile?: number | undefined;
}

/** H.264 parameters. */
export interface VideoH264Params {
  /** `profile-level-id` of RFC 6184: six hexadecimal digits, `42e034` for instance. */
  readonly profile_level_id?: string | undefined;
  /** Allow B-frames. */
  readonly b_frame?: boolean | undefined;
}

/** H.265 parameters. */
export interface VideoH265Params {
  /** `level-id` of RFC 7798. */
  readonly level_id?: number | undefined;
  /** Allow B-frames. */
  readonly b_frame?: boolean | undefined;
}

/** One condition of a forwarding filter. */
export interface ForwardingFilterRule {
  /** The property of the sender that is compared. */
  readonly field: "connection_id" | "client_id" | "kind";
  /** How it is compared. */
  readonly operator: "is_in" | "is_not_in";
  /** What it is compared with; `audio` or `video` for `kind`. */
  readonly values: readonly string[];
}

/** Which senders' audio and video the server forwards to this connection. */
export interface ForwardingFilter {
  /** Whether matching senders are blocked or forwarded. */
  readonly action?: "block" | "allow" | undefined;
  /** The filter's name. */
  readonly name?: string | undefined;
  /** Its rank; lower numbers are tried first. */
  readonly priority?: number | undefined;
  /** One of the inner lists must match (or), with all its conditions (and). */
  readonly rules: readonly (readonly ForwardingFilterRule[])[];
  /** The filter's version. */
  readonly version?: string | undefined;
  /** Any JSON, kept by the server. */
  readonly metadata?: JsonValue | undefined;
}

/** The header that the server prepends to each received message. */
export interface DataChannelHeader {
  /** `sender_connection_id`: the 26 characters of the sender's connection id. */
  readonly type: "sender_connection_id";
}

/** A data channel for messages between the members of a channel. */
export interface DataChannelOptions {
  /** Its name; starts with `#`. */
  readonly label: string;
  /** The direction of messages, seen from this client. */
  readonly direction: SoraRole;
  /** Keep the order (default true). */
  readonly ordered?: boolean | undefined;
  /** How long a message is retried, in milliseconds. Not with `maxRetransmits`. */
  readonly maxPacketLifeTime?: number | undefined;
  /** How often a message is retried. Not with `maxPacketLifeTime`. */
  readonly maxRetransmits?: number | undefined;
  /** The subprotocol (RFC 8832). */
  readonly protocol?: string | undefined;
  /** Compress messages with zlib (RFC 1950). */
  readonly compress?: boolean | undefined;
  /** The header that the server prepends to each received message. */
  readonly header?: readonly DataChannelHeader[] | undefined;
}

/** PEM text: a string or its bytes. */
export type Pem = string | Uint8Array;

/** Everything that signaling needs to connect. Unset options leave their key out of the `connect` message. */
export interface SignalingOptions {
  /** Where to connect: `ws:` or `wss:`. Several are tried in parallel, in random order; the first to answer is used. */
  readonly signalingUrls: readonly string[];
  /** What the connection does. */
  readonly role: SoraRole;
  /** The channel, at most 255 bytes. */
  readonly channelId: string;
  /** A name for this client, at most 255 bytes; the server uses the connection id when there is none. */
  readonly clientId?: string | undefined;
  /** Connections of one bundle do not receive each other; at most 255 bytes. */
  readonly bundleId?: string | undefined;
  /** Any JSON for the authentication. */
  readonly metadata?: JsonValue | undefined;
  /** Any JSON that the other members see in `notify`. */
  readonly signalingNotifyMetadata?: JsonValue | undefined;
  /** Send or receive audio (default true). */
  readonly audio?: boolean | undefined;
  /** Send or receive video (default true). */
  readonly video?: boolean | undefined;
  /** Audio codec. */
  readonly audioCodecType?: "OPUS" | undefined;
  /** Audio bit rate in kbps. */
  readonly audioBitRate?: number | undefined;
  /** Opus parameters. */
  readonly audioOpusParams?: AudioOpusParams | undefined;
  /** Language for audio streaming, `ja-JP` for instance. */
  readonly audioStreamingLanguageCode?: string | undefined;
  /** Video codec; the server's default is VP9. */
  readonly videoCodecType?: SoraVideoCodecName | undefined;
  /** Video bit rate in kbps. */
  readonly videoBitRate?: number | undefined;
  /** VP9 parameters. */
  readonly videoVP9Params?: VideoVP9Params | undefined;
  /** AV1 parameters. */
  readonly videoAV1Params?: VideoAV1Params | undefined;
  /** H.264 parameters. */
  readonly videoH264Params?: VideoH264Params | undefined;
  /** H.265 parameters. */
  readonly videoH265Params?: VideoH265Params | undefined;
  /** Send several sizes of the video, or receive one of them. */
  readonly simulcast?: boolean | undefined;
  /** The layer to receive. */
  readonly simulcastRid?: SimulcastRid | undefined;
  /** The layer to receive, on newer servers. */
  readonly simulcastRequestRid?: SimulcastRequestRid | undefined;
  /** Focus on active speakers. */
  readonly spotlight?: boolean | undefined;
  /** The number of focused members. */
  readonly spotlightNumber?: number | undefined;
  /** The layer of focused members. */
  readonly spotlightFocusRid?: SimulcastRequestRid | undefined;
  /** The layer of all other members. */
  readonly spotlightUnfocusRid?: SimulcastRequestRid | undefined;
  /** @deprecated Use `forwardingFilters`. */
  readonly forwardingFilter?: ForwardingFilter | undefined;
  /** Which senders' audio and video the server forwards to this connection. */
  readonly forwardingFilters?: readonly ForwardingFilter[] | undefined;
  /** Data channels for messages; they require `dataChannelSignaling`. */
  readonly dataChannels?: readonly DataChannelOptions[] | undefined;
  /** Move signaling from the WebSocket to data channels. */
  readonly dataChannelSignaling?: boolean | undefined;
  /** With `dataChannelSignaling`: continue after the WebSocket has closed. */
  readonly ignoreDisconnectWebSocket?: boolean | undefined;
  /** How long the move to data channels may take, in milliseconds (default 180 000). */
  readonly dataChannelSignalingTimeoutMs?: number | undefined;
  /**
   * How long `disconnect()` waits for the server over data channels, in milliseconds (default 5 000). When all data channels
   * are lost while the WebSocket is open, the server has as long to end the connection before this side does. Of time in which
   * the thread is too busy for its events, 100 ms at a stretch count at most.
   */
  readonly disconnectWaitTimeoutMs?: number | undefined;
  /** How long the closing of a WebSocket may take, in milliseconds (default 3 000), counted as `disconnectWaitTimeoutMs`. */
  readonly webSocketCloseTimeoutMs?: number | undefined;
  /** How long `connect()` may take altogether, in milliseconds (default 30 000). */
  readonly webSocketConnectionTimeoutMs?: number | undefined;
  /** Do not verify the server's certificate. */
  readonly insecure?: boolean | undefined;
  /**
   * PEM of the certificates to trust instead of the system's, for signaling and for TURN. The environment variables
   * `SSL_CERT_FILE` and `SSL_CERT_DIR` override where the system's are. Deno requires `--allow-sys=ca` to read them for
   * signaling, and uses its own list without it.
   */
  readonly caCert?: Pem | undefined;
  /** PEM of this client's certificate; requires `clientKey`. */
  readonly clientCert?: Pem | undefined;
  /** PEM of this client's private key; requires `clientCert`. */
  readonly clientKey?: Pem | undefined;
  /**
   * `relay`: media goes through the TURN servers that the server offers, and no other way (W3C WebRTC, `RTCIceTransportPolicy`).
   * `all` (default): as the server's offer says.
   */
  readonly iceTransportPolicy?: "all" | "relay" | undefined;
  /** An `http:` proxy for `wss:` (CONNECT, RFC 9110). */
  readonly proxyUrl?: string | undefined;
  /** User name for the proxy, without colons and control characters (RFC 7617). */
  readonly proxyUsername?: string | undefined;
  /** Password for the proxy, without control characters. */
  readonly proxyPassword?: string | undefined;
  /** `User-Agent` sent to the proxy: printable ASCII. */
  readonly proxyAgent?: string | undefined;
  /** `User-Agent` sent to the server: printable ASCII. */
  readonly userAgent?: string | undefined;
  /** Reconnect automatically after the connection was lost; off when unset. */
  readonly reconnect?: ReconnectOptions | undefined;
}
