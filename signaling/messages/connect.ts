/**
 * The message `connect`, built from the options.
 *
 * @module
 */

import type { ConnectDataChannel, ConnectMessage } from "./client.ts";
import type { DataChannelOptions, SignalingOptions } from "../options/options.ts";

/** The client as it describes itself, for the logs of the server. */
export interface ClientInformation {
  /** Name and version of the SDK. */
  readonly soraClient: string;
  /** Architecture, operating system and runtime. */
  readonly environment?: string;
  /** Version of libwebrtc. */
  readonly libwebrtc?: string;
}

/** Properties that are neither unset nor empty. */
function set<T extends object>(properties: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const kept = Object.entries(properties)
    .filter(([, value]) => value !== undefined && value !== null && value !== "");
  return Object.fromEntries(kept) as { [K in keyof T]?: NonNullable<T[K]> };
}

/** A codec's parameters, or nothing when none is set. */
function params<T extends object>(given: T | undefined): T | undefined {
  return given === undefined || Object.keys(given).length === 0 ? undefined : given;
}

/** `false` when disabled, `true` without settings, otherwise the settings. */
function media<T extends object>(enabled: boolean | undefined, settings: T): boolean | T {
  if (enabled === false) return false;
  return Object.keys(settings).length === 0 ? true : settings;
}

function dataChannel(channel: DataChannelOptions): ConnectDataChannel {
  return {
    label: channel.label,
    direction: channel.direction,
    ...set({
      ordered: channel.ordered,
      max_packet_life_time: channel.maxPacketLifeTime,
      max_retransmits: channel.maxRetransmits,
      protocol: channel.protocol,
      compress: channel.compress,
      header: channel.header,
    }),
  };
}

/** A list, or nothing when it is empty. */
function list<T, U>(items: readonly T[] | undefined, convert: (item: T) => U): U[] | undefined {
  return items === undefined || items.length === 0 ? undefined : items.map(convert);
}

/** Builds `connect`. Unset options leave their key out; `redirected`: whether a `redirect` led here. */
export function buildConnectMessage(
  options: SignalingOptions,
  client: ClientInformation,
  redirected: boolean,
): ConnectMessage {
  const video = set({
    codec_type: options.videoCodecType,
    bit_rate: options.videoBitRate,
    vp9_params: params(options.videoVP9Params),
    av1_params: params(options.videoAV1Params),
    h264_params: params(options.videoH264Params),
    h265_params: params(options.videoH265Params),
  });
  const audio = set({
    codec_type: options.audioCodecType,
    bit_rate: options.audioBitRate,
    opus_params: params(options.audioOpusParams),
  });
  return {
    type: "connect",
    role: options.role,
    channel_id: options.channelId,
    sora_client: client.soraClient,
    ...set({ libwebrtc: client.libwebrtc, environment: client.environment }),
    ...(redirected ? { redirect: true as const } : {}),
    ...set({
      client_id: options.clientId,
      bundle_id: options.bundleId,
      simulcast: options.simulcast,
      simulcast_rid: options.simulcastRid,
      simulcast_request_rid: options.simulcastRequestRid,
      spotlight: options.spotlight,
      spotlight_number: options.spotlightNumber,
      spotlight_focus_rid: options.spotlightFocusRid,
      spotlight_unfocus_rid: options.spotlightUnfocusRid,
    }),
    // Unlike in the other options, an empty string is a value here.
    ...(options.metadata === undefined || options.metadata === null
      ? {}
      : { metadata: options.metadata }),
    ...(options.signalingNotifyMetadata === undefined || options.signalingNotifyMetadata === null
      ? {}
      : { signaling_notify_metadata: options.signalingNotifyMetadata }),
    video: media(options.video, video),
    audio: media(options.audio, audio),
    ...set({
      audio_streaming_language_code: options.audioStreamingLanguageCode,
      data_channel_signaling: options.dataChannelSignaling,
      ignore_disconnect_websocket: options.ignoreDisconnectWebSocket,
      data_channels: list(options.dataChannels, dataChannel),
      forwarding_filter: options.forwardingFilter,
      forwarding_filters: list(options.forwardingFilters, (filter) => filter),
    }),
  };
}
