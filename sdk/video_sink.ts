/**
 * Received video.
 *
 * @module
 */

import { Result, VideoInfo } from "../ffi/constants.ts";
import { lastError, nativeError } from "../ffi/result.ts";
import { checkInteger, checkObject } from "../signaling/checks.ts";
import { SoraError } from "../signaling/errors.ts";
import { callHandler, report } from "./handlers.ts";
import type { SoraMediaTrack } from "./media_track.ts";
import { SoraSink } from "./sink.ts";
import { SoraVideoFrame } from "./video_frame.ts";

/** Options of a {@link SoraVideoSink}. */
export interface SoraVideoSinkOptions {
  /** How many pictures wait for the reader, 1 to 32; when one more comes, the oldest is dropped. Default: 3. */
  readonly depth?: number;
}

/** Handler of a picture. Whoever gets it closes it. */
export type SoraVideoFrameHandler = (frame: SoraVideoFrame) => unknown;

type FrameResult = IteratorResult<SoraVideoFrame, undefined>;

const DEFAULT_DEPTH = 3;
const MAX_DEPTH = 32;
const info = new Float64Array(VideoInfo.COUNT);
const done: FrameResult = { done: true, value: undefined };

/**
 * Receives the pictures of a track: through {@link onFrame}, `for await`, or {@link readable}. A slow reader loses the oldest
 * pictures, which {@link dropped} counts.
 */
export class SoraVideoSink extends SoraSink implements AsyncIterable<SoraVideoFrame, undefined> {
  readonly #waiting: ((result: FrameResult) => void)[] = [];
  #onFrame: SoraVideoFrameHandler | undefined = undefined;
  #readable: ReadableStream<SoraVideoFrame> | undefined;
  #dropped = 0;
  /** As many pictures are held as may be; one must be closed before the next can be taken. */
  #full = false;
  #fullReported = false;
  readonly #released = () => {
    if (!this.#full) return;
    this.#full = false;
    queueMicrotask(() => this.pump());
  };

  /**
   * Starts to receive the pictures of a track.
   *
   * @param track A track of video.
   * @throws {TypeError} If an option or the track is wrong.
   * @throws {SoraError} `CLOSED` when the track has ended.
   */
  constructor(track: SoraMediaTrack, options: SoraVideoSinkOptions = {}) {
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

  /** Pictures that were dropped because nobody took them in time, as of the last one that was taken. */
  get dropped(): number {
    return this.#dropped;
  }

  /** The pictures as a stream (WHATWG Streams). Whoever reads one closes it. */
  get readable(): ReadableStream<SoraVideoFrame> {
    return this.#readable ??= new ReadableStream<SoraVideoFrame>({
      pull: async (controller) => {
        const { value } = await this.#next();
        if (value === undefined) controller.close();
        else controller.enqueue(value);
      },
      cancel: () => this.close(),
    }, { highWaterMark: 0 });
  }

  /** The pictures, oldest first. Whoever gets one closes it. Leaving the loop leaves the sink open. */
  [Symbol.asyncIterator](): AsyncIterator<SoraVideoFrame, undefined> {
    return {
      next: () => this.#next(),
      return: () => Promise.resolve(done),
    };
  }

  #next(): Promise<FrameResult> {
    return new Promise((resolve) => {
      if (this.handle.closed) {
        resolve(done);
        return;
      }
      this.#waiting.push(resolve);
      this.pump();
    });
  }

  /** @internal */
  protected override pump(): void {
    while (!this.handle.closed && !this.#full) {
      const waiting = this.#waiting[0];
      if (waiting === undefined && this.#onFrame === undefined) return;
      const frame = this.#take();
      if (frame === undefined) break;
      if (waiting === undefined) {
        callHandler(this, this.#onFrame, frame);
      } else {
        this.#waiting.shift();
        waiting({ done: false, value: frame });
      }
    }
    if (this.ended && !this.#full) this.close();
  }

  #take(): SoraVideoFrame | undefined {
    const { realm } = this.handle;
    const result = realm.functions.sora_video_sink_take(this.handle.value, info);
    if (result >= 0) {
      this.#dropped = info[VideoInfo.DROPPED] ?? 0;
      return new SoraVideoFrame(realm, info, this.#released);
    }
    if (result === Result.ERROR_LIMIT) {
      this.#full = true;
      this.#reportFull();
      return undefined;
    }
    if (result !== Result.ERROR_WOULD_BLOCK) {
      const error = nativeError(result, lastError(realm.functions));
      this.close();
      if (error.code !== "CLOSED") report(this, error);
    }
    return undefined;
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
    for (const waiting of this.#waiting.splice(0)) waiting(done);
  }

  /** @internal */
  protected override closeNative(sink: number): void {
    this.handle.realm.functions.sora_video_sink_close(sink);
  }
}
