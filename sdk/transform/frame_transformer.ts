/**
 * Transformers of encoded frames.
 *
 * @module
 */

import { callGuarded, report } from "../../base/handlers.ts";
import { lastError, nativeError, Result, TransformerInfo } from "../../ffi/mod.ts";
import { checkInteger, checkObject, optional, wrongType } from "../../base/checks.ts";
import { SoraError } from "../../base/errors.ts";
import { native, NativeHandle } from "../native/handle.ts";
import { Pull } from "../streams/pull.ts";
import { HeldFrames } from "./held_frames.ts";
import type { SoraTrackKind } from "../track/track.ts";
import {
  dropFrame,
  type FrameInfo,
  mimeTypeOf,
  type SoraTransformableFrame,
} from "./transformable_frame.ts";
import { renewable, Writables } from "../streams/writables.ts";

/** Options of a transformer. */
export interface SoraFrameTransformerOptions {
  /** How many frames may wait for the handler, 1 to 1,024; when one more comes, the oldest is dropped. Default: 64. */
  readonly capacity?: number | undefined;
}

/** Handler of an encoded frame: enqueues it, now or later, or drops it. */
export type SoraFrameTransformHandler<T extends SoraTransformableFrame> =
  // The type of a method, so that a transformer of audio is assignable to one of frames.
  { handle(frame: T): unknown }["handle"];

const DEFAULT_CAPACITY = 64;
const MAX_CAPACITY = 1_024;
/** More dependencies than any frame has: a dependency descriptor has at most 255 bytes (RFC 8285), each takes 5 bits. */
const MAX_LISTED = 512;
const info = new Float64Array(TransformerInfo.COUNT + MAX_LISTED);

/** Key of the method by which connections and tracks attach a transformer. */
export const attachTransformer: unique symbol = Symbol("attachTransformer");
/** Name of the check that a transformer can be attached. */
export const checkTransformer: unique symbol = Symbol("checkTransformer");
/** Key of the method by which connections and tracks detach a transformer. */
export const detachTransformer: unique symbol = Symbol("detachTransformer");

/**
 * Intercepts encoded frames (W3C WebRTC Encoded Transform), which continue when they are enqueued: through {@link onTransform},
 * or {@link readable} and {@link writable}. It serves one sender (an option of a connection) or one received track
 * (`SoraMediaTrack.setFrameTransformer`) at a time.
 *
 * Its handlers are called with the transformer as `this`: a method of another object must be bound.
 *
 * A frame that is not enqueued is lost, and nothing else: not when the handler throws, nor when it is slow.
 *
 * @example
 * ```ts
 * import { Sora, SoraVideoFrameTransformer } from "sora-ffi";
 * import { SoraServer } from "sora-ffi/sfu";
 *
 * await using server = await SoraServer.start({ port: 0 });
 * await using sora = new Sora();
 * const room = { signalingUrls: [server.url], channelId: "room", audio: false };
 * const source = sora.createVideoSource();
 * const transformer = new SoraVideoFrameTransformer();
 * await using sender = sora.createConnection({
 *   ...room,
 *   role: "sendonly",
 *   videoSource: source,
 *   videoFrameTransformer: transformer,
 * });
 * await sender.connect();
 * source.onCaptured(new Uint8Array(640 * 360 * 3), { width: 640, height: 360 });
 *
 * // With Web Streams: what is read is written again, and so goes on.
 * const writer = transformer.writable.getWriter();
 * for await (const frame of transformer.readable) {
 *   console.log(frame.mimeType); // video/VP9
 *   await writer.write(frame);
 *   break;
 * }
 * ```
 */
export abstract class SoraFrameTransformer<
  T extends SoraTransformableFrame = SoraTransformableFrame,
> implements Disposable {
  /** A handler threw or rejected. Without this handler the error is written to the console. */
  onError: ((error: unknown) => unknown) | undefined = undefined;
  /** What it transforms. */
  readonly kind: SoraTrackKind;
  readonly #capacity: number;
  readonly #held = new HeldFrames(() => {
    this.#dropped++;
    this.#droppedBefore++;
  });
  readonly #frames = new Pull<T>({
    closed: () => this.#closed,
    pump: () => this.#pump(),
    cancel: () => this.startShortCircuiting(),
  });
  readonly #writables = new Writables<T>((ended) =>
    renewable<T>({ write: (frame) => this.enqueue(frame) }, { highWaterMark: 1 }, ended)
  );
  #onTransform: SoraFrameTransformHandler<T> | undefined = undefined;
  #handle: NativeHandle | undefined;
  #owner: object | undefined;
  #dropped = 0;
  #droppedBefore = 0;
  /** The MIME type of the last frame, and its number. */
  #mimeType = "";
  #mimeTypeNumber = 0;
  #shortCircuiting = false;
  #closed = false;

  /** @internal */
  protected constructor(kind: SoraTrackKind, options: SoraFrameTransformerOptions) {
    const from = checkObject(options, "options", ["capacity"]);
    const { capacity = DEFAULT_CAPACITY } = optional(
      from,
      "capacity",
      "options",
      (v, p) => checkInteger(v, p, 1, MAX_CAPACITY),
    );
    this.kind = kind;
    this.#capacity = capacity;
  }

  /** @internal */
  protected abstract wrap(handle: NativeHandle, info: FrameInfo, mimeType: string): T;

  /** Called with each frame; without it, and without a reader of {@link readable}, frames wait and the oldest are dropped. */
  get onTransform(): SoraFrameTransformHandler<T> | undefined {
    return this.#onTransform;
  }

  /** Sets it; frames that are already waiting follow at once. */
  set onTransform(handler: SoraFrameTransformHandler<T> | undefined) {
    this.#onTransform = handler;
    queueMicrotask(() => this.#pump());
  }

  /** The frames as a stream (WHATWG Streams); it ends with {@link close}. */
  get readable(): ReadableStream<T> {
    return this.#frames.readable;
  }

  /**
   * Enqueues what is written. Closing or aborting it does not change the transformer; the next read of this property makes a new
   * stream.
   */
  get writable(): WritableStream<T> {
    return this.#writables.present;
  }

  /** Frames that were dropped because they waited too long, or because a handler threw, as of the last frame. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * Lets a frame continue. When the sender or track has ended in the meantime, which nobody can foresee, the frame is gone and
   * nothing happens.
   *
   * @throws {TypeError} If it is not a frame of this kind.
   * @throws {SoraError} `CLOSED` when it was enqueued or dropped before; `INVALID_STATE` when it belongs to another
   * transformer.
   */
  enqueue(frame: T): void {
    const handle = (frame as Partial<SoraTransformableFrame> | undefined)?.[native];
    if (!(handle instanceof NativeHandle)) {
      throw wrongType("frame", `an encoded ${this.kind} frame`, frame);
    }
    if (this.#held.forget(handle)) return;
    // Throws when it is closed.
    void handle.value;
    if (!this.#held.remove(handle)) {
      throw new SoraError("INVALID_STATE", "The encoded frame belongs to another transformer");
    }
    const transformer = this.#handle;
    if (transformer === undefined) {
      dropFrame(handle);
      return;
    }
    transformer.functions.sora_transformer_enqueue(transformer.value, handle.take());
  }

  /** Lets all frames continue unmodified from now on, those that are waiting and those of later connections. */
  startShortCircuiting(): void {
    this.#shortCircuiting = true;
    const handle = this.#handle;
    handle?.functions.sora_transformer_start_short_circuiting(handle.value);
  }

  /** Lets all frames continue unmodified and ends {@link readable}; the transformer can no longer be used. Idempotent. */
  close(): void {
    this.#closed = true;
    this.#shortCircuiting = true;
    this.#release();
    this.#frames.finish();
  }

  /** As {@link close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Checks that {@link attachTransformer} would attach it.
   *
   * @throws {SoraError} `INVALID_STATE` when it serves another owner; `CLOSED` after {@link close}.
   * @internal
   */
  [checkTransformer](owner: object): void {
    if (this.#closed) throw new SoraError("CLOSED", "The frame transformer is closed");
    if (this.#owner !== undefined && this.#owner !== owner) {
      throw new SoraError(
        "INVALID_STATE",
        `The ${this.kind} frame transformer serves another sender or track already: make one for each`,
      );
    }
  }

  /**
   * Makes the native transformer for a sender or a track.
   *
   * @param owner What it serves from now on; the same owner may attach it again, after a reconnection.
   * @throws {SoraError} `INVALID_STATE` when it serves another owner; `CLOSED` after {@link close}.
   * @internal
   */
  [attachTransformer](factory: NativeHandle, owner: object): NativeHandle {
    this[checkTransformer](owner);
    this.#release();
    const { realm } = factory;
    const handle = NativeHandle.create(
      realm,
      `The ${this.kind} frame transformer`,
      (functions, out) =>
        functions.sora_transformer_create(
          factory.value,
          this.kind === "video" ? 1 : 0,
          this.#capacity,
          out,
        ),
    );
    this.#handle = handle;
    this.#mimeTypeNumber = 0;
    this.#owner = owner;
    realm.events.listen(handle.value, () => this.#pump());
    if (this.#shortCircuiting) this.startShortCircuiting();
    return handle;
  }

  /** The sender or track of `owner` has ended. @internal */
  [detachTransformer](owner: object): void {
    if (this.#owner === owner) this.#release();
  }

  #release(): void {
    const handle = this.#handle;
    this.#handle = undefined;
    this.#owner = undefined;
    this.#held.clear();
    if (handle === undefined) return;
    this.#droppedBefore = this.#dropped;
    const value = handle.take();
    handle.realm.events.unlisten(value);
    handle.functions.sora_transformer_close(value);
  }

  #pump(): void {
    while (this.#handle !== undefined) {
      const waited = this.#frames.wanted;
      const handler = this.#onTransform;
      if (!waited && handler === undefined) return;
      const frame = this.#take(this.#handle);
      if (frame === undefined) return;
      if (waited) this.#frames.give(frame);
      else callGuarded(this, handler, [frame], this.#failed);
    }
  }

  readonly #failed = (
    _owner: unknown,
    error: unknown,
    [frame]: [SoraTransformableFrame],
  ): void => {
    this.#held.drop(frame[native]);
    report(this, error);
  };

  #take(transformer: NativeHandle): T | undefined {
    const { functions, realm } = transformer;
    const result = functions.sora_transformer_take(transformer.value, info, info.length);
    if (result < 0) {
      if (result !== Result.ERROR_WOULD_BLOCK && result !== Result.ERROR_CLOSED) {
        report(this, nativeError(result, lastError(functions)));
      }
      return undefined;
    }
    const value = info[TransformerInfo.FRAME] ?? 0;
    this.#dropped = this.#droppedBefore + (info[TransformerInfo.DROPPED] ?? 0);
    const handle = new NativeHandle(realm, "The encoded frame", value);
    const mimeTypeNumber = info[TransformerInfo.MIME_TYPE] ?? 0;
    if (this.#mimeTypeNumber !== mimeTypeNumber) {
      this.#mimeType = mimeTypeOf(handle);
      this.#mimeTypeNumber = mimeTypeNumber;
    }
    const frame = this.wrap(handle, info, this.#mimeType);
    this.#held.add(frame, handle);
    return frame;
  }
}
