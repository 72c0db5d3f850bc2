/**
 * Received media, kept within bounds until the run is over.
 *
 * @module
 */

import { closeSync, openSync, readSync, writeFileSync, writeSync } from "node:fs";
import { SAMPLE_RATE } from "./media.ts";

/** Received frames in a file, each at the place of its number; a frame that never arrived repeats the one before it. */
export class FrameRecording implements Disposable {
  /** Bytes of a frame. */
  readonly frameBytes: number;
  readonly #file: number;
  readonly #capacity: number;
  #first = -1;
  #length = 0;

  /**
   * @param path The raw file to write.
   * @param frameBytes Bytes of a frame.
   * @param capacity The most frames that are kept; later ones are refused.
   */
  constructor(path: string, frameBytes: number, capacity: number) {
    this.#file = openSync(path, "w+");
    this.frameBytes = frameBytes;
    this.#capacity = capacity;
  }

  /** Number of the first frame; -1 while there is none. */
  get first(): number {
    return this.#first;
  }

  /** Places of the file in use, whether or not their frame arrived. */
  get length(): number {
    return this.#length;
  }

  /**
   * Keeps a frame.
   *
   * @returns Whether there is a place for its number.
   */
  write(number: number, frame: Uint8Array): boolean {
    if (this.#first < 0) this.#first = number;
    const place = number - this.#first;
    if (place < 0 || place >= this.#capacity) return false;
    writeSync(this.#file, frame, 0, this.frameBytes, place * this.frameBytes);
    this.#length = Math.max(this.#length, place + 1);
    return true;
  }

  /** Reads a frame. */
  read(number: number, into: Uint8Array): void {
    const at = (number - this.#first) * this.frameBytes;
    readSync(this.#file, into, 0, this.frameBytes, at);
  }

  /** Fills the place of each frame that is not `there` with the one before it. */
  fillGaps(there: (number: number) => boolean): void {
    const frame = new Uint8Array(this.frameBytes);
    for (let number = this.#first + 1; number < this.#first + this.#length; number++) {
      if (there(number)) continue;
      this.read(number - 1, frame);
      this.write(number, frame);
    }
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    closeSync(this.#file);
  }
}

/** Received audio on the time axis of its arrival; audio beyond the capacity is left out. */
export class AudioRecording {
  readonly #samples: Int16Array<ArrayBuffer>;
  #length = 0;
  /** When the first sample arrived, or would have, had the first samples arrived in real time. */
  #startMs = 0;

  /** @param seconds The capacity. */
  constructor(seconds: number) {
    this.#samples = new Int16Array(seconds * SAMPLE_RATE);
  }

  /** Adds samples that arrived at `nowMs`. */
  add(samples: Int16Array, nowMs: number): void {
    if (this.#length === 0) this.#startMs = nowMs - samples.length * 1_000 / SAMPLE_RATE;
    const fitting = samples.subarray(0, this.#samples.length - this.#length);
    this.#samples.set(fitting, this.#length);
    this.#length += fitting.length;
  }

  /** The audio from `fromMs` on, with silence before its first sample. */
  since(fromMs: number): Int16Array<ArrayBuffer> {
    const offset = this.#length === 0
      ? 0
      : Math.round((fromMs - this.#startMs) * SAMPLE_RATE / 1_000);
    const arrived = this.#samples.subarray(Math.max(0, offset), this.#length);
    const samples = new Int16Array(Math.max(0, -offset) + arrived.length);
    samples.set(arrived, Math.max(0, -offset));
    return samples;
  }

  /** Writes the raw samples from `fromMs` on into a file. */
  save(path: string, fromMs: number): void {
    writeFileSync(path, new Uint8Array(this.since(fromMs).buffer));
  }
}
