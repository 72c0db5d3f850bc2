/**
 * A stream of video to send, paced by timestamps.
 *
 * @module
 */

import { wrongType } from "../../base/checks.ts";
import { sleep } from "../../base/sleep.ts";
import { SoraVideoFrame } from "./frame.ts";
import type { SoraCapturedOptions, SoraPicture, SoraVideoChunk } from "./chunk.ts";
import { renewable } from "../streams/writables.ts";

/** The part of a source that a stream needs. */
interface VideoOutput {
  onCaptured(data: SoraPicture["data"], options: SoraCapturedOptions): boolean;
  onFrame(frame: SoraVideoFrame): boolean;
}

/** When a frame is further ahead of its time than this, its clock was reset. */
const MAX_AHEAD_MS = 5_000;
/** When the writer or the event loop is late by more than this, the lost time is not made up for. */
const MAX_LATE_MS = 100;
/** Frames that follow each other more slowly are no video whose pace is kept from one stream to the next. */
const MAX_GAP_MS = 200;
const US_PER_MS = 1_000;

/** Times on the clock of `performance.now()`, in milliseconds; shared by streams that follow each other. */
export class VideoPace {
  /** When the last frame with a timestamp was due. */
  due = -Infinity;
  /** How long after the one before it was due. */
  gap = 0;
}

/**
 * Makes a stream that passes frames on, those with a timestamp when they are due.
 *
 * @param pace The pace of the streams before it.
 * @param ended Called when nothing more can be written to it.
 */
export function videoWritable(
  source: VideoOutput,
  pace: VideoPace = new VideoPace(),
  ended: () => void = () => {},
): WritableStream<SoraVideoChunk> {
  /** The time of timestamp 0. */
  let origin: number | undefined;
  const wait = async (timestampUs: number, signal: AbortSignal): Promise<void> => {
    const now = performance.now();
    const time = timestampUs / US_PER_MS;
    const ahead = origin === undefined ? NaN : origin + time - now;
    const continues = ahead >= -MAX_LATE_MS && ahead <= MAX_AHEAD_MS;
    // A new clip, or a clock that was reset: as long after the last frame as that was after the one before.
    if (origin === undefined || !continues) origin = Math.max(now, pace.due + pace.gap) - time;
    const due = origin + time;
    if (due > now) await sleep(due - now, signal);
    signal.throwIfAborted();
    if (continues) pace.gap = Math.min(Math.max(0, due - pace.due), MAX_GAP_MS);
    pace.due = due;
  };
  return renewable<SoraVideoChunk>(
    {
      async write(chunk, { signal }) {
        if (chunk instanceof SoraVideoFrame) {
          using frame = chunk;
          source.onFrame(frame);
          return;
        }
        if (typeof chunk !== "object" || chunk === null) {
          throw wrongType("chunk", "a SoraPicture or a SoraVideoFrame", chunk);
        }
        const { data, ...options } = chunk;
        if (typeof options.timestampUs === "number") await wait(options.timestampUs, signal);
        signal.throwIfAborted();
        source.onCaptured(data, options);
      },
    },
    { highWaterMark: 1 },
    ended,
  );
}
