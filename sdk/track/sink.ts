/**
 * The common part of audio and video sinks.
 *
 * @module
 */

import { kindOf } from "../../base/checks.ts";
import { report } from "../../base/handlers.ts";
import { EventType, lastError, nativeError, type NativeFunctions, Result } from "../../ffi/mod.ts";
import { native, NativeHandle } from "../native/handle.ts";
import { attach, SoraMediaTrack, type TrackDependent } from "./media_track.ts";
import { SoraTrackInterface, type SoraTrackKind } from "./track.ts";

/** The native functions of one kind of sink. */
export interface NativeSink {
  /** Makes one for a track; `out` gets its handle. */
  create(functions: NativeFunctions, track: number, out: Uint32Array<ArrayBuffer>): number;
  /** How much it has dropped; negative when it is closed. */
  dropped(functions: NativeFunctions, sink: number): number;
  /** Closes it. */
  close(functions: NativeFunctions, sink: number): number;
}

/**
 * Receives the media of a track in a bounded native queue. Its handlers are called with the sink as `this`: a method of another
 * object must be bound, `(frame) => player.show(frame)` or `player.show.bind(player)`.
 *
 * @example
 * ```ts
 * import { Sora, type SoraSink, SoraVideoSink } from "sora-ffi";
 * import { SoraServer } from "sora-ffi/sfu";
 *
 * await using server = await SoraServer.start({ port: 0 });
 * await using sora = new Sora();
 * const room = { signalingUrls: [server.url], channelId: "room", audio: false };
 * const source = sora.createVideoSource();
 * await using sender = sora.createConnection({ ...room, role: "sendonly", videoSource: source });
 * await using receiver = sora.createConnection({ ...room, role: "recvonly" });
 * await Promise.all([sender.connect(), receiver.connect()]);
 * const grey = new Uint8Array(640 * 360 * 3).fill(128); // BGR
 * const camera = setInterval(() => source.onCaptured(grey, { width: 640, height: 360 }), 33);
 *
 * const lost = (sink: SoraSink) => `${sink.track.kind}: ${sink.dropped} dropped`;
 * for await (const track of receiver.tracks()) {
 *   using sink = new SoraVideoSink(track);
 *   sink.onError = (error) => console.error(error);
 *   const first = Promise.withResolvers<void>();
 *   sink.onFrame = (frame) => {
 *     frame.close();
 *     first.resolve();
 *   };
 *   await first.promise;
 *   console.log(lost(sink)); // video: 0 dropped
 *   break;
 * }
 * clearInterval(camera);
 * ```
 */
export abstract class SoraSink implements Disposable {
  /** The track that it is attached to. */
  readonly track: SoraMediaTrack;
  /** A handler threw or rejected, or something was lost. Without this handler the error is written to the console. */
  onError: ((error: unknown) => unknown) | undefined = undefined;
  /** @internal */
  protected readonly handle: NativeHandle;
  readonly #native: NativeSink;
  readonly #detach: () => void;
  #ended = false;
  #dropped = 0;

  /** @internal */
  protected constructor(kind: SoraTrackKind, track: SoraTrackInterface, sink: NativeSink) {
    if (!(track instanceof SoraMediaTrack)) {
      const given = track instanceof SoraTrackInterface ? "a source of this side" : kindOf(track);
      throw new TypeError(`track must be a received track (SoraMediaTrack), not ${given}`);
    }
    if (track.kind !== kind) {
      throw new TypeError(`track must be of kind "${kind}", not "${track.kind}"`);
    }
    this.track = track;
    this.#native = sink;
    const { realm } = track[native];
    this.handle = NativeHandle.create(
      realm,
      `The ${kind} sink`,
      (functions, out) => sink.create(functions, track[native].value, out),
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

  /** How much was dropped because nobody took it in time: frames of video, samples per channel of audio. */
  get dropped(): number {
    if (!this.handle.closed) this.#count(this.handle.value);
    return this.#dropped;
  }

  /** Passes on what the native queue has, as far as there are takers. @internal */
  protected abstract pump(): void;

  /** Ends all waiting. @internal */
  protected abstract finish(): void;

  /** Passes a native result on. A failure, which an empty queue is not, closes the sink and is reported. @internal */
  protected checked(result: number): number {
    if (result >= 0 || result === Result.ERROR_WOULD_BLOCK) return result;
    const error = nativeError(result, lastError(this.handle.functions));
    this.close();
    if (error.code !== "CLOSED") report(this, error);
    return result;
  }

  /** Stops receiving and drops what is buffered. Idempotent. */
  close(): void {
    const value = this.handle.take();
    if (value === 0) return;
    const { events, functions } = this.handle.realm;
    events.unlisten(value);
    this.#count(value);
    this.#native.close(functions, value);
    this.#detach();
    this.finish();
  }

  /** As {@link close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #count(sink: number): void {
    const dropped = this.#native.dropped(this.handle.functions, sink);
    // A sink that its factory closed keeps what was counted last.
    if (dropped >= 0) this.#dropped = dropped;
  }
}
