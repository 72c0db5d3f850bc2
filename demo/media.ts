/**
 * What the demo sends: decoded before the run, so that decoding does not take the processor away from what is measured.
 *
 * @module
 */

import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { MIN_CODED_HEIGHT, MIN_CODED_WIDTH } from "./barcode.ts";
import { ffmpeg, hasSound } from "./ffmpeg.ts";
import { Problem } from "./problem.ts";

/** Frames in a second. */
export const FRAME_RATE = 30;
/** Samples of sound in a second; there is one channel. */
export const SAMPLE_RATE = 48_000;
/** The longest clip that is decoded; what is longer is cut, what is shorter starts again. */
const MAX_CLIP_SECONDS = 10;
const MAX_WIDTH = 1_280;
const MAX_HEIGHT = 720;

const folder = fileURLToPath(new URL("../.deps/media/", import.meta.url));
const ownClip = join(folder, "bigbuckbunny.mp4");
const ownVoice = join(folder, "Front_Center.wav");

/** The most bytes that a decoded picture has. */
export const MAX_PICTURE_BYTES = MAX_WIDTH * MAX_HEIGHT * 3 / 2;
/** The most bytes that decoded media take. */
export const MAX_MEDIA_BYTES = MAX_CLIP_SECONDS *
  (FRAME_RATE * MAX_PICTURE_BYTES + SAMPLE_RATE * 2);

/** Decoded pictures in a YUV4MPEG2 file, which says itself how large they are. */
export class Clip implements Disposable {
  /** Width in pixels, even. */
  readonly width: number;
  /** Height in pixels, even. */
  readonly height: number;
  /** Number of pictures. */
  readonly length: number;
  readonly #file: number;
  readonly #headerBytes: number;

  /**
   * @param path A YUV4MPEG2 file, 4:2:0, 8 bits.
   * @throws {Problem} If it has no picture or is too small for the barcode.
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
    this.length = Math.floor(bytes / (FRAME_HEADER.length + this.pictureBytes));
    if (magic !== "YUV4MPEG2" || this.width === 0 || this.length < 1) {
      throw new Problem("The file to send has no picture.");
    }
    if (this.width < MIN_CODED_WIDTH || this.height < MIN_CODED_HEIGHT) {
      throw new Problem(
        `The picture to send is ${this.width}x${this.height}, but the numbers of the frames are drawn ` +
          `into it and need ${MIN_CODED_WIDTH}x${MIN_CODED_HEIGHT} at least.`,
      );
    }
  }

  /** Bytes of a picture. */
  get pictureBytes(): number {
    return this.width * this.height * 3 / 2;
  }

  /** Reads a picture as I420. */
  read(index: number, into: Uint8Array): void {
    const at = this.#headerBytes + index * (FRAME_HEADER.length + this.pictureBytes);
    readSync(this.#file, into, 0, this.pictureBytes, at + FRAME_HEADER.length);
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    closeSync(this.#file);
  }
}

const FRAME_HEADER = "FRAME\n";

/** What is sent. */
export interface Media extends Disposable {
  /** Pictures, {@link FRAME_RATE} in a second. */
  readonly clip: Clip;
  /** Sound, one channel of {@link SAMPLE_RATE}, at least one sample. */
  readonly sound: Int16Array<ArrayBuffer>;
}

/** Square pixels, not larger than the limit, even sides, an even pace. */
const PICTURE_FILTER = [
  "scale=trunc(iw*sar):ih",
  `scale=w='min(iw,${MAX_WIDTH})':h='min(ih,${MAX_HEIGHT})'` +
  ":force_original_aspect_ratio=decrease:force_divisible_by=2",
  "setsar=1",
  `fps=${FRAME_RATE}`,
  "format=yuv420p",
].join(",");

async function decodeSound(
  file: string,
  path: string,
  signal: AbortSignal,
): Promise<Int16Array<ArrayBuffer>> {
  await ffmpeg(`decode the sound of ${file}`, [
    ...["-t", String(MAX_CLIP_SECONDS), "-i", file, "-map", "0:a:0"],
    ...["-ac", "1", "-ar", String(SAMPLE_RATE), "-f", "s16le", path],
  ], signal);
  const bytes = readFileSync(path);
  return new Int16Array(new Uint8Array(bytes).buffer, 0, bytes.length >> 1);
}

/** Sound that starts again together with the clip. */
function fitSound(sound: Int16Array<ArrayBuffer>, clip: Clip): Int16Array<ArrayBuffer> {
  const fitted = new Int16Array(clip.length * SAMPLE_RATE / FRAME_RATE);
  fitted.set(sound.subarray(0, fitted.length));
  return fitted;
}

/**
 * Decodes what is to be sent. A file without sound is sent with the demo's voice.
 *
 * @param input The user's file; the demo's own clip when there is none.
 * @param work A folder for the decoded media.
 * @throws {Problem} When a file is missing or cannot be decoded.
 */
export async function decodeMedia(
  input: string | undefined,
  work: string,
  signal: AbortSignal,
): Promise<Media> {
  const file = input ?? ownClip;
  if (input !== undefined && !existsSync(input)) throw new Problem(`There is no file ${input}.`);
  for (const own of [ownClip, ownVoice]) {
    if (existsSync(own)) continue;
    throw new Problem(`The demo's media are missing (${own}): run \`make setup\`.`);
  }
  const pictures = join(work, "sent.y4m");
  await ffmpeg(`decode the picture of ${file}`, [
    ...["-t", String(MAX_CLIP_SECONDS), "-i", file, "-map", "0:v:0", "-vf", PICTURE_FILTER],
    ...["-f", "yuv4mpegpipe", pictures],
  ], signal);
  const clip = new Clip(pictures);
  const samples = join(work, "sent.pcm");
  const sound = input !== undefined && await hasSound(input, signal)
    ? fitSound(await decodeSound(input, samples, signal), clip)
    : await decodeSound(ownVoice, samples, signal);
  return { clip, sound, [Symbol.dispose]: () => clip[Symbol.dispose]() };
}
