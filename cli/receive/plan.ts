/**
 * The options of `sora-ffi receive`, and what they describe.
 *
 * @module
 */

import { type MediaPipe, writeMedia } from "../../files/mod.ts";
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
import type { Size } from "../pattern.ts";
import { MAX_TILES } from "./contact_sheet.ts";
import { standardOutput } from "./standard_output.ts";

const MAX_SECONDS = 31_536_000;
const MAX_FRAMES = 1_000_000_000;
const FORMATS = ["matroska", "y4m", "wav"] as const;
const FPS = 30;
/** Of a contact sheet. */
const TILES = 9;

/** The options of `sora-ffi receive`. */
export const RECEIVE_FLAGS: Readonly<Record<string, Option>> = {
  output: {
    value: "FILE",
    summary:
      "where to: .y4m, .wav and .png (a sheet of frames), or through ffmpeg .mp4, .mkv, .webm " +
      "and whatever it knows; - is standard output. A file that is there is replaced",
  },
  format: {
    value: "NAME",
    summary: `of standard output: ${FORMATS.join(", ")} (default matroska, uncompressed)`,
  },
  "no-video": { summary: "receive no video" },
  "no-audio": { summary: "receive no audio" },
  "simulcast-request-rid": {
    value: "NAME",
    summary: "the layer of simulcast to receive: r0, r1, r2 (default: what fits)",
  },
  "data-channel-signaling": { summary: "move signaling to data channels" },
  duration: { value: "SECONDS", summary: "how long to record (default: to the end, or Ctrl-C)" },
  frames: {
    value: "NUMBER",
    summary: `how many frames to record (default: all; of a sheet ${TILES})`,
  },
  every: { value: "SECONDS", summary: "from one frame of a sheet to the next (default 1)" },
  wait: { value: "SECONDS", summary: "how long to wait for somebody who sends (default: Ctrl-C)" },
  size: { value: "WxH", summary: "size of the video (default: that of the first frame)" },
  fps: { value: "NUMBER", summary: `frames per second of the file (default ${FPS})` },
  openh264: { value: "FILE", summary: "path of Cisco's OpenH264, for H264" },
  ...CONNECTION_FLAGS,
};

/** What is received, and where to. */
export interface ReceivePlan {
  readonly output: string | MediaPipe;
  /** As it is given. */
  readonly name: string;
  readonly isSheet: boolean;
  readonly video: boolean;
  readonly audio: boolean;
  readonly durationMs: number | undefined;
  readonly frames: number | undefined;
  readonly everyMs: number;
  readonly waitMs: number | undefined;
  readonly size: Size | undefined;
  readonly fps: number;
  /** Options of ffmpeg's output. */
  readonly arguments: readonly string[];
  readonly openh264: string | undefined;
  readonly connection: SoraConnectionOptions;
}

/** What a file can have, by its ending. */
function kindsOf(ending: string) {
  return { video: ending !== "wav", audio: ending !== "y4m" && ending !== "png" };
}

/** What lets the encoders of a format keep up with real time. */
function argumentsOf(ending: string): readonly string[] {
  if (["mp4", "m4v", "mov", "mkv"].includes(ending)) return ["-preset", "veryfast"];
  return ending === "webm" ? ["-deadline", "realtime", "-cpu-used", "8"] : [];
}

function outputOf(values: Values) {
  const name = textOf(values, "output") ?? "";
  if (name === "") {
    throw new UsageError("--output must name a file, recorded.mp4 for instance, or be -");
  }
  const format = choiceOf(values, "format", FORMATS);
  if (name === "-") {
    const chosen = format ?? "matroska";
    return { name, output: standardOutput(chosen), ending: chosen as string };
  }
  if (format !== undefined) {
    throw new UsageError("--format is for standard output: a file's ending names its format");
  }
  const [, ending = ""] = /\.([a-z0-9]+)$/i.exec(name) ?? [];
  return { name, output: name, ending: ending.toLowerCase() };
}

/** Options that are for sheets alone, and the other way round. */
function checkSheet(values: Values, isSheet: boolean): void {
  const wrong = isSheet ? ["duration", "fps", "size"] : ["every"];
  const given = wrong.find((name) => values[name] !== undefined);
  if (given === undefined) return;
  throw new UsageError(
    isSheet
      ? `--${given} is not for sheets: --frames and --every are`
      : `--${given} is for sheets: --output must end in .png`,
  );
}

/**
 * Reads what is received.
 *
 * @throws {UsageError} An option is wrong.
 */
export function receivePlan(values: Values): ReceivePlan {
  const { name, output, ending } = outputOf(values);
  const isSheet = ending === "png";
  checkSheet(values, isSheet);
  const kinds = kindsOf(ending);
  const video = kinds.video && values["no-video"] !== true;
  const audio = kinds.audio && values["no-audio"] !== true;
  if (!video && !audio) {
    throw new UsageError(
      kinds.video && kinds.audio
        ? "--no-video and --no-audio exclude each other"
        : `--no-${kinds.video ? "video" : "audio"} leaves nothing for ${name}`,
    );
  }
  const seconds = (name: string, min: number) => {
    const value = numberOf(values, name, min, MAX_SECONDS);
    return value === undefined ? undefined : value * 1_000;
  };
  const frames = integerOf(values, "frames", 1, isSheet ? MAX_TILES : MAX_FRAMES);
  if (frames !== undefined && !video) throw new UsageError("--frames needs video");
  const rid = choiceOf(values, "simulcast-request-rid", ["r0", "r1", "r2"]);
  return {
    output,
    name,
    isSheet,
    video,
    audio,
    durationMs: seconds("duration", 0.1),
    frames: frames ?? (isSheet ? TILES : undefined),
    everyMs: seconds("every", 0.01) ?? 1_000,
    waitMs: seconds("wait", 0.1),
    size: sizeOf(values, "size"),
    fps: numberOf(values, "fps", 1, 120) ?? FPS,
    arguments: argumentsOf(ending),
    openh264: textOf(values, "openh264"),
    connection: {
      ...connectionOptions(values),
      ...LEAVING,
      role: "recvonly",
      video,
      audio,
      // In the file, what was seen and heard together stays together.
      sync: true,
      ...(rid === undefined ? {} : { simulcast: true, simulcastRequestRid: rid }),
      dataChannelSignaling: values["data-channel-signaling"] === true ? true : undefined,
    },
  };
}

/** The form of recorded audio. */
export const AUDIO = { sampleRate: 48_000, channels: 2 } as const;

/** Opens the output of a plan. */
export function openOutput(
  { output, fps, size, arguments: args }: ReceivePlan,
  first: Size | undefined,
  hasAudio: boolean,
) {
  return writeMedia(output, {
    video: first === undefined ? undefined : { ...(size ?? first), frameRate: fps },
    audio: hasAudio ? AUDIO : undefined,
    arguments: args,
  });
}
