/**
 * A stream of pictures to send.
 *
 * @module
 */

import { kindOf } from "../signaling/json.ts";
import { sleep } from "./sleep.ts";
import { SoraVideoFrame } from "./video_frame.ts";
import type { SoraCapturedOptions } from "./video_source.ts";

/** A picture in memory. */
export interface SoraPicture extends SoraCapturedOptions {
  /** The pixels, as `SoraVideoSource.onCaptured()` takes them. */
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** What may be written: a picture, or a received frame, which is closed then. */
export type SoraVideoChunk = SoraPicture | SoraVideoFrame;

/** What a stream needs of its source. */
interface VideoOutput {
  onCaptured(data: SoraPicture["data"], options: SoraCapturedOptions): boolean;
  onFrame(frame: SoraVideoFrame): boolean;
}

/** When a picture is further ahead of its time than this, its clock was set anew. */
const MAX_AHEAD_MS = 5_000;
/** When the writer or the event loop was late by more than this, the time that was lost is not made up for. */
const MAX_LATE_MS = 100;
const US_PER_MS = 1_000;

/** Makes a stream that hands pictures on, those with a timestamp when their time has come. */
export function videoWritable(source: VideoOutput): WritableStream<SoraVideoChunk> {
  /** The moment of timestamp 0. */
  let origin: number | undefined;
  const wait = async (timestampUs: number, signal: AbortSignal): Promise<void> => {
    const now = performance.now();
    const time = timestampUs / US_PER_MS;
    origin ??= now - time;
    const ahead = origin + time - now;
    if (ahead < -MAX_LATE_MS || ahead > MAX_AHEAD_MS) origin = now - time;
    else if (ahead > 0) await sleep(ahead, signal);
  };
  return new WritableStream<SoraVideoChunk>({
    async write(chunk, { signal }) {
      if (chunk instanceof SoraVideoFrame) {
        using frame = chunk;
        source.onFrame(frame);
        return;
      }
      if (typeof chunk !== "object" || chunk === null) {
        throw new TypeError(`A chunk must be a picture or a SoraVideoFrame, not ${kindOf(chunk)}`);
      }
      const { data, ...options } = chunk;
      if (typeof options.timestampUs === "number") await wait(options.timestampUs, signal);
      signal.throwIfAborted();
      source.onCaptured(data, options);
    },
  }, { highWaterMark: 1 });
}
