/**
 * Frames that no encoder makes small: it sends as much as it may.
 *
 * @module
 */

import { seededRandom } from "../../base/random.ts";
import type { FrameSource } from "./frame.ts";

/** Different frames, which come in turn. */
const COUNT = 7;

/** Width and height of the squares that change from frame to frame: those of the smallest layer are seen in it, too. */
const SQUARE = 32;

export class BusyFrames implements FrameSource {
  readonly width: number;
  readonly height: number;
  readonly #frames: Uint8Array<ArrayBuffer>[];

  constructor(width = 1280, height = 720) {
    this.width = width;
    this.height = height;
    const random = seededRandom(5);
    this.#frames = Array.from({ length: COUNT }, () => {
      const frame = new Uint8Array(width * height * 3 / 2).fill(128);
      for (let top = 0; top < height; top += SQUARE) {
        for (let left = 0; left < width; left += SQUARE) {
          const level = 64 + 128 * random();
          for (let y = top; y < Math.min(top + SQUARE, height); y++) {
            const end = Math.min(left + SQUARE, width);
            frame.fill(level, y * width + left, y * width + end);
          }
        }
      }
      return frame;
    });
  }

  draw(number: number, into: Uint8Array<ArrayBuffer>): void {
    into.set(this.#frames[number % COUNT]!);
  }
}
