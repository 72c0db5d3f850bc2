/** The `connect` message: validation and defaults. */
import { DEFAULT_VIDEO_PARAMETERS, VIDEO_CODEC_TYPES, type VideoCodecType } from "../sdp/codecs.ts";
import { type DataChannelSettings, parseDataChannels } from "../data/data_channel_settings.ts";
import { type ForwardingFilter, parseForwardingFilters } from "./forwarding_filter.ts";
import { isObject, type JsonObject, type JsonValue } from "../../base/json.ts";
import { isTooLarge } from "./member_metadata.ts";
import { REQUEST_RIDS } from "../sdp/rids.ts";
import {
  parseSpotlight,
  type SpotlightRequest,
  withSpotlightSimulcast,
} from "./spotlight_request.ts";
import { invalid, reasonName, Refusal, type RefusalReason } from "./refusal.ts";
import { parseSimulcast, type SimulcastRequest } from "./simulcast.ts";

/** What a member does in its channel. */
export type Role = "sendrecv" | "sendonly" | "recvonly";

/** The audio that a client requests. */
export interface AudioRequest {
  /** kbit/s. */
  readonly bitRate?: number;
  /** Format parameters of Opus (RFC 7587), ready for `a=fmtp`. */
  readonly parameters: string;
}

/** The video that a client requests. */
export interface VideoRequest {
  readonly codecType: VideoCodecType;
  /** kbit/s. */
  readonly bitRate?: number;
  /** Format parameters, ready for `a=fmtp`. */
  readonly parameters: string;
}

/** A valid `connect` message. */
export interface ConnectRequest {
  readonly role: Role;
  readonly channelId: string;
  readonly clientId?: string;
  readonly bundleId?: string;
  /** Absent when audio is off. */
  readonly audio?: AudioRequest;
  /** Absent when video is off. */
  readonly video?: VideoRequest;
  /** Absent when simulcast is off. */
  readonly simulcast?: SimulcastRequest;
  readonly notifyMetadata?: JsonValue;
  /** Absent without spotlight. */
  readonly spotlight?: SpotlightRequest;
  /** Whether the client was redirected here. */
  readonly redirected: boolean;
  /** The server's option decides if undefined. */
  readonly dataChannelSignaling?: boolean;
  readonly ignoreDisconnectWebSocket?: boolean;
  readonly dataChannels: readonly DataChannelSettings[];
  readonly forwardingFilters: readonly ForwardingFilter[];
}

/** Properties that describe the client, and change nothing. */
const DESCRIPTIONS = ["sora_client", "libwebrtc", "environment", "sdp"];

const MAX_ID_BYTES = 255;
const AUDIO_BIT_RATE = { min: 6, max: 510 };
const VIDEO_BIT_RATE = { min: 1, max: 50_000 };

/**
 * Reads a `connect` message.
 *
 * @throws Refusal naming the property that is wrong.
 */
export function parseConnect(message: JsonObject): ConnectRequest {
  const role = message.role;
  if (role !== "sendrecv" && role !== "sendonly" && role !== "recvonly") {
    throw new Refusal(
      role === undefined ? "MISSING-ROLE" : "INVALID-ROLE",
      "connect.role must be sendrecv, sendonly or recvonly",
    );
  }
  const channelId = id(message, "channel_id");
  if (channelId === undefined) {
    throw new Refusal("MISSING-CHANNEL-ID", "connect.channel_id must be given");
  }
  const clientId = id(message, "client_id");
  const bundleId = id(message, "bundle_id");
  const asked = withSpotlightSimulcast(message);
  checkCombinations(asked);
  for (const key of DESCRIPTIONS) {
    if (message[key] !== undefined && typeof message[key] !== "string") {
      throw new Refusal(invalid(key), `connect.${key} must be a string`);
    }
  }
  const dataChannelSignaling = boolean(message, "data_channel_signaling");
  const ignoreDisconnectWebSocket = boolean(message, "ignore_disconnect_websocket");
  const audio = parseAudio(message.audio);
  const video = parseVideo(message.video);
  const spotlight = parseSpotlight(message);
  const simulcast = parseSimulcast(asked);
  if (
    message.signaling_notify_metadata !== undefined && isTooLarge(message.signaling_notify_metadata)
  ) {
    throw new Refusal(
      invalid("signaling_notify_metadata"),
      "connect.signaling_notify_metadata is too large",
    );
  }
  return {
    role,
    channelId,
    ...(clientId === undefined ? {} : { clientId }),
    ...(bundleId === undefined ? {} : { bundleId }),
    ...(audio === undefined ? {} : { audio }),
    ...(video === undefined ? {} : { video }),
    ...(simulcast === undefined ? {} : { simulcast }),
    ...(spotlight === undefined ? {} : { spotlight }),
    redirected: boolean(message, "redirect") ?? false,
    ...(dataChannelSignaling === undefined ? {} : { dataChannelSignaling }),
    ...(ignoreDisconnectWebSocket === undefined ? {} : { ignoreDisconnectWebSocket }),
    dataChannels: parseDataChannels(message.data_channels),
    forwardingFilters: parseForwardingFilters(message),
    ...(message.signaling_notify_metadata === undefined
      ? {}
      : { notifyMetadata: message.signaling_notify_metadata }),
  };
}

function boolean(message: JsonObject, key: string): boolean | undefined {
  const value = message[key];
  if (value !== undefined && typeof value !== "boolean") {
    throw new Refusal(invalid(key), `connect.${key} must be a boolean`);
  }
  return value;
}

const RIDS: readonly JsonValue[] = REQUEST_RIDS;
const SIMULCAST_RIDS = ["simulcast_rid", "simulcast_request_rid"];
/** Properties that need another one to be true. */
const DEPENDENT: readonly (readonly [needed: string, properties: readonly string[]])[] = [
  [
    "simulcast",
    [...SIMULCAST_RIDS, "simulcast_encodings", "simulcast_rpc_rids", "simulcast_multicodec"],
  ],
  [
    "spotlight",
    ["spotlight_focus_rid", "spotlight_unfocus_rid", "spotlight_number", "spotlight_encodings"],
  ],
];

/** Checks properties that need another one, or that have few values. */
function checkCombinations(message: JsonObject): void {
  for (const key of ["multistream", "simulcast", "simulcast_multicodec", "spotlight"]) {
    boolean(message, key);
  }
  for (const [needed, properties] of DEPENDENT) {
    if (message[needed] === true) continue;
    const stray = properties.find((key) => message[key] !== undefined && message[key] !== false);
    if (stray !== undefined) {
      throw new Refusal(
        `${reasonName(stray)}-WITHOUT-${reasonName(needed)}`,
        `connect.${stray} needs ${needed} to be true`,
      );
    }
  }
  for (const key of SIMULCAST_RIDS) {
    const value = message[key];
    if (value !== undefined && !RIDS.includes(value)) {
      throw new Refusal(invalid(key), `connect.${key} must be one of ${RIDS.join(", ")}`);
    }
  }
}

/** Whether a value may be the id of a channel, a client or a bundle. */
export function isId(value: unknown): value is string {
  return typeof value === "string" && value !== "" &&
    new TextEncoder().encode(value).length <= MAX_ID_BYTES;
}

function id(message: JsonObject, key: string): string | undefined {
  const value = message[key];
  if (value === undefined) return undefined;
  if (!isId(value)) {
    throw new Refusal(invalid(key), `connect.${key} must be a string of 1 to 255 bytes`);
  }
  return value;
}

function parseAudio(value: JsonValue | undefined): AudioRequest | undefined {
  const fail = (detail: string) => new Refusal("INVALID-AUDIO-FORMAT", detail);
  if (value === false) return undefined;
  if (value === undefined || value === true) return { parameters: opusParameters({}, fail) };
  if (!isObject(value)) throw fail("connect.audio must be a boolean or an object");
  if (value.codec_type !== undefined && value.codec_type !== "OPUS") {
    throw new Refusal("UNKNOWN-CODEC-TYPE", "connect.audio.codec_type must be OPUS");
  }
  const bitRate = integer(value, "bit_rate", AUDIO_BIT_RATE, "connect.audio", fail);
  const opus = value.opus_params ?? {};
  if (!isObject(opus)) throw fail("connect.audio.opus_params must be an object");
  const parameters = opusParameters(opus, fail);
  return bitRate === undefined ? { parameters } : { parameters, bitRate };
}

type Fail = (detail: string) => Refusal;

const OPUS_INTEGERS: readonly [name: string, min: number, max: number, sdp: string | undefined][] =
  [
    ["channels", 1, 255, undefined],
    ["clock_rate", 8000, 48_000, undefined],
    ["maxplaybackrate", 8000, 48_000, "maxplaybackrate"],
    ["minptime", 3, 120, "minptime"],
    ["ptime", 3, 120, "ptime"],
  ];

const OPUS_FLAGS: readonly [name: string, sdp: string][] = [
  ["stereo", "stereo"],
  ["sprop_stereo", "sprop-stereo"],
  ["useinbandfec", "useinbandfec"],
  ["usedtx", "usedtx"],
];

function opusParameters(opus: JsonObject, fail: Fail): string {
  const parameters = new Map<string, number>([["minptime", 10], ["useinbandfec", 1]]);
  // Both sides of a source of two channels keep them apart without asking, as with Sora.
  if (opus.channels !== 1) parameters.set("stereo", 1);
  for (const [name, min, max, sdp] of OPUS_INTEGERS) {
    const value = integer(opus, name, { min, max }, "connect.audio.opus_params", fail);
    if (value !== undefined && sdp !== undefined) parameters.set(sdp, value);
  }
  for (const [name, sdp] of OPUS_FLAGS) {
    const value = opus[name];
    if (value === undefined) continue;
    if (typeof value !== "boolean") {
      throw fail(`connect.audio.opus_params.${name} must be a boolean`);
    }
    parameters.set(sdp, value ? 1 : 0);
  }
  return [...parameters].map(([name, value]) => `${name}=${value}`).join(";");
}

function parseVideo(value: JsonValue | undefined): VideoRequest | undefined {
  const fail = (detail: string) => new Refusal("INVALID-VIDEO-FORMAT", detail);
  if (value === false) return undefined;
  if (value === undefined || value === true) {
    return { codecType: "VP9", parameters: DEFAULT_VIDEO_PARAMETERS.VP9 };
  }
  if (!isObject(value)) throw fail("connect.video must be a boolean or an object");
  const codecType = value.codec_type ?? "VP9";
  const known = VIDEO_CODEC_TYPES.find((type) => type === codecType);
  if (known === undefined) {
    const reason: RefusalReason = typeof codecType === "string"
      ? "UNKNOWN-CODEC-TYPE"
      : "INVALID-VIDEO-FORMAT";
    throw new Refusal(
      reason,
      `connect.video.codec_type must be one of ${VIDEO_CODEC_TYPES.join(", ")}`,
    );
  }
  const bitRate = integer(value, "bit_rate", VIDEO_BIT_RATE, "connect.video", fail);
  const parameters = videoParameters(known, value, fail);
  return bitRate === undefined
    ? { codecType: known, parameters }
    : { codecType: known, parameters, bitRate };
}

function videoParameters(type: VideoCodecType, video: JsonObject, fail: Fail): string {
  const section = (name: string) => {
    const value = video[name] ?? {};
    if (!isObject(value)) throw fail(`connect.video.${name} must be an object`);
    return value;
  };
  // All are checked, so that a mistake does not hide behind another codec type.
  const vp9 = integer(section("vp9_params"), "profile_id", { min: 0, max: 3 }, "vp9_params", fail);
  const av1 = integer(section("av1_params"), "profile", { min: 0, max: 2 }, "av1_params", fail);
  const level = integer(
    section("h265_params"),
    "level_id",
    { min: 1, max: 255 },
    "h265_params",
    fail,
  );
  const h264 = section("h264_params").profile_level_id;
  if (h264 !== undefined && (typeof h264 !== "string" || !/^[0-9a-fA-F]{6}$/.test(h264))) {
    throw fail("connect.video.h264_params.profile_level_id must be six hexadecimal digits");
  }
  for (const other of VIDEO_CODEC_TYPES) {
    const name = `${other.toLowerCase()}_params`;
    if (other !== type && video[name] !== undefined) {
      throw new Refusal(
        `${other}-PARAMS-WITHOUT-${other}`,
        `connect.video.${name} needs codec_type ${other}`,
      );
    }
  }
  switch (type) {
    case "VP9":
      return `profile-id=${vp9 ?? 0}`;
    case "AV1":
      return DEFAULT_VIDEO_PARAMETERS.AV1.replace("profile=0", `profile=${av1 ?? 0}`);
    case "H264":
      return h264 === undefined
        ? DEFAULT_VIDEO_PARAMETERS.H264
        : DEFAULT_VIDEO_PARAMETERS.H264.replace("42e034", h264.toLowerCase());
    case "H265":
      return DEFAULT_VIDEO_PARAMETERS.H265.replace("level-id=180", `level-id=${level ?? 180}`);
    case "VP8":
      return DEFAULT_VIDEO_PARAMETERS.VP8;
  }
}

function integer(
  object: JsonObject,
  key: string,
  range: { min: number; max: number },
  path: string,
  fail: Fail,
): number | undefined {
  const value = object[key];
  if (value === undefined) return undefined;
  if (
    typeof value !== "number" || !Number.isInteger(value) || value < range.min || value > range.max
  ) {
    throw fail(`${path}.${key} must be an integer from ${range.min} to ${range.max}`);
  }
  return value;
}
