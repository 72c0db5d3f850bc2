/**
 * What sources and remote tracks have in common.
 *
 * @module
 */

import { checkBoolean } from "../../base/checks.ts";
import { SoraTrackState } from "../enums.ts";
import { native, type NativeHandle } from "../native/handle.ts";

/** Kinds of media. */
export type SoraTrackKind = "audio" | "video";

/** A track (W3C Media Capture and Streams, `MediaStreamTrack`): a source of this side or something received. */
export abstract class SoraTrackInterface {
  /** What it carries. */
  readonly kind: SoraTrackKind;
  /** Its identifier; statistics have it as `trackIdentifier`. */
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

  /** Whether it delivers what it has; if not, it is silent or black. */
  get enabled(): boolean {
    return this.#enabled;
  }

  /** `LIVE`, or `ENDED` when it will never deliver again. */
  get state(): SoraTrackState {
    return this[native].closed ? SoraTrackState.ENDED : SoraTrackState.LIVE;
  }

  /**
   * Switches it on, or off: silence, black pictures.
   *
   * @returns Whether that changed anything: `false` when it was so already.
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
