/**
 * Received video.
 *
 * @module
 */

import { callHandler, report } from "../../base/handlers.ts";
import { lastError, nativeError, Result, VideoInfo } from "../../ffi/mod.ts";
import { checkInteger, checkObject } from "../../base/checks.ts";
import { SoraError } from "../../base/errors.ts";
import { Pull } from "../streams/pull.ts";
import { SoraSink } from "../track/sink.ts";
import type { SoraTrackInterface } from "../track/track.ts";
import { SoraVideoFrame } from "./frame.ts";

/** Options of a {@link SoraVideoSink}. */
export interface SoraVideoSinkOptions {
  /** How many pictures wait for the reader, 1 to 32; when one more comes, the oldest is dropped. Default: 3. */
  readonly depth?: number | undefined;
}

/** Handler of a picture. Whoever gets it closes it. */
export type SoraVideoFrameHandler = (frame: SoraVideoFrame) => unknown;

const DEFAULT_DEPTH = 3;
const MAX_DEPTH = 32;
const info = new Float64Array(VideoInfo.COUNT);
const FULL = "full";

/**
 * Receives the pictures of a track: through {@link onFrame}, `for await`, or {@link readable}. A slow reader loses the oldest
 * pictures, which {@link dropped} counts.
 */
export class SoraVideoSink extends SoraSink implements AsyncIterable<SoraVideoFrame, undefined> {
  readonly #frames = new Pull<SoraVideoFrame>({
    closed: () => this.handle.closed,
    pump: () => this.pump(),
    cancel: () => this.close(),
  });
  #onFrame: SoraVideoFrameHandler | undefined = undefined;
  #dropped = 0;
  #fullReported = false;

  /**
   * Starts to receive the pictures of a track.
   *
   * @param track A track of video that is received.
   * @throws {TypeError} If an option or the track is wrong.
   * @throws {SoraError} `CLOSED` when the track has ended.
   */
  constructor(track: SoraTrackInterface, options: SoraVideoSinkOptions = {}) {
    checkObject(options, "options", ["depth"]);
    const depth = options.depth === undefined
      ? DEFAULT_DEPTH
      : checkInteger(options.depth, "options.depth", 1, MAX_DEPTH);
    super(
      "video",
      track,
      (functions, track, out) => functions.sora_video_sink_create(track, depth, out),
    );
  }

  /** Gets each picture, and closes it when it is done with it. It may keep pictures, up to 32. */
  get onFrame(): SoraVideoFrameHandler | undefined {
    return this.#onFrame;
  }

  /** Sets it; pictures that wait already follow at once. */
  set onFrame(handler: SoraVideoFrameHandler | undefined) {
    this.#onFrame = handler;
    queueMicrotask(() => this.pump());
  }

  /** Pictures that were dropped because nobody took them in time. */
  get dropped(): number {
    if (!this.handle.closed) this.#countDropped(this.handle.value);
    return this.#dropped;
  }

  /** The pictures as a stream (WHATWG Streams). Whoever reads one closes it. */
  get readable(): ReadableStream<SoraVideoFrame> {
    return this.#frames.readable;
  }

  /** The pictures, oldest first. Whoever gets one closes it. Leaving the loop leaves the sink open. */
  [Symbol.asyncIterator](): AsyncIterator<SoraVideoFrame, undefined> {
    return this.#frames[Symbol.asyncIterator]();
  }

  /** @internal */
  protected override pump(): void {
    while (!this.handle.closed) {
      const waited = this.#frames.wanted;
      if (!waited && this.#onFrame === undefined) return;
      const frame = this.#take();
      if (frame === FULL) return;
      if (frame === undefined) break;
      if (waited) this.#frames.give(frame);
      else callHandler(this, this.#onFrame, frame);
    }
    if (this.ended) this.close();
  }

  /** The oldest picture; `FULL` when one must be closed first, in whichever realm, after which the pump runs again. */
  #take(): SoraVideoFrame | typeof FULL | undefined {
    const { realm } = this.handle;
    const result = realm.functions.sora_video_sink_take(this.handle.value, info);
    if (result >= 0) return new SoraVideoFrame(realm, info);
    if (result === Result.ERROR_LIMIT) {
      this.#reportFull();
      return FULL;
    }
    if (result !== Result.ERROR_WOULD_BLOCK) {
      const error = nativeError(result, lastError(realm.functions));
      this.close();
      if (error.code !== "CLOSED") report(this, error);
    }
    return undefined;
  }

  #countDropped(sink: number): void {
    const result = this.handle.functions.sora_video_sink_dropped(sink);
    // A sink that its factory closed keeps what was counted last.
    if (result >= 0) this.#dropped = result;
  }

  #reportFull(): void {
    if (this.#fullReported) return;
    this.#fullReported = true;
    report(
      this,
      new SoraError(
        "LIMIT_EXCEEDED",
        "As many video frames are held as a sink hands out at a time (32), so pictures are dropped: " +
          "close() each frame as soon as it is not needed any more",
      ),
    );
  }

  /** @internal */
  protected override finish(): void {
    this.#frames.finish();
  }

  /** @internal */
  protected override closeNative(sink: number): void {
    this.#countDropped(sink);
    this.handle.functions.sora_video_sink_close(sink);
  }
}
