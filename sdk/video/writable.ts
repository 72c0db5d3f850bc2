/**
 * A stream of pictures to send.
 *
 * @module
 */

import { kindOf } from "../../base/json.ts";
import { sleep } from "../streams/sleep.ts";
import { SoraVideoFrame } from "./frame.ts";
import type { SoraCapturedOptions, SoraPicture, SoraVideoChunk } from "./chunk.ts";
import { renewable } from "../streams/writables.ts";

/** What a stream needs of its source. */
interface VideoOutput {
  onCaptured(data: SoraPicture["data"], options: SoraCapturedOptions): boolean;
  onFrame(frame: SoraVideoFrame): boolean;
}

/** When a picture is further ahead of its time than this, its clock was set anew. */
const MAX_AHEAD_MS = 5_000;
/** When the writer or the event loop was late by more than this, the time that was lost is not made up for. */
const MAX_LATE_MS = 100;
/** Pictures that follow each other more slowly are no video whose pace is kept from one stream to the next. */
const MAX_GAP_MS = 200;
const US_PER_MS = 1_000;

/** Times on the clock of `performance.now()`, in milliseconds: streams that follow each other have them in common. */
export class VideoPace {
  /** When the last picture with a timestamp was due. */
  due = -Infinity;
  /** How far it was from the one before. */
  gap = 0;
}

/**
 * Makes a stream that hands pictures on, those with a timestamp when their time has come.
 *
 * @param pace Of the streams before it.
 * @param ended Nothing can be written to it any more.
 */
export function videoWritable(
  source: VideoOutput,
  pace: VideoPace = new VideoPace(),
  ended: () => void = () => {},
): WritableStream<SoraVideoChunk> {
  /** The moment of timestamp 0. */
  let origin: number | undefined;
  const wait = async (timestampUs: number, signal: AbortSignal): Promise<void> => {
    const now = performance.now();
    const time = timestampUs / US_PER_MS;
    const ahead = origin === undefined ? NaN : origin + time - now;
    const continues = ahead >= -MAX_LATE_MS && ahead <= MAX_AHEAD_MS;
    // A new clip, or a clock that was set anew: as far from the last picture as that was from the one before.
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
          throw new TypeError(
            `A chunk must be a picture or a SoraVideoFrame, not ${kindOf(chunk)}`,
          );
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
