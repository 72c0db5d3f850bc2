/**
 * A clip that is sent as fast as the machine receives it, so that no frame is missing because the machine is busy.
 *
 * @module
 */

import assert from "node:assert/strict";
import { psnr } from "../../demo/psnr.ts";
import { pause } from "./eventually.ts";
import type { RealClip } from "./real_clip.ts";
import type { VideoEnds } from "./video_scene.ts";

/** The first frames need not be sharp. */
const BLURRED = 15;
/** So many frames are on their way when another is sent: libwebrtc drops those that an encoder has no time for on a busy machine. */
const AHEAD = 1;

/** Frames of a clip from a sender to a receiver, by their numbers. */
export class FrameExchange {
  /** Those that came. */
  readonly arrived: Set<number> = new Set();
  /** The most frames from one that came to the next, from the first one on. */
  largestStep = 1;
  readonly #ends: VideoEnds;
  readonly #clip: RealClip;
  readonly #leastPsnr: number;
  readonly #pixels: Uint8Array<ArrayBuffer>;
  #latest = -1;
  #next = 0;

  /** `leastPsnr`: of each frame that came against the one that was sent, in dB. */
  constructor(ends: VideoEnds, clip: RealClip, leastPsnr: number) {
    this.#ends = ends;
    this.#clip = clip;
    this.#leastPsnr = leastPsnr;
    this.#pixels = new Uint8Array(clip.bytes);
  }

  /** Sends the next frame, as soon as few enough are on their way and no earlier than a clip of 30 frames a second has it. */
  async send(): Promise<number> {
    const number = this.#next++;
    this.#clip.draw(number, this.#pixels);
    const { width, height } = this.#clip;
    this.#ends.source.onCaptured(this.#pixels, { width, height, format: "I420" });
    // Time is the subject: that of a frame. One that is lost is waited for no longer than a second.
    await pause(33);
    const limit = performance.now() + 1_000;
    while (this.#latest < number - AHEAD && performance.now() < limit) await pause(5);
    return number;
  }

  /** Receives frames until the sink is closed; each is compared with the one that was sent, once the first ones have got sharp. */
  async receive(): Promise<void> {
    const clip = this.#clip;
    const [got, sent] = [new Uint8Array(clip.bytes), new Uint8Array(clip.bytes)];
    for await (const received of this.#ends.sink) {
      using frame = received;
      frame.copyTo(got, { format: "I420" });
      const number = clip.numberOf(got);
      // A key frame that is asked for while there is no new frame repeats the last one.
      assert.ok(number !== undefined && number >= this.#latest, `${number} after ${this.#latest}`);
      if (this.#latest >= 0) this.largestStep = Math.max(this.largestStep, number - this.#latest);
      this.#latest = number;
      this.arrived.add(number);
      if (this.arrived.size <= BLURRED) continue;
      clip.draw(number, sent);
      const quality = psnr(sent, got);
      assert.ok(quality >= this.#leastPsnr, `frame ${number} has ${quality.toFixed(1)} dB`);
    }
  }
}
