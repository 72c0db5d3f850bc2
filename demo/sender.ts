/**
 * The sending side, which repeats video and audio.
 *
 * @module
 */

import type { SoraAudioSource, SoraVideoSource } from "../mod.ts";
import { MAX_FRAME_NUMBER, writeBarcode } from "./barcode.ts";
import { FRAME_RATE, type Media, SAMPLE_RATE } from "./media.ts";
import { type Beat, pace } from "./pacer.ts";

/** Blocks of audio per second. */
const BLOCK_RATE = 100;
const BLOCK_SAMPLES = SAMPLE_RATE / BLOCK_RATE;

/** Sends media in real time and records when it sent what. */
export class Sender {
  readonly #media: Media;
  readonly #pixels: Uint8Array<ArrayBuffer>;
  readonly #sentMs: number[] = [];
  #startMs = 0;
  #blocks = 0;

  /** @param media The media to send. */
  constructor(media: Media) {
    this.#media = media;
    this.#pixels = new Uint8Array(media.clip.frameBytes);
  }

  /** Number of frames that were sent; their numbers start at 0. */
  get frames(): number {
    return this.#sentMs.length;
  }

  /** When the first audio sample was due. */
  get startMs(): number {
    return this.#startMs;
  }

  /** When a frame was handed to the source. */
  sentMs(number: number): number | undefined {
    return this.#sentMs[number];
  }

  /** Sends in real time until `done` returns true. */
  async run(
    videoSource: SoraVideoSource,
    audioSource: SoraAudioSource,
    done: () => boolean,
  ): Promise<void> {
    const { width, height } = this.#media.clip;
    const video: Beat = {
      perSecond: FRAME_RATE,
      tick: (number) => {
        this.frame(number, this.#pixels);
        this.#sentMs.push(performance.now());
        videoSource.onCaptured(this.#pixels, { width, height, format: "I420" });
      },
    };
    const block = new Int16Array(BLOCK_SAMPLES);
    const audio: Beat = {
      perSecond: BLOCK_RATE,
      tick: (number) => {
        this.#copyAudio(number * BLOCK_SAMPLES, block);
        audioSource.onData(block);
        this.#blocks++;
      },
    };
    this.#startMs = performance.now();
    await pace([video, audio], this.#startMs, () => done() || this.frames === MAX_FRAME_NUMBER);
  }

  /** The frame that was sent with a number. */
  frame(number: number, into: Uint8Array): void {
    const { clip } = this.#media;
    clip.read(number % clip.length, into);
    writeBarcode(into, clip.width, number);
  }

  /** The audio that was sent from `fromMs` on, with silence before its first sample. */
  audio(fromMs: number): Int16Array {
    const skipped = Math.round((fromMs - this.#startMs) * SAMPLE_RATE / 1_000);
    const audio = new Int16Array(Math.max(0, this.#blocks * BLOCK_SAMPLES - skipped));
    this.#copyAudio(Math.max(0, skipped), audio.subarray(Math.max(0, -skipped)));
    return audio;
  }

  #copyAudio(from: number, into: Int16Array): void {
    const { audio } = this.#media;
    for (let at = 0; at < into.length;) {
      const place = (from + at) % audio.length;
      const part = audio.subarray(place, place + into.length - at);
      into.set(part, at);
      at += part.length;
    }
  }
}
