/**
 * The common part of sources and received tracks.
 *
 * @module
 */

import { checkBoolean } from "../../base/checks.ts";
import { SoraTrackState } from "../enums.ts";
import { native, type NativeHandle } from "../native/handle.ts";

/** Kinds of media. */
export type SoraTrackKind = "audio" | "video";

/**
 * A track (W3C Media Capture and Streams, `MediaStreamTrack`): a source of this side, or a received track.
 *
 * @example
 * ```ts
 * import { Sora, type SoraTrackInterface } from "sora-ffi";
 *
 * await using sora = new Sora();
 * const track: SoraTrackInterface = sora.createVideoSource();
 * console.log(track.kind, track.state, track.enabled); // video LIVE true
 * track.setEnabled(false); // sends black frames
 * console.log(track.enabled); // false
 * ```
 */
export abstract class SoraTrackInterface {
  /** What it carries. */
  readonly kind: SoraTrackKind;
  /** Its identifier; `trackIdentifier` in statistics. */
  readonly id: string;
  /** @internal */
  readonly [native]: NativeHandle;
  #enabled = true;

  /** @internal */
  protected constructor(kind: SoraTrackKind, id: string, handle: NativeHandle) {
    this.kind = kind;
    this.id = id;
    this[native] = handle;
  }

  /** Whether it delivers its media; if not, it is silent or black. */
  get enabled(): boolean {
    return this.#enabled;
  }

  /** `LIVE`, or `ENDED` when it will deliver nothing more. */
  get state(): SoraTrackState {
    return this[native].closed ? SoraTrackState.ENDED : SoraTrackState.LIVE;
  }

  /**
   * Enables or disables it; a disabled track is silent or black.
   *
   * @returns Whether that changed anything.
   * @throws {TypeError} If `enabled` is not a boolean.
   * @throws {SoraError} `CLOSED` when it has ended.
   */
  setEnabled(enabled: boolean): boolean {
    checkBoolean(enabled, "enabled");
    const handle = this[native];
    handle.unwrap(
      handle.functions.sora_track_set_enabled(handle.value, enabled ? 1 : 0),
    );
    const changed = this.#enabled !== enabled;
    this.#enabled = enabled;
    return changed;
  }
}
