/**
 * Sends clip and sound, again and again.
 *
 * @module
 */

import type { SoraAudioSource, SoraVideoSource } from "../mod.ts";
import { MAX_FRAME_NUMBER, writeBarcode } from "./barcode.ts";
import { FRAME_RATE, type Media, SAMPLE_RATE } from "./media.ts";
import { type Beat, pace } from "./pacer.ts";

/** Slices of sound in a second. */
const SLICE_RATE = 100;
const SLICE = SAMPLE_RATE / SLICE_RATE;

/** Sends media at their own pace, and knows when it sent what. */
export class Sender {
  readonly #media: Media;
  readonly #picture: Uint8Array<ArrayBuffer>;
  readonly #sentMs: number[] = [];
  #startMs = 0;
  #slices = 0;

  /** @param media What to send. */
  constructor(media: Media) {
    this.#media = media;
    this.#picture = new Uint8Array(media.clip.pictureBytes);
  }

  /** Frames that were sent; their numbers start at 0. */
  get frames(): number {
    return this.#sentMs.length;
  }

  /** When the first sample of sound was due. */
  get startMs(): number {
    return this.#startMs;
  }

  /** When a frame was handed to the source. */
  sentMs(number: number): number | undefined {
    return this.#sentMs[number];
  }

  /** Sends in real time until `done`. */
  async run(
    videoSource: SoraVideoSource,
    audioSource: SoraAudioSource,
    done: () => boolean,
  ): Promise<void> {
    const { width, height } = this.#media.clip;
    const video: Beat = {
      perSecond: FRAME_RATE,
      tick: (number) => {
        this.picture(number, this.#picture);
        this.#sentMs.push(performance.now());
        videoSource.onCaptured(this.#picture, { width, height, format: "I420" });
      },
    };
    const slice = new Int16Array(SLICE);
    const audio: Beat = {
      perSecond: SLICE_RATE,
      tick: (number) => {
        this.#copySound(number * SLICE, slice);
        audioSource.onData(slice);
        this.#slices++;
      },
    };
    this.#startMs = performance.now();
    await pace([video, audio], this.#startMs, () => done() || this.frames === MAX_FRAME_NUMBER);
  }

  /** The very picture that was sent with a number. */
  picture(number: number, into: Uint8Array): void {
    const { clip } = this.#media;
    clip.read(number % clip.length, into);
    writeBarcode(into, clip.width, number);
  }

  /** All sound that was sent, from `fromMs` on; silence before the first of it. */
  sound(fromMs: number): Int16Array {
    const skipped = Math.round((fromMs - this.#startMs) * SAMPLE_RATE / 1_000);
    const sound = new Int16Array(Math.max(0, this.#slices * SLICE - skipped));
    this.#copySound(Math.max(0, skipped), sound.subarray(Math.max(0, -skipped)));
    return sound;
  }

  #copySound(from: number, into: Int16Array): void {
    const { sound } = this.#media;
    for (let at = 0; at < into.length;) {
      const place = (from + at) % sound.length;
      const part = sound.subarray(place, place + into.length - at);
      into.set(part, at);
      at += part.length;
    }
  }
}
