/** `audio` and `video` of the `connect` message: validation and defaults. */
import { isObject, type JsonObject, type JsonValue } from "../../base/json.ts";
import { DEFAULT_VIDEO_PARAMETERS, VIDEO_CODEC_TYPES, type VideoCodecType } from "../sdp/codecs.ts";
import { Refusal, type RefusalReason } from "./refusal.ts";

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

const AUDIO_BIT_RATE = { min: 6, max: 510 };
const VIDEO_BIT_RATE = { min: 1, max: 50_000 };

/**
 * Reads `connect.audio`; undefined when audio is off.
 *
 * @throws Refusal naming the property that is wrong.
 */
export function parseAudio(value: JsonValue | undefined): AudioRequest | undefined {
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

/**
 * Reads `connect.video`; undefined when video is off.
 *
 * @throws Refusal naming the property that is wrong.
 */
export function parseVideo(value: JsonValue | undefined): VideoRequest | undefined {
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
