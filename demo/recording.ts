/**
 * What was received, kept in files of a bounded size until the run is over.
 *
 * @module
 */

import { closeSync, openSync, readSync, writeFileSync, writeSync } from "node:fs";
import { SAMPLE_RATE } from "./media.ts";

/** Received pictures, each at the place of its frame number; what never came shows the picture before it. */
export class PictureRecording implements Disposable {
  /** Bytes of a picture. */
  readonly pictureBytes: number;
  readonly #file: number;
  readonly #capacity: number;
  #first = -1;
  #length = 0;

  /**
   * @param path Of the raw file that is written.
   * @param capacity Pictures that are kept at most; later ones are refused.
   */
  constructor(path: string, pictureBytes: number, capacity: number) {
    this.#file = openSync(path, "w+");
    this.pictureBytes = pictureBytes;
    this.#capacity = capacity;
  }

  /** Frame number of the first picture; -1 as long as there is none. */
  get first(): number {
    return this.#first;
  }

  /** Places of the file that are in use, whether their picture came or not. */
  get length(): number {
    return this.#length;
  }

  /**
   * Keeps a picture.
   *
   * @returns Whether there is a place for that number.
   */
  write(number: number, picture: Uint8Array): boolean {
    if (this.#first < 0) this.#first = number;
    const place = number - this.#first;
    if (place < 0 || place >= this.#capacity) return false;
    writeSync(this.#file, picture, 0, this.pictureBytes, place * this.pictureBytes);
    this.#length = Math.max(this.#length, place + 1);
    return true;
  }

  /** Reads the picture of a frame. */
  read(number: number, into: Uint8Array): void {
    const at = (number - this.#first) * this.pictureBytes;
    readSync(this.#file, into, 0, this.pictureBytes, at);
  }

  /** Puts the picture before it in the place of each one that is not `there`. */
  fillGaps(there: (number: number) => boolean): void {
    const picture = new Uint8Array(this.pictureBytes);
    for (let number = this.#first + 1; number < this.#first + this.#length; number++) {
      if (there(number)) continue;
      this.read(number - 1, picture);
      this.write(number, picture);
    }
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    closeSync(this.#file);
  }
}

/** Received sound on the axis of time on which it came; what comes beyond its capacity is left out. */
export class SoundRecording {
  readonly #samples: Int16Array<ArrayBuffer>;
  #length = 0;
  /** When the first sample came, or would have come if what came first had come in real time. */
  #startMs = 0;

  /** @param seconds How much is kept. */
  constructor(seconds: number) {
    this.#samples = new Int16Array(seconds * SAMPLE_RATE);
  }

  /** Adds samples that came at `nowMs`. */
  add(samples: Int16Array, nowMs: number): void {
    if (this.#length === 0) this.#startMs = nowMs - samples.length * 1_000 / SAMPLE_RATE;
    const fitting = samples.subarray(0, this.#samples.length - this.#length);
    this.#samples.set(fitting, this.#length);
    this.#length += fitting.length;
  }

  /** What came from a moment on, after silence until sound came. */
  since(fromMs: number): Int16Array<ArrayBuffer> {
    const offset = this.#length === 0
      ? 0
      : Math.round((fromMs - this.#startMs) * SAMPLE_RATE / 1_000);
    const came = this.#samples.subarray(Math.max(0, offset), this.#length);
    const samples = new Int16Array(Math.max(0, -offset) + came.length);
    samples.set(came, Math.max(0, -offset));
    return samples;
  }

  /** Writes raw samples from a moment on. */
  save(path: string, fromMs: number): void {
    writeFileSync(path, new Uint8Array(this.since(fromMs).buffer));
  }
}
