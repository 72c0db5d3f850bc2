/**
 * The common part of audio and video sources.
 *
 * @module
 */

import type { NativeFunctions } from "../../ffi/mod.ts";
import { native, type NativeHandle } from "../native/handle.ts";
import { SoraTrackInterface, type SoraTrackKind } from "./track.ts";

/**
 * Media that this side sends; one source may be sent over several connections.
 *
 * @example
 * ```ts
 * import { Sora, type SoraSource } from "sora-ffi";
 *
 * await using sora = new Sora();
 * const sources: SoraSource[] = [
 *   sora.createVideoSource(),
 *   sora.createAudioSource({ channels: 1, sampleRate: 48_000 }),
 * ];
 * const mute = (source: SoraSource) => source.setEnabled(false); // black, or silent
 * console.log(sources.map(mute)); // [ true, true ]
 * for (const source of sources) source.close();
 * console.log(sources[0]?.state); // ENDED
 * ```
 */
export abstract class SoraSource extends SoraTrackInterface implements Disposable {
  readonly #close: (functions: NativeFunctions, source: number) => void;

  /** @internal */
  protected constructor(
    kind: SoraTrackKind,
    handle: NativeHandle,
    close: (functions: NativeFunctions, source: number) => void,
  ) {
    super(kind, handle.trackId(), handle);
    this.#close = close;
  }

  /** Ends the source; connections that send it go on with silence, or without further frames. Idempotent. */
  close(): void {
    const value = this[native].take();
    if (value !== 0) this.#close(this[native].functions, value);
  }

  /** As {@link close}. */
  [Symbol.dispose](): void {
    this.close();
  }
}
