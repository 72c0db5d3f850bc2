/** The `offer` message. */
import type { Admission } from "../connection/admission.ts";
import { offeredDataChannel } from "../data/data_channel_settings.ts";
import type { ServerConfig } from "../options/options.ts";
import type { JsonObject } from "../../base/json.ts";

/** Sora version whose behaviour this server follows. */
export const SORA_VERSION = "2025.2.0";

/** What goes into an `offer`. */
export interface OfferContent {
  readonly admission: Admission;
  readonly member: { readonly id: string; readonly clientId: string; readonly bundleId: string };
  readonly sessionId: string;
  readonly sdp: string;
  /** The sections in which the client sends. */
  readonly mid: { readonly audio?: string; readonly video?: string };
  readonly config: ServerConfig;
}

/** Builds the `offer` message. */
export function offerMessage(offer: OfferContent): JsonObject {
  const { admission, member, config } = offer;
  const { request, dataChannels, grant, rpcMethods } = admission;
  const { audio, video, simulcast } = request;
  return {
    type: "offer",
    sdp: offer.sdp,
    version: SORA_VERSION,
    channel_id: request.channelId,
    session_id: offer.sessionId,
    client_id: member.clientId,
    bundle_id: member.bundleId,
    connection_id: member.id,
    config: {
      iceServers: config.iceServers.map((server) => ({ ...server })),
      iceTransportPolicy: config.iceTransportPolicy,
    },
    mid: { ...offer.mid },
    simulcast: simulcast !== undefined,
    ...(simulcast === undefined || offer.mid.video === undefined ? {} : {
      encodings: simulcast.encodings.map(({ parameters }) => parameters),
    }),
    simulcast_multicodec: false,
    spotlight: request.spotlight !== undefined,
    data_channel_signaling: dataChannels.length > 0,
    ignore_disconnect_websocket: admission.ignoresWebSocket,
    ...(dataChannels.length === 0 ? {} : {
      data_channels: dataChannels.map(offeredDataChannel),
      ...(rpcMethods.length === 0 ? {} : { rpc_methods: rpcMethods }),
      ...(simulcast === undefined || request.spotlight !== undefined
        ? {}
        : { simulcast_rpc_rids: simulcast.rpcRids }),
    }),
    ...(grant?.metadata === undefined ? {} : { metadata: grant.metadata }),
    audio: audio !== undefined,
    ...(audio === undefined ? {} : {
      audio_codec_type: "OPUS",
      ...(audio.bitRate === undefined ? {} : { audio_bit_rate: audio.bitRate }),
    }),
    video: video !== undefined,
    ...(video === undefined ? {} : {
      video_codec_type: video.codecType,
      video_bit_rate: video.bitRate ?? config.defaultVideoBitRate,
    }),
  };
}
