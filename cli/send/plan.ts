/**
 * The options of `sora-ffi send`, and what they describe.
 *
 * @module
 */

import type { SoraConnectionOptions } from "../../mod.ts";
import {
  choiceOf,
  integerOf,
  numberOf,
  type Option,
  textOf,
  UsageError,
  type Values,
} from "../command.ts";
import { CONNECTION_FLAGS, connectionOptions } from "../connection/flags.ts";
import { LEAVING } from "../connection/membership.ts";
import { sizeOf } from "../load/plan.ts";
import { type FeedOptions, parseSources, type Source } from "./source.ts";

const CODECS = ["VP8", "VP9", "AV1", "H264", "H265"] as const;
const MAX_SECONDS = 31_536_000;

/** The options of `sora-ffi send`. */
export const SEND_FLAGS: Readonly<Record<string, Option>> = {
  "video-codec": { value: "NAME", summary: `${CODECS.join(", ")} (default VP8)` },
  "video-bit-rate": { value: "KBPS", summary: "bit rate of the video (default: the server's)" },
  "audio-bit-rate": { value: "KBPS", summary: "bit rate of the audio (default: the server's)" },
  "no-video": { summary: "send no video" },
  "no-audio": { summary: "send no audio" },
  simulcast: { summary: "send several sizes of the video" },
  "data-channel-signaling": { summary: "move signaling to data channels" },
  size: { value: "WxH", summary: "size of the video (default: that of SOURCE; testsrc: 640x360)" },
  fps: {
    value: "NUMBER",
    summary: "frames per second (default: those of SOURCE; testsrc: 30)",
  },
  start: { value: "SECONDS", summary: "where in a file to begin" },
  loop: { summary: "begin a file again at its end" },
  duration: { value: "SECONDS", summary: "how long to send (default: to the end, or Ctrl-C)" },
  openh264: { value: "FILE", summary: "path of Cisco's OpenH264, for H264" },
  ...CONNECTION_FLAGS,
};

/** What is sent, and how. */
export interface SendPlan {
  readonly sources: readonly Source[];
  readonly feed: FeedOptions;
  readonly durationMs: number | undefined;
  readonly openh264: string | undefined;
  /** Options of the connection but for the sources and what they lack. */
  readonly connection: SoraConnectionOptions;
}

/**
 * Reads what is sent.
 *
 * @throws {UsageError} An option is wrong.
 */
export function sendPlan(values: Values, words: readonly string[]): SendPlan {
  const sources = parseSources(words);
  const video = values["no-video"] !== true;
  const audio = values["no-audio"] !== true;
  if (!video && !audio) throw new UsageError("--no-video and --no-audio exclude each other");
  if (sources.length > 1 && !(video && audio)) {
    throw new UsageError("two sources are one of video and one of audio: leave one of them out");
  }
  const loop = values["loop"] === true;
  const start = numberOf(values, "start", 0, MAX_SECONDS);
  const isFile = sources.every(({ input }) => typeof input === "string");
  if (!isFile && (loop || start !== undefined)) {
    throw new UsageError(
      `--${loop ? "loop" : "start"} is for files, and ${sources[0]?.word} is none`,
    );
  }
  const seconds = numberOf(values, "duration", 0.1, MAX_SECONDS);
  return {
    sources,
    feed: {
      video,
      audio,
      size: sizeOf(values, "size"),
      fps: numberOf(values, "fps", 1, 120),
      loop,
      startMs: start === undefined ? undefined : start * 1_000,
    },
    durationMs: seconds === undefined ? undefined : seconds * 1_000,
    openh264: textOf(values, "openh264"),
    connection: {
      ...connectionOptions(values),
      ...LEAVING,
      role: "sendonly",
      videoCodecType: video ? choiceOf(values, "video-codec", CODECS) ?? "VP8" : undefined,
      videoBitRate: integerOf(values, "video-bit-rate", 1, 50_000),
      audioBitRate: integerOf(values, "audio-bit-rate", 6, 510),
      simulcast: values["simulcast"] === true ? true : undefined,
      dataChannelSignaling: values["data-channel-signaling"] === true ? true : undefined,
    },
  };
}
