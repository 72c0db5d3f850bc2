/**
 * Pictures and a tone that cost next to nothing to make, so that what is measured are connections and codecs.
 *
 * @module
 */

import type { SoraAudioSource, SoraVideoSource } from "../mod.ts";

/** Size of frames in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

const BYTES = 3;
/** The pattern repeats after so many columns, so that moving over them is a loop. */
const PERIOD = 256;
/** Columns that it moves from frame to frame. */
const STEP = 8;
const BLOCK = 16;
/** After so many frames the picture jumps by some more: an encoder that has learnt the loop would hardly send anything. */
const SMOOTH = 3;
const JUMP = 11;
const TICK_MS = 10;
/** What is later than that is left out. */
const MAX_LATE_MS = 100;
const SAMPLE_RATE = 48_000;
const TONE_HZ = 440;

/** Random-looking bits of a block of the pattern. */
function hash(x: number, y: number): number {
  const mixed = Math.imul(x * 73_856_093 ^ y * 19_349_663, 0x9e3779b1);
  return (mixed ^ mixed >>> 15) >>> 0;
}

/** A moving pattern of coloured blocks. Its frames are views of one picture that is wider than they are: none is drawn anew. */
export class Pattern {
  readonly #size: Size;
  readonly #stride: number;
  readonly #pixels: Uint8Array<ArrayBuffer>;
  readonly #frames: readonly Uint8Array<ArrayBuffer>[];

  constructor(size: Size) {
    const { width, height } = this.#size = size;
    this.#stride = (width + PERIOD) * BYTES;
    this.#pixels = new Uint8Array(this.#stride * height);
    for (let y = 0, at = 0; y < height; y++) {
      for (let x = 0; x < width + PERIOD; x++) {
        const bits = hash((x % PERIOD) / BLOCK | 0, y / BLOCK | 0);
        this.#pixels[at++] = 48 + (bits & 127);
        this.#pixels[at++] = 48 + (bits >>> 8 & 127);
        this.#pixels[at++] = 48 + (bits >>> 16 & 127);
      }
    }
    const length = this.#stride * (height - 1) + width * BYTES;
    this.#frames = Array.from({ length: PERIOD / STEP }, (_, i) => {
      const start = i * STEP * BYTES;
      return this.#pixels.subarray(start, start + length);
    });
  }

  /** Captures a frame. */
  capture(source: SoraVideoSource, index: number): void {
    const jumps = Math.floor(index / SMOOTH) * JUMP;
    const frame = this.#frames[(index + jumps) % this.#frames.length]!;
    source.onCaptured(frame, { ...this.#size, stride: this.#stride });
  }
}

/** What is sent, and how often. */
export interface Sending {
  readonly video: { readonly source: SoraVideoSource; readonly fps: number } | undefined;
  readonly audio: SoraAudioSource | undefined;
  /** Captures the frame of that number. */
  capture(source: SoraVideoSource, index: number): void;
}

/** The format of the tone. */
export const TONE = { sampleRate: SAMPLE_RATE, channels: 1 } as const;

/** Sends frames and a tone in real time until it is disposed of. */
export function sendInTime({ video, audio, capture }: Sending): Disposable {
  const tick = SAMPLE_RATE * TICK_MS / 1_000;
  // A whole number of periods, so that the tone has no clicks.
  const second = Int16Array.from(
    { length: SAMPLE_RATE },
    (_, i) => 8_000 * Math.sin(i * 2 * Math.PI * TONE_HZ / SAMPLE_RATE),
  );
  const blocks = Array.from(
    { length: 1_000 / TICK_MS },
    (_, i) => second.subarray(i * tick, (i + 1) * tick),
  );
  const start = performance.now();
  let block = 0;
  let frame = 0;
  const timer = setInterval(() => {
    const elapsed = performance.now() - start;
    const due = Math.floor(elapsed / TICK_MS);
    block = Math.max(block, due - MAX_LATE_MS / TICK_MS);
    for (; block < due; block++) audio?.onData(blocks[block % blocks.length]!);
    if (video === undefined) return;
    const dueFrame = Math.floor(elapsed * video.fps / 1_000);
    if (dueFrame < frame) return;
    frame = dueFrame + 1;
    capture(video.source, dueFrame);
  }, TICK_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
