/**
 * Memory for the pixels of frames.
 *
 * @module
 */

import { FrameSizes } from "./pixel_format.ts";

/** A reader works on one frame, or on a few at a time. */
const MOST = 4;

/**
 * What the frames of a sink share: buffers that come back when a frame is closed. The system takes longer to find memory for a
 * frame of 1280x720 than a conversion to write it.
 */
export class FrameMemory {
  /** The sizes of the frames. */
  readonly sizes: FrameSizes = new FrameSizes();
  readonly #free: ArrayBuffer[] = [];
  #closed = false;

  /** A buffer of exactly so many bytes; what is in it is undefined. */
  take(bytes: number): ArrayBuffer {
    // The last one that came back: caches still have it.
    for (let at = this.#free.length - 1; at >= 0; at--) {
      const buffer = this.#free[at];
      if (buffer?.byteLength !== bytes) continue;
      this.#free.splice(at, 1);
      return buffer;
    }
    return new ArrayBuffer(bytes);
  }

  /** Takes a buffer back and detaches the arrays over it, which must not show the pixels of another frame. */
  give(buffer: ArrayBuffer): void {
    // The user may have transferred it to another thread.
    if (buffer.detached) return;
    const own = buffer.transfer();
    if (this.#closed) return;
    // Buffers of a size that frames no longer have leave first.
    if (this.#free.length === MOST) this.#free.shift();
    this.#free.push(own);
  }

  /** Keeps no buffer from now on. */
  close(): void {
    this.#closed = true;
    this.#free.length = 0;
  }
}
