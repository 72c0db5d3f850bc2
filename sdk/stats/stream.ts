/**
 * Periodic statistics.
 *
 * @module
 */

import { checkNumber, checkObject, optional } from "../../base/checks.ts";
import { SoraError } from "../../base/errors.ts";
import { sleep } from "../../base/sleep.ts";
import type { SoraStats } from "./mod.ts";

/** A source of statistics. */
export interface StatsSource {
  /** As W3C WebRTC `getStats()`. */
  getStats(): Promise<SoraStats[]>;
}

/** The streams of statistics of a connection. */
export class StatsStreams {
  #begun = Promise.withResolvers<void>();
  #ended = new AbortController();

  /** The connection is connecting. */
  begin(): void {
    this.#begun.resolve();
  }

  /** The connection has ended; streams that are opened from now on belong to the next. */
  end(): void {
    this.#ended.abort();
    this.#begun = Promise.withResolvers();
    this.#ended = new AbortController();
  }

  /**
   * Makes a stream of statistics: the first at once, each next one `intervalMs` after the one before was requested. Nothing comes
   * before the connection and while it is made again; with its end the stream is closed.
   *
   * @throws {TypeError | RangeError} If the interval is wrong.
   */
  open(
    source: StatsSource,
    options: { readonly intervalMs?: number | undefined },
  ): ReadableStream<SoraStats[]> {
    const { intervalMs = 1_000 } = optional(
      checkObject(options, "options", ["intervalMs"]),
      "intervalMs",
      "options",
      (v, p) => checkNumber(v, p, 10, 86_400_000),
    );
    const cancelled = new AbortController();
    const stop = AbortSignal.any([cancelled.signal, this.#ended.signal]);
    const stopped = new Promise<void>((resolve) => stop.addEventListener("abort", () => resolve()));
    const begun = Promise.race([this.#begun.promise, stopped]);
    let due = 0;
    const next = async (): Promise<SoraStats[] | undefined> => {
      await begun;
      while (true) {
        const now = performance.now();
        if (due > now) await sleep(due - now, stop);
        if (stop.aborted) return undefined;
        due = performance.now() + intervalMs;
        try {
          return await source.getStats();
        } catch (error) {
          // There is no peer connection at the moment, or it has just ended.
          if (!(error instanceof SoraError)) throw error;
        }
      }
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
}
