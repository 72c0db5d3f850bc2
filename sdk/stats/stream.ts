/**
 * Statistics again and again.
 *
 * @module
 */

import { SoraError } from "../../signaling/errors.ts";
import { sleep } from "../sleep.ts";
import type { SoraStats } from "./mod.ts";

/** Where statistics come from. */
export interface StatsSource {
  /** `disconnected` when none will come. */
  readonly state: string;
  /** As W3C WebRTC `getStats()`. */
  getStats(): Promise<SoraStats[]>;
}

/**
 * Makes a stream of statistics: the first at once, the next `intervalMs` after the one before was asked for. While the
 * connection is made again nothing comes; with its end the stream is closed.
 */
export function statsStream(source: StatsSource, intervalMs: number): ReadableStream<SoraStats[]> {
  const cancelled = new AbortController();
  let due = 0;
  const next = async (): Promise<SoraStats[] | undefined> => {
    while (!cancelled.signal.aborted) {
      const now = performance.now();
      if (due > now) await sleep(due - now, cancelled.signal);
      due = performance.now() + intervalMs;
      if (source.state === "disconnected") return undefined;
      try {
        return await source.getStats();
      } catch (error) {
        // There is no peer connection at the moment, or it has just ended.
        if (!(error instanceof SoraError)) throw error;
      }
    }
    return undefined;
  };
  return new ReadableStream<SoraStats[]>({
    async pull(controller) {
      const stats = await next();
      if (cancelled.signal.aborted) return;
      if (stats === undefined) controller.close();
      else controller.enqueue(stats);
    },
    cancel: () => cancelled.abort(),
  }, { highWaterMark: 0 });
}
