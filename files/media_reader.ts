/**
 * What comes out of ffmpeg, in a queue of a few frames.
 *
 * @module
 */

import { SoraError } from "../base/errors.ts";
import type { AviHeader, AviReader } from "./avi.ts";
import type { Ffmpeg } from "./ffmpeg.ts";
import type {
  MediaAudio,
  MediaAudioBlock,
  MediaItem,
  MediaVideo,
  MediaVideoFrame,
} from "./media.ts";
import { i420Bytes } from "./scale.ts";

/** Frames in memory: one that the reader has, one that is being filled, and one that waits. */
const FRAMES = 3;
/** Blocks of audio in memory: what may wait while a frame is due. */
const BLOCKS = 50;
const BLOCKS_PER_SECOND = 100;

/** Buffers that are used again and again. */
class Pool<T> {
  readonly #free: T[];
  #wake: (() => void) | undefined;

  constructor(count: number, make: () => T) {
    this.#free = Array.from({ length: count }, make);
  }

  /** A buffer, as soon as there is one; undefined when it was ended before. */
  async take(ended: () => boolean): Promise<T | undefined> {
    while (this.#free.length === 0 && !ended()) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return ended() ? undefined : this.#free.pop();
  }

  give(buffer: T): void {
    this.#free.push(buffer);
    this.wake();
  }

  wake(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}

/** An item that is used again and again. */
type Reused<T extends MediaItem> = { -readonly [P in keyof T]: T[P] };
type Frame = Reused<MediaVideoFrame>;

/** A block of audio that is filled bit by bit. */
interface Block {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly item: Reused<MediaAudioBlock>;
}

function newFrame({ width, height }: MediaVideo): Frame {
  const data = new Uint8Array(i420Bytes({ width, height }));
  return { kind: "video", data, width, height, timestampMs: 0 };
}

function newBlock({ sampleRate, channels }: MediaAudio): Block {
  const samples = new Int16Array(Math.ceil(sampleRate / BLOCKS_PER_SECOND) * channels);
  const bytes = new Uint8Array(samples.buffer);
  return { bytes, item: { kind: "audio", samples, sampleRate, channels, timestampMs: 0 } };
}

/**
 * Media that ffmpeg decodes: one loop over it gets frames of video and blocks of audio in the order of their time. It reads a few
 * frames ahead, and then ffmpeg waits. Made by `readMedia()`.
 *
 * @example
 * ```ts
 * import { type MediaReader, readMedia } from "sora-ffi/files";
 *
 * // The time of the first frame of video, in milliseconds.
 * async function firstFrame(media: MediaReader): Promise<number | undefined> {
 *   for await (const item of media) {
 *     if (item.kind === "video") return item.timestampMs; // and ffmpeg ends
 *   }
 * }
 *
 * await using media = await readMedia({ format: "lavfi", input: "color=size=64x48:rate=25" });
 * console.log(await firstFrame(media)); // 0
 * ```
 */
export class MediaReader implements AsyncIterable<MediaItem, void>, AsyncDisposable {
  /** The form of the video; undefined without video. */
  readonly video: MediaVideo | undefined;
  /** The form of the audio; undefined without audio. */
  readonly audio: MediaAudio | undefined;
  readonly #ffmpeg: Ffmpeg;
  readonly #avi: AviReader;
  readonly #videoNumber: number | undefined;
  readonly #audioNumber: number | undefined;
  readonly #frames: Pool<Frame>;
  readonly #blocks: Pool<Block>;
  readonly #queue: (Frame | Block)[] = [];
  #wake: (() => void) | undefined;
  #frameNumber = 0;
  #sampleNumber = 0;
  #block: Block | undefined;
  #blockBytes = 0;
  #finished = false;
  #disposed = false;
  #error: unknown;
  #iterated = false;
  readonly #pumped: Promise<void>;

  /** @internal */
  constructor(ffmpeg: Ffmpeg, avi: AviReader, { video, audio }: AviHeader) {
    this.#ffmpeg = ffmpeg;
    this.#avi = avi;
    this.#videoNumber = video?.number;
    this.#audioNumber = audio?.number;
    if (video !== undefined) {
      const { width, height, frameRate } = video;
      this.video = { width, height, frameRate };
    }
    if (audio !== undefined) {
      const { sampleRate, channels } = audio;
      this.audio = { sampleRate, channels };
    }
    this.#frames = new Pool(video === undefined ? 0 : FRAMES, () => newFrame(this.video!));
    this.#blocks = new Pool(audio === undefined ? 0 : BLOCKS, () => newBlock(this.audio!));
    this.#pumped = this.#pump().then(
      () => this.#finish(undefined),
      (error) => this.#finish(error),
    );
  }

  #finish(error: unknown): void {
    this.#error = error;
    this.#finished = true;
    this.#wakeReader();
  }

  #wakeReader(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  readonly #over = (): boolean => this.#disposed;

  async #pump(): Promise<void> {
    for (;;) {
      const packet = await this.#avi.packet();
      if (packet === undefined) break;
      const { number, bytes } = packet;
      const whole = number === this.#videoNumber
        ? await this.#readFrame(bytes)
        : number === this.#audioNumber
        ? await this.#readAudio(bytes)
        : await this.#avi.end(bytes, 0);
      if (!whole) break;
    }
    this.#endBlock();
    if (!this.#disposed) await this.#ffmpeg.succeed();
  }

  async #readFrame(bytes: number): Promise<boolean> {
    const { width, height, frameRate } = this.video!;
    const timestampMs = this.#frameNumber++ * 1_000 / frameRate;
    // The frame before is shown on.
    if (bytes === 0) return true;
    const frame = await this.#frames.take(this.#over);
    if (frame === undefined) return false;
    const { byteLength } = frame.data;
    if (bytes < byteLength) {
      throw new SoraError(
        "FFMPEG_FAILED",
        `ffmpeg wrote a frame of ${bytes} bytes, which are too few for ${width}x${height}`,
      );
    }
    if (!await this.#avi.fill(frame.data)) return false;
    frame.timestampMs = timestampMs;
    this.#queue.push(frame);
    this.#wakeReader();
    return await this.#avi.end(bytes, byteLength);
  }

  async #readAudio(bytes: number): Promise<boolean> {
    for (let read = 0; read < bytes;) {
      this.#block ??= await this.#blocks.take(this.#over);
      const block = this.#block;
      if (block === undefined) return false;
      const part = block.bytes.subarray(this.#blockBytes, this.#blockBytes + bytes - read);
      if (!await this.#avi.fill(part)) return false;
      read += part.byteLength;
      this.#blockBytes += part.byteLength;
      if (this.#blockBytes === block.bytes.byteLength) this.#endBlock();
    }
    return await this.#avi.end(bytes, bytes);
  }

  /** Hands over the block that is being filled. */
  #endBlock(): void {
    const block = this.#block;
    if (block === undefined) return;
    const { item } = block;
    const { sampleRate, channels } = item;
    const samples = Math.floor(this.#blockBytes / 2 / channels);
    item.timestampMs = this.#sampleNumber * 1_000 / sampleRate;
    // The last one.
    if (this.#blockBytes < block.bytes.byteLength) {
      item.samples = item.samples.subarray(0, samples * channels);
    }
    this.#sampleNumber += samples;
    this.#block = undefined;
    this.#blockBytes = 0;
    if (samples === 0) return;
    this.#queue.push(block);
    this.#wakeReader();
  }

  /**
   * The items; there is one loop. Leaving it ends ffmpeg.
   *
   * @throws {SoraError} `FFMPEG_FAILED`: it ended before its input did; `INVALID_STATE`: there was a loop before.
   */
  [Symbol.asyncIterator](): AsyncGenerator<MediaItem, void, void> {
    if (this.#iterated) throw new SoraError("INVALID_STATE", "Media can be read by one loop only");
    this.#iterated = true;
    return this.#items();
  }

  async *#items(): AsyncGenerator<MediaItem, void, void> {
    try {
      for (;;) {
        const next = this.#queue.shift();
        if (next !== undefined) {
          if ("item" in next) {
            yield next.item;
            this.#blocks.give(next);
          } else {
            yield next;
            this.#frames.give(next);
          }
        } else if (this.#finished || this.#disposed) {
          break;
        } else {
          await new Promise<void>((resolve) => this.#wake = resolve);
        }
      }
      if (this.#error !== undefined && !this.#disposed) throw this.#error;
    } finally {
      await this[Symbol.asyncDispose]();
    }
  }

  /** Ends ffmpeg, and waits until it has ended. The loop ends as well. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    this.#frames.wake();
    this.#blocks.wake();
    this.#wakeReader();
    await this.#ffmpeg[Symbol.asyncDispose]();
    await this.#pumped;
  }
}
