/** The `offer` message. */
import type { ConnectRequest } from "./connect_request.ts";
import { type ChannelSettings, offeredChannel } from "../data/channel_settings.ts";
import type { IceServer } from "../ice/ice_config.ts";
import type { Json, JsonObject } from "./json.ts";

/** Sora version whose behaviour this server follows. */
export const SORA_VERSION = "2025.2.0";

/** What goes into an `offer`. */
export interface OfferContent {
  readonly request: ConnectRequest;
  readonly sdp: string;
  readonly connectionId: string;
  readonly clientId: string;
  readonly bundleId: string;
  readonly sessionId: string;
  /** The sections in which the client sends. */
  readonly mid: { readonly audio?: string; readonly video?: string };
  /** `metadata` of the authorisation. */
  readonly metadata?: Json;
  readonly ignoreDisconnectWebSocket: boolean;
  /** Empty without data channel signaling. */
  readonly dataChannels: readonly ChannelSettings[];
  readonly iceServers: readonly IceServer[];
  readonly iceTransportPolicy: "all" | "relay";
  /** kbit/s. */
  readonly defaultVideoBitRate: number;
}

/** Builds the `offer` message. */
export function offerMessage(offer: OfferContent): JsonObject {
  const { audio, video } = offer.request;
  return {
    type: "offer",
    sdp: offer.sdp,
    version: SORA_VERSION,
    channel_id: offer.request.channelId,
    session_id: offer.sessionId,
    client_id: offer.clientId,
    bundle_id: offer.bundleId,
    connection_id: offer.connectionId,
    config: {
      iceServers: offer.iceServers.map((server) => ({ ...server, urls: [...server.urls] })),
      iceTransportPolicy: offer.iceTransportPolicy,
    },
    mid: { ...offer.mid },
    simulcast: false,
    simulcast_multicodec: false,
    spotlight: false,
    data_channel_signaling: offer.dataChannels.length > 0,
    ignore_disconnect_websocket: offer.ignoreDisconnectWebSocket,
    ...(offer.dataChannels.length === 0
      ? {}
      : { data_channels: offer.dataChannels.map(offeredChannel) }),
    ...(offer.metadata === undefined ? {} : { metadata: offer.metadata }),
    audio: audio !== undefined,
    ...(audio === undefined ? {} : {
      audio_codec_type: "OPUS",
      ...(audio.bitRate === undefined ? {} : { audio_bit_rate: audio.bitRate }),
    }),
    video: video !== undefined,
    ...(video === undefined ? {} : {
      video_codec_type: video.codecType,
      video_bit_rate: video.bitRate ?? offer.defaultVideoBitRate,
    }),
  };
}
