/**
 * Encoded frames that a handler or reader has.
 *
 * @module
 */

import type { NativeHandle } from "../native/handle.ts";
import { dropFrame } from "./transformable_frame.ts";

/** How many frames may be neither enqueued nor dropped; with one more, the oldest is dropped. */
const MAX_HELD = 512;

/** Frames that were handed out and neither enqueued nor dropped. Those that the garbage collector finds are dropped. */
export class HeldFrames {
  readonly #handles = new Set<NativeHandle>();
  readonly #forgotten = new FinalizationRegistry<NativeHandle>((handle) => this.drop(handle));
  /** Those whose sender or track ended while somebody had them. */
  readonly #ended = new WeakSet<NativeHandle>();
  readonly #dropped: () => void;

  /** @param dropped Called with each frame that is dropped. */
  constructor(dropped: () => void) {
    this.#dropped = dropped;
  }

  /** Adds a frame that is handed out. */
  add(frame: object, handle: NativeHandle): void {
    if (this.#handles.size >= MAX_HELD) this.#makeRoom();
    this.#handles.add(handle);
    this.#forgotten.register(frame, handle);
  }

  /** Removes a frame that is enqueued; `false` when it is not held. */
  remove(handle: NativeHandle): boolean {
    return this.#handles.delete(handle);
  }

  /** Drops a frame. */
  drop(handle: NativeHandle): void {
    this.#handles.delete(handle);
    if (dropFrame(handle)) this.#dropped();
  }

  /** Drops all frames, uncounted: their sender or track has ended. */
  clear(): void {
    for (const handle of this.#handles) {
      if (dropFrame(handle)) this.#ended.add(handle);
    }
    this.#handles.clear();
  }

  /** Whether a frame was dropped because its sender or track had ended; `true` once. */
  forget(handle: NativeHandle): boolean {
    return this.#ended.delete(handle);
  }

  #makeRoom(): void {
    for (const handle of this.#handles) if (handle.closed) this.#handles.delete(handle);
    const [oldest] = this.#handles;
    if (oldest !== undefined && this.#handles.size >= MAX_HELD) this.drop(oldest);
  }
}
