/**
 * Media decoded by ffmpeg: files, streams, cameras, microphones and what lavfi makes.
 *
 * @module
 */

import {
  checkBoolean,
  checkEach,
  checkInstance,
  checkInteger,
  checkNonEmptyString,
  checkNumber,
  checkObject,
  checkString,
  optional,
  type Unchecked,
} from "../base/checks.ts";
import { type AviHeader, AviReader } from "./avi.ts";
import { Bytes } from "./bytes.ts";
import { Ffmpeg, fileArgument } from "./ffmpeg.ts";
import { MediaReader } from "./media_reader.ts";

/** An input in ffmpeg's words, for what is no file: a camera, a microphone, `lavfi`, a URL. */
export interface MediaInput {
  /** What `-i` names: `/dev/video0`, `testsrc2=size=640x360`, `rtsp://…`. */
  readonly input: string;
  /** The input's format (`-f`): `v4l2`, `pulse`, `avfoundation`, `dshow`, `lavfi`. Default: ffmpeg finds out. */
  readonly format?: string | undefined;
  /** Further options of the input, each word by itself: `["-framerate", "30"]`. They are ffmpeg's, and never pass through a shell. */
  readonly arguments?: readonly string[] | undefined;
}

/** The form that video is brought into. */
export interface ReadVideoOptions {
  /** Width in pixels. Default: that of the input, or what keeps the proportions when the height is given. */
  readonly width?: number | undefined;
  /** Height in pixels. Default: that of the input, or what keeps the proportions when the width is given. */
  readonly height?: number | undefined;
  /** Frames per second. Default: those of the input. */
  readonly frameRate?: number | undefined;
}

/** The form that audio is brought into. */
export interface ReadAudioOptions {
  /** Sample rate in Hz. Default: 48,000. */
  readonly sampleRate?: number | undefined;
  /** Number of channels. Default: 2. */
  readonly channels?: number | undefined;
}

/** Options of {@link readMedia}. */
export interface ReadMediaOptions {
  /** `false` leaves it out, `true` or its form require it. Default: the first video if there is one; a picture of an album is none. */
  readonly video?: boolean | ReadVideoOptions | undefined;
  /** `false` leaves it out, `true` or its form require it. Default: the first audio if there is one. */
  readonly audio?: boolean | ReadAudioOptions | undefined;
  /** Where to begin, in milliseconds. Default: 0. */
  readonly startMs?: number | undefined;
  /** Where to end, counted from the beginning, in milliseconds. Default: where the input ends. */
  readonly durationMs?: number | undefined;
  /** Begins again at the end, without end; timestamps go on. For files. Default: `false`. */
  readonly loop?: boolean | undefined;
  /** ffmpeg's name in `PATH`, or its path. Default: `ffmpeg`. */
  readonly ffmpeg?: string | undefined;
  /** Ends the wait for an input that gives nothing yet, a camera or a stream for instance. */
  readonly signal?: AbortSignal | undefined;
}

const INPUT = ["input", "format", "arguments"] as const;
const VIDEO = ["width", "height", "frameRate"] as const;
const AUDIO = ["sampleRate", "channels"] as const;
const OPTIONS = ["video", "audio", "startMs", "durationMs", "loop", "ffmpeg", "signal"] as const;
const MAX_SIDE = 16_384;
const MAX_MS = 1e12;
const SAMPLE_RATE = 48_000;
const CHANNELS = 2;

/** Which of the two are wanted, and in which form. */
type Wanted<T> = T | false | undefined;

function wanted<T>(
  from: Unchecked,
  key: "video" | "audio",
  check: (value: unknown, path: string) => T,
): Wanted<T> {
  const value = from[key];
  if (value === undefined || value === false) return value;
  return check(value === true ? {} : value, `options.${key}`);
}

function checkVideo(value: unknown, path: string): ReadVideoOptions {
  const from = checkObject(value, path, VIDEO);
  const side = (v: unknown, p: string) => checkInteger(v, p, 1, MAX_SIDE);
  return {
    ...optional(from, "width", path, side),
    ...optional(from, "height", path, side),
    ...optional(from, "frameRate", path, (v, p) => checkNumber(v, p, 0.1, 1_000)),
  };
}

function checkAudio(value: unknown, path: string): ReadAudioOptions {
  const from = checkObject(value, path, AUDIO);
  return {
    ...optional(from, "sampleRate", path, (v, p) => checkInteger(v, p, 8_000, 192_000)),
    ...optional(from, "channels", path, (v, p) => checkInteger(v, p, 1, 8)),
  };
}

/** The input's arguments, and its name for errors. */
function inputOf(value: unknown): { readonly args: readonly string[]; readonly name: string } {
  if (typeof value === "string") {
    const path = checkNonEmptyString(value, "input");
    return { args: ["-i", fileArgument(path)], name: path };
  }
  const from = checkObject(value, "input", INPUT, ["input"]);
  const input = checkNonEmptyString(from.input, "input.input");
  const { format } = optional(from, "format", "input", (v, p) => checkNonEmptyString(v, p));
  const { arguments: more = [] } = optional(
    from,
    "arguments",
    "input",
    (v, p) => checkEach(v, p, (v, p) => checkString(v, p)),
  );
  return {
    args: [...(format === undefined ? [] : ["-f", format]), ...more, "-i", input],
    name: format === undefined ? input : `${format} ${input}`,
  };
}

function videoFilter({ width, height, frameRate }: ReadVideoOptions): string {
  return [
    ...(frameRate === undefined ? [] : [`fps=${frameRate}`]),
    ...(width === undefined && height === undefined
      ? []
      // -2: what keeps the proportions, even.
      : [`scale=${width ?? -2}:${height ?? -2}`]),
    "format=yuv420p",
  ].join(",");
}

/** The arguments of what is wanted, or not. */
function outputs(
  video: Wanted<ReadVideoOptions>,
  audio: Wanted<ReadAudioOptions>,
): readonly string[] {
  return [
    ...(video === false ? ["-vn"] : [
      ...["-map", `0:V:0${video === undefined ? "?" : ""}`],
      ...["-vf", videoFilter(video ?? {}), "-c:v", "rawvideo"],
    ]),
    ...(audio === false ? ["-an"] : [
      ...["-map", `0:a:0${audio === undefined ? "?" : ""}`],
      // Where audio begins late or has a gap, there is silence: its time is that of its samples.
      ...["-af", "aresample=async=1:first_pts=0", "-c:a", "pcm_s16le"],
      ...["-ar", String(audio?.sampleRate ?? SAMPLE_RATE)],
      ...["-ac", String(audio?.channels ?? CHANNELS)],
    ]),
    ...["-sn", "-dn", "-map_metadata", "-1"],
  ];
}

const seconds = (ms: number) => String(ms / 1_000);

/** Waits for what ffmpeg makes of its input. */
async function readHeader(
  ffmpeg: Ffmpeg,
  avi: AviReader,
  signal: AbortSignal | undefined,
): Promise<AviHeader> {
  const abort = () => void ffmpeg[Symbol.asyncDispose]();
  signal?.addEventListener("abort", abort);
  try {
    const header = await avi.header();
    signal?.throwIfAborted();
    if (header === undefined) throw await ffmpeg.failure();
    return header;
  } catch (error) {
    await ffmpeg[Symbol.asyncDispose]();
    throw error;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

/**
 * Reads media, decoded by ffmpeg, which must be installed: frames of video and blocks of audio in the order of their time, no faster
 * than they are taken.
 *
 * @example
 * ```ts
 * import { readMedia } from "sora-ffi/files";
 *
 * // A file by its path, or an input in ffmpeg's words.
 * await using media = await readMedia({ format: "lavfi", input: "testsrc2=size=320x240:rate=10" }, {
 *   durationMs: 500,
 * });
 * let frames = 0;
 * for await (const item of media) {
 *   if (item.kind === "video") frames++;
 * }
 * console.log(frames, media.video?.width, media.audio); // 5 320 undefined
 * ```
 *
 * @param input A file by its path, or an input in ffmpeg's words.
 * @throws {TypeError} An argument is wrong.
 * @throws {RangeError} A number is outside its limits.
 * @throws {SoraError} `FFMPEG_NOT_FOUND`, `FFMPEG_FAILED`: it refuses the input, or the input has neither video nor audio. When
 * `signal` was aborted: its reason.
 */
export async function readMedia(
  input: string | MediaInput,
  options: ReadMediaOptions = {},
): Promise<MediaReader> {
  const { args, name } = inputOf(input);
  const from = checkObject(options, "options", OPTIONS);
  const video = wanted(from, "video", checkVideo);
  const audio = wanted(from, "audio", checkAudio);
  if (video === false && audio === false) {
    throw new TypeError("options.video and options.audio must not both be false");
  }
  const time = (v: unknown, p: string) => checkNumber(v, p, 0, MAX_MS);
  const { startMs } = optional(from, "startMs", "options", time);
  const { durationMs } = optional(from, "durationMs", "options", time);
  const { loop = false } = optional(from, "loop", "options", checkBoolean);
  const { ffmpeg: program = "ffmpeg" } = optional(
    from,
    "ffmpeg",
    "options",
    (v, p) => checkNonEmptyString(v, p),
  );
  const { signal } = optional(
    from,
    "signal",
    "options",
    (v, p) => checkInstance(v, p, AbortSignal),
  );
  signal?.throwIfAborted();
  const ffmpeg = new Ffmpeg(program, `read ${name}`, [
    ...(loop ? ["-stream_loop", "-1"] : []),
    ...(startMs === undefined ? [] : ["-ss", seconds(startMs)]),
    ...args,
    ...outputs(video, audio),
    ...(durationMs === undefined ? [] : ["-t", seconds(durationMs)]),
    ...["-f", "avi", "-flush_packets", "1", "pipe:1"],
  ], "stdout");
  const avi = new AviReader(new Bytes(ffmpeg.stdout));
  return new MediaReader(ffmpeg, avi, await readHeader(ffmpeg, avi, signal));
}
