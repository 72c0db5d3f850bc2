/**
 * Media written to files and pipes: by ffmpeg in any format, YUV4MPEG2 and WAVE without it.
 *
 * @module
 */

import {
  checkEach,
  checkFunction,
  checkInteger,
  checkNonEmptyString,
  checkNumber,
  checkObject,
  checkOneOf,
  checkString,
  optional,
} from "../base/checks.ts";
import { type ByteSink, FfmpegSink, FileSink } from "./byte_sink.ts";
import { Ffmpeg, fileArgument } from "./ffmpeg.ts";
import type { MediaAudio, MediaVideo } from "./media.ts";
import { MatroskaMuxer, type Muxer, WavMuxer, Y4mMuxer } from "./media_muxer.ts";
import { MediaWriter } from "./media_writer.ts";

/** A pipe that takes bytes: standard output, for instance. */
export interface MediaPipe {
  /** YUV4MPEG2, which has video; WAVE, which has audio; Matroska, which has either or both, uncompressed. */
  readonly format: "y4m" | "wav" | "matroska";
  /** Takes bytes in order; their buffer is used again once it resolves. */
  write(bytes: Uint8Array): Promise<void>;
}

/** Options of {@link writeMedia}. */
export interface WriteMediaOptions {
  /**
   * The size of the video and its frame rate (default 30), a constant one where the format needs that: frames are left out to
   * match it, and repeated in y4m and mp4. A pipe of Matroska has the times as they are given. Default: no video.
   */
  readonly video?: {
    readonly width: number;
    readonly height: number;
    readonly frameRate?: number | undefined;
  } | undefined;
  /** The form of the audio. Default: no audio. */
  readonly audio?: MediaAudio | undefined;
  /** ffmpeg's name of the format (`-f`): for a name without a known ending, and devices. The output is then as ffmpeg has it. */
  readonly format?: string | undefined;
  /** Further options of ffmpeg's output, each word by itself: `["-c:v", "libx265"]`. They never pass through a shell. */
  readonly arguments?: readonly string[] | undefined;
  /** ffmpeg's name in `PATH`, or its path. Default: `ffmpeg`. */
  readonly ffmpeg?: string | undefined;
}

const OPTIONS = ["video", "audio", "format", "arguments", "ffmpeg"] as const;
const MAX_SIDE = 16_384;
const FRAME_RATE = 30;

function checkVideo(value: unknown, path: string): MediaVideo {
  const from = checkObject(value, path, ["width", "height", "frameRate"], ["width", "height"]);
  const rate = (v: unknown, p: string) => checkNumber(v, p, 0.1, 1_000);
  const { frameRate = FRAME_RATE } = optional(from, "frameRate", path, rate);
  return {
    width: checkInteger(from.width, `${path}.width`, 1, MAX_SIDE),
    height: checkInteger(from.height, `${path}.height`, 1, MAX_SIDE),
    frameRate,
  };
}

function checkAudio(value: unknown, path: string): MediaAudio {
  const names = ["sampleRate", "channels"] as const;
  const from = checkObject(value, path, names, names);
  return {
    sampleRate: checkInteger(from.sampleRate, `${path}.sampleRate`, 8_000, 192_000),
    channels: checkInteger(from.channels, `${path}.channels`, 1, 8),
  };
}

/** The muxer of a format, which says what it lacks. */
function muxerOf(
  format: MediaPipe["format"],
  sink: ByteSink,
  video: MediaVideo | undefined,
  audio: MediaAudio | undefined,
): Muxer {
  if (format === "matroska") return new MatroskaMuxer(sink, { video, audio });
  if (format === "y4m") {
    if (audio !== undefined) {
      throw new TypeError("options.audio must be left out: y4m has video alone");
    }
    if (video === undefined) {
      throw new TypeError("options.video must be given: y4m has nothing else");
    }
    return new Y4mMuxer(sink, video);
  }
  if (video !== undefined) {
    throw new TypeError("options.video must be left out: wav has audio alone");
  }
  if (audio === undefined) throw new TypeError("options.audio must be given: wav has nothing else");
  return new WavMuxer(sink, audio);
}

/** What is there before there is a file. */
const NOWHERE: ByteSink = {
  write: () => Promise.resolve(),
  end: () => Promise.resolve(),
  abort: () => Promise.resolve(),
};

/** The format that is written without ffmpeg, by the ending of a name. */
function ownFormat(path: string): "y4m" | "wav" | undefined {
  const [, ending] = /\.(y4m|wav)$/i.exec(path) ?? [];
  return ending?.toLowerCase() as "y4m" | "wav" | undefined;
}

/** What a file has. */
interface MediaForm {
  readonly video: MediaVideo | undefined;
  readonly audio: MediaAudio | undefined;
}

/** ffmpeg with a stream of Matroska for input. */
function startFfmpeg(
  output: string,
  from: WriteMediaOptions,
  { video, audio }: MediaForm,
): Ffmpeg {
  const { format, arguments: more = [], ffmpeg = "ffmpeg" } = from;
  return new Ffmpeg(ffmpeg, `write ${output}`, [
    ...["-y", "-f", "matroska", "-i", "pipe:0"],
    // Frames come when they come; by itself ffmpeg would guess a rate from the first few.
    ...(video === undefined ? [] : ["-pix_fmt", "yuv420p", "-r", String(video.frameRate)]),
    // Where audio is missing there is silence.
    ...(audio === undefined ? [] : ["-af", "aresample=async=1"]),
    ...more,
    ...(format === undefined ? [fileArgument(output)] : ["-f", format, output]),
  ], "stdin");
}

/**
 * Writes media: to a file whose ending names its format, which ffmpeg encodes (mp4, mkv, webm, …) except for `.y4m` and `.wav`,
 * or to a pipe, uncompressed. A file that is there is replaced.
 *
 * @example
 * ```ts
 * import { readFile } from "node:fs/promises";
 * import { writeMedia } from "sora-ffi/files";
 *
 * await using writer = await writeMedia("/tmp/tone.wav", {
 *   audio: { sampleRate: 8_000, channels: 1 },
 * });
 * const samples = Int16Array.from({ length: 8_000 }, (_, i) => 8_000 * Math.sin(i));
 * await writer.writeAudio({ samples, timestampMs: 0 });
 * await writer.close();
 * console.log((await readFile("/tmp/tone.wav")).length); // 16044
 * ```
 *
 * @param output A file by its path, or a pipe.
 * @throws {TypeError} An argument is wrong, or the format lacks what is wanted of it.
 * @throws {RangeError} A number is outside its limits.
 * @throws {SoraError} `FFMPEG_NOT_FOUND`, `FFMPEG_FAILED`. What ffmpeg finds wrong later, the methods of the writer throw.
 */
export async function writeMedia(
  output: string | MediaPipe,
  options: WriteMediaOptions,
): Promise<MediaWriter> {
  const from = checkObject(options, "options", OPTIONS);
  const { video } = optional(from, "video", "options", checkVideo);
  const { audio } = optional(from, "audio", "options", checkAudio);
  if (video === undefined && audio === undefined) {
    throw new TypeError("options.video or options.audio must be given");
  }
  const checked: WriteMediaOptions = {
    ...optional(from, "format", "options", (v, p) => checkNonEmptyString(v, p)),
    ...optional(
      from,
      "arguments",
      "options",
      (v, p) => checkEach(v, p, (v, p) => checkString(v, p)),
    ),
    ...optional(from, "ffmpeg", "options", (v, p) => checkNonEmptyString(v, p)),
  };
  const sink = typeof output === "string" ? undefined : checkPipe(output);
  const path = typeof output === "string" ? checkNonEmptyString(output, "output") : "";
  const own = checked.format === undefined ? ownFormat(path) : undefined;
  const format = typeof output === "string" ? own ?? "matroska" : output.format;
  // What the format lacks is found before there is a file.
  muxerOf(format, NOWHERE, video, audio);
  const opened = sink ??
    (own === undefined
      ? new FfmpegSink(startFfmpeg(path, checked, { video, audio }))
      : await FileSink.open(path));
  const muxer = muxerOf(format, opened, video, audio);
  try {
    await muxer.begin();
  } catch (error) {
    await opened.abort();
    throw error;
  }
  return new MediaWriter(opened, muxer, video, audio);
}

function checkPipe(value: unknown): ByteSink {
  const pipe = checkObject(value, "output", ["format", "write"], ["format", "write"]);
  checkOneOf(pipe.format, "output.format", ["y4m", "wav", "matroska"]);
  const write = checkFunction<MediaPipe["write"]>(pipe.write, "output.write");
  return { ...NOWHERE, write: (bytes) => write.call(value as MediaPipe, bytes) };
}
