/**
 * Media being written: frames and blocks as they come.
 *
 * @module
 */

import { checkNumber, wrongType } from "../base/checks.ts";
import { SoraError } from "../base/errors.ts";
import type { ByteSink, RewritableSink } from "./byte_sink.ts";
import type { MediaAudio, MediaAudioBlock, MediaVideo, MediaVideoFrame } from "./media.ts";
import type { Muxer } from "./media_muxer.ts";
import { i420Bytes, Scaler } from "./scale.ts";

const MAX_MS = 1e12;

/**
 * Writes media. Made by `writeMedia()`.
 *
 * @example
 * ```ts
 * import { type MediaWriter, writeMedia } from "sora-ffi/files";
 *
 * // A second of grey.
 * async function writeGrey(writer: MediaWriter): Promise<void> {
 *   const grey = { width: 64, height: 48, data: new Uint8Array(64 * 48 * 3 / 2).fill(128) };
 *   for (let n = 0; n < 25; n++) await writer.writeVideo({ ...grey, timestampMs: n * 40 });
 * }
 *
 * await using writer = await writeMedia("/dev/null", {
 *   format: "mpegts",
 *   video: { width: 64, height: 48 },
 * });
 * await writeGrey(writer);
 * await writer.close(); // waits until everything is written
 * console.log(writer.frames); // 25
 * ```
 */
export class MediaWriter implements AsyncDisposable {
  /** The form of the video; undefined without video. */
  readonly video: MediaVideo | undefined;
  /** The form of the audio; undefined without audio. */
  readonly audio: MediaAudio | undefined;
  readonly #sink: ByteSink;
  readonly #muxer: Muxer;
  #scaler: Scaler | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #frames = 0;
  #samples = 0;
  #ending: Promise<void> | undefined;
  /** Whether a failure is known to the caller already: disposing does not throw it again. */
  #isReported = false;

  /** @internal */
  constructor(
    sink: ByteSink,
    muxer: Muxer,
    video: MediaVideo | undefined,
    audio: MediaAudio | undefined,
  ) {
    this.#sink = sink;
    this.#muxer = muxer;
    this.video = video;
    this.audio = audio;
  }

  /** Frames that were given. */
  get frames(): number {
    return this.#frames;
  }

  /** Samples per channel that were given. */
  get samples(): number {
    return this.#samples;
  }

  /**
   * Writes a frame. One of another size is scaled to that of the file, its proportions kept. Resolves when its buffer may be used
   * again; whoever waits for that is never faster than the file is written.
   *
   * @throws {TypeError} An argument is of the wrong kind, or the file has no video.
   * @throws {RangeError} A number is outside its limits, or `data` does not have the length of an I420 frame.
   * @throws {SoraError} `FFMPEG_FAILED`; `CLOSED` after {@link close}.
   */
  async writeVideo(frame: Omit<MediaVideoFrame, "kind">): Promise<void> {
    const { data, width, height } = frame;
    if (this.video === undefined) throw new TypeError("frame must not be given: there is no video");
    if (!(data instanceof Uint8Array)) throw wrongType("frame.data", "a Uint8Array", data);
    const timestampMs = checkNumber(frame.timestampMs, "frame.timestampMs", 0, MAX_MS);
    if (data.byteLength !== i420Bytes({ width, height })) {
      throw new RangeError(
        `frame.data must have ${i420Bytes({ width, height })} bytes ` +
          `(I420, ${width}x${height}), not ${data.byteLength}`,
      );
    }
    const { video } = this;
    await this.#inTurn(async () => {
      this.#frames++;
      const isOther = width !== video.width || height !== video.height;
      if (isOther) this.#scaler ??= new Scaler(video);
      const fitting = isOther ? this.#scaler!.scale(data, { width, height }) : data;
      await this.#muxer.video(fitting, timestampMs);
    });
  }

  /**
   * Writes audio in the form of the file, any number of samples. Resolves when their buffer may be used again.
   *
   * @throws {TypeError} An argument is of the wrong kind, or the file has no audio.
   * @throws {RangeError} A number is outside its limits, or the samples are not a multiple of the channels.
   * @throws {SoraError} `FFMPEG_FAILED`; `CLOSED` after {@link close}.
   */
  async writeAudio(block: Pick<MediaAudioBlock, "samples" | "timestampMs">): Promise<void> {
    const { samples } = block;
    if (this.audio === undefined) throw new TypeError("block must not be given: there is no audio");
    if (!(samples instanceof Int16Array)) {
      throw wrongType("block.samples", "an Int16Array", samples);
    }
    const timestampMs = checkNumber(block.timestampMs, "block.timestampMs", 0, MAX_MS);
    const { channels } = this.audio;
    if (samples.length % channels !== 0) {
      throw new RangeError(
        `block.samples must be a multiple of ${channels} (channels), not ${samples.length}`,
      );
    }
    await this.#inTurn(async () => {
      this.#samples += samples.length / channels;
      await this.#muxer.audio(samples, timestampMs);
    });
  }

  /** Does one thing after the other: a frame is written in pieces. */
  async #inTurn(write: () => Promise<void>): Promise<void> {
    if (this.#ending !== undefined) throw new SoraError("CLOSED", "The writer is closed");
    const written = this.#turn.then(write);
    this.#turn = written.catch(() => this.#isReported = true);
    await written;
  }

  /**
   * Finishes the file: waits until everything is written, and until ffmpeg has ended. Idempotent.
   *
   * @throws {SoraError} `FFMPEG_FAILED`
   */
  async close(): Promise<void> {
    this.#isReported = true;
    await (this.#ending ??= this.#close());
  }

  async #close(): Promise<void> {
    await this.#turn;
    const { end } = this.#muxer;
    if (end !== undefined && "rewrite" in this.#sink) {
      await (this.#sink as RewritableSink).rewrite(end);
    }
    await this.#sink.end();
  }

  /** Ends ffmpeg at once; what there is of the file may not be playable. */
  async abort(): Promise<void> {
    this.#ending ??= Promise.resolve();
    await this.#sink.abort();
  }

  /** As {@link close}, but throws no failure that a write or {@link close} has thrown already. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await (this.#ending ??= this.#close());
    } catch (error) {
      if (!this.#isReported) throw error;
    }
  }
}
