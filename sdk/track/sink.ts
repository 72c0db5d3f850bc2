/**
 * What audio and video sinks have in common.
 *
 * @module
 */

import { EventType, type NativeFunctions } from "../../ffi/mod.ts";
import { kindOf } from "../../base/json.ts";
import { attach, SoraMediaTrack, type TrackDependent } from "./media_track.ts";
import { native, NativeHandle } from "../native/handle.ts";
import { SoraTrackInterface, type SoraTrackKind } from "./track.ts";

/**
 * Receives what a track carries, in a bounded native queue. Its handlers are called with the sink as `this`: a method of another
 * object must be bound, `(frame) => player.show(frame)` or `player.show.bind(player)`.
 */
export abstract class SoraSink implements Disposable {
  /** The track that it is attached to. */
  readonly track: SoraMediaTrack;
  /** A handler threw or rejected, or something was lost. Without this handler the error is written to the console. */
  onError: ((error: unknown) => unknown) | undefined = undefined;
  /** @internal */
  protected readonly handle: NativeHandle;
  readonly #detach: () => void;
  #ended = false;

  /** @internal */
  protected constructor(
    kind: SoraTrackKind,
    track: SoraTrackInterface,
    create: (functions: NativeFunctions, track: number, out: Uint32Array<ArrayBuffer>) => number,
  ) {
    if (!(track instanceof SoraMediaTrack)) {
      const given = track instanceof SoraTrackInterface ? "a source of this side" : kindOf(track);
      throw new TypeError(`track must be a track that is received (SoraMediaTrack), not ${given}`);
    }
    if (track.kind !== kind) {
      throw new TypeError(`track must be a track of ${kind}, not of ${track.kind}`);
    }
    this.track = track;
    const { realm } = track[native];
    this.handle = NativeHandle.create(
      realm,
      `The ${kind} sink`,
      (functions, out) => create(functions, track[native].value, out),
    );
    realm.events.listen(this.handle.value, (type) => {
      if (type === EventType.ENDED) this.#ended = true;
      this.pump();
    });
    const dependent: TrackDependent = {
      trackEnded: () => {
        this.#ended = true;
        this.pump();
      },
      trackGone: () => this.close(),
    };
    this.#detach = attach(track, dependent);
  }

  /** Whether nothing will be added to what is buffered. */
  get ended(): boolean {
    return this.#ended || this.handle.closed;
  }

  /** Hands on what the native queue has, as far as somebody wants it. @internal */
  protected abstract pump(): void;

  /** Lets go of those who wait. @internal */
  protected abstract finish(): void;

  /** Closes the native sink. @internal */
  protected abstract closeNative(sink: number): void;

  /** Stops receiving and drops what is buffered. Idempotent. */
  close(): void {
    const value = this.handle.take();
    if (value === 0) return;
    const { realm } = this.handle;
    realm.events.unlisten(value);
    this.closeNative(value);
    this.#detach();
    this.finish();
  }

  /** As {@link close}. */
  [Symbol.dispose](): void {
    this.close();
  }
}
