/**
 * The media that the demo sends, decoded before the run so that decoding takes no CPU from what is measured.
 *
 * @module
 */

import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { MIN_CODED_HEIGHT, MIN_CODED_WIDTH } from "./barcode.ts";
import { ffmpeg, hasAudio } from "./ffmpeg.ts";
import { Problem } from "./problem.ts";

/** Frames per second. */
export const FRAME_RATE = 30;
/** Sample rate of the audio in Hz; there is one channel. */
export const SAMPLE_RATE = 48_000;
/** The longest clip that is decoded: a longer one is cut, a shorter one repeats. */
const MAX_CLIP_SECONDS = 10;
const MAX_WIDTH = 1_280;
const MAX_HEIGHT = 720;

const folder = fileURLToPath(new URL("../.deps/media/", import.meta.url));
const ownClip = join(folder, "bigbuckbunny.mp4");
const ownVoice = join(folder, "Front_Center.wav");

/** The most bytes of a decoded frame. */
export const MAX_FRAME_BYTES = MAX_WIDTH * MAX_HEIGHT * 3 / 2;
/** The most bytes of the decoded media. */
export const MAX_MEDIA_BYTES = MAX_CLIP_SECONDS *
  (FRAME_RATE * MAX_FRAME_BYTES + SAMPLE_RATE * 2);

/** Decoded frames in a YUV4MPEG2 file, whose header has their size. */
export class Clip implements Disposable {
  /** Width in pixels, even. */
  readonly width: number;
  /** Height in pixels, even. */
  readonly height: number;
  /** Number of frames. */
  readonly length: number;
  readonly #file: number;
  readonly #headerBytes: number;

  /**
   * @param path A YUV4MPEG2 file, 4:2:0, 8 bits.
   * @throws {Problem} The file has no frame, or its frames are too small for the barcode.
   */
  constructor(path: string) {
    this.#file = openSync(path, "r");
    const start = new Uint8Array(256);
    readSync(this.#file, start, 0, start.length, 0);
    const [header = ""] = new TextDecoder("latin1").decode(start).split("\n");
    const [magic, ...fields] = header.split(" ");
    const field = (letter: string) => fields.find((text) => text.startsWith(letter))?.slice(1);
    this.width = Number(field("W") ?? 0);
    this.height = Number(field("H") ?? 0);
    this.#headerBytes = header.length + 1;
    const bytes = fstatSync(this.#file).size - this.#headerBytes;
    this.length = Math.floor(bytes / (FRAME_HEADER.length + this.frameBytes));
    if (magic !== "YUV4MPEG2" || this.width === 0 || this.length < 1) {
      throw new Problem("The file to send must have video, and ffmpeg decoded no frame of it");
    }
    if (this.width < MIN_CODED_WIDTH || this.height < MIN_CODED_HEIGHT) {
      throw new Problem(
        `The video to send must be at least ${MIN_CODED_WIDTH}x${MIN_CODED_HEIGHT}, because each frame's number ` +
          `is drawn into it, not ${this.width}x${this.height}`,
      );
    }
  }

  /** Bytes of a frame. */
  get frameBytes(): number {
    return this.width * this.height * 3 / 2;
  }

  /** Reads a frame as I420. */
  read(index: number, into: Uint8Array): void {
    const at = this.#headerBytes + index * (FRAME_HEADER.length + this.frameBytes);
    readSync(this.#file, into, 0, this.frameBytes, at + FRAME_HEADER.length);
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    closeSync(this.#file);
  }
}

const FRAME_HEADER = "FRAME\n";

/** The media to send. */
export interface Media extends Disposable {
  /** Video, {@link FRAME_RATE} frames per second. */
  readonly clip: Clip;
  /** Audio, one channel at {@link SAMPLE_RATE}, at least one sample. */
  readonly audio: Int16Array<ArrayBuffer>;
}

/** Square pixels, at most the maximum size, even sides, a constant frame rate. */
const VIDEO_FILTER = [
  "scale=trunc(iw*sar):ih",
  `scale=w='min(iw,${MAX_WIDTH})':h='min(ih,${MAX_HEIGHT})'` +
  ":force_original_aspect_ratio=decrease:force_divisible_by=2",
  "setsar=1",
  `fps=${FRAME_RATE}`,
  "format=yuv420p",
].join(",");

async function decodeAudio(
  file: string,
  path: string,
  signal: AbortSignal,
): Promise<Int16Array<ArrayBuffer>> {
  await ffmpeg(`decode the audio of ${file}`, [
    ...["-t", String(MAX_CLIP_SECONDS), "-i", file, "-map", "0:a:0"],
    ...["-ac", "1", "-ar", String(SAMPLE_RATE), "-f", "s16le", path],
  ], signal);
  const bytes = readFileSync(path);
  return new Int16Array(new Uint8Array(bytes).buffer, 0, bytes.length >> 1);
}

/** Audio that repeats together with the clip. */
function fitAudio(audio: Int16Array<ArrayBuffer>, clip: Clip): Int16Array<ArrayBuffer> {
  const fitted = new Int16Array(clip.length * SAMPLE_RATE / FRAME_RATE);
  fitted.set(audio.subarray(0, fitted.length));
  return fitted;
}

/**
 * Decodes the media to send. A file without audio is sent with the demo's voice.
 *
 * @param input The user's file; the demo's own clip when there is none.
 * @param work A folder for the decoded media.
 * @throws {Problem} A file is missing or cannot be decoded.
 */
export async function decodeMedia(
  input: string | undefined,
  work: string,
  signal: AbortSignal,
): Promise<Media> {
  const file = input ?? ownClip;
  if (input !== undefined && !existsSync(input)) {
    throw new Problem(`--input must name a file, and there is none at ${input}`);
  }
  for (const own of [ownClip, ownVoice]) {
    if (existsSync(own)) continue;
    throw new Problem(`The demo's media are missing (${own}): run \`make setup\``);
  }
  const frames = join(work, "sent.y4m");
  await ffmpeg(`decode the video of ${file}`, [
    ...["-t", String(MAX_CLIP_SECONDS), "-i", file, "-map", "0:v:0", "-vf", VIDEO_FILTER],
    ...["-f", "yuv4mpegpipe", frames],
  ], signal);
  const clip = new Clip(frames);
  const samples = join(work, "sent.pcm");
  const audio = input !== undefined && await hasAudio(input, signal)
    ? fitAudio(await decodeAudio(input, samples, signal), clip)
    : await decodeAudio(ownVoice, samples, signal);
  return { clip, audio, [Symbol.dispose]: () => clip[Symbol.dispose]() };
}
