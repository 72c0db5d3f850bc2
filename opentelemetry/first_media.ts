/**
 * When the first video and the first audio came, by the statistics.
 *
 * @module
 */

import { setTimeout as startTimer } from "node:timers";
import type { SoraObservedConnection, SoraStats } from "../mod.ts";

/** When the statistics are looked at, after the connection is there. Who sends later than that is no part of connecting. */
const LOOKS_MS = [100, 300, 700, 1_500, 3_100, 6_300];

/** What may come. */
type Kind = "audio" | "video";

/** When the first media of a kind came, in milliseconds since 1970, by what has come since; undefined when there is none. */
export function firstMedia(stats: readonly SoraStats[], kind: Kind): number | undefined {
  const times = stats.flatMap((one) => {
    if (one.type !== "inbound-rtp" || one.kind !== kind) return [];
    if (kind === "audio") {
      // All samples are counted from the beginning of the track, silence before the first packet too; these came from packets.
      const { jitterBufferEmittedCount = 0, totalSamplesReceived, totalSamplesDuration } = one;
      if (jitterBufferEmittedCount === 0 || !totalSamplesReceived || !totalSamplesDuration) {
        return [];
      }
      const rate = totalSamplesReceived / totalSamplesDuration;
      return [one.timestamp - jitterBufferEmittedCount / rate * 1_000];
    }
    if ((one.framesDecoded ?? 0) === 0) return [];
    return [one.timestamp - (one.totalInterFrameDelay ?? 0) * 1_000];
  });
  return times.length === 0 ? undefined : Math.min(...times);
}

/** Looks for the first media of a connection, a few times, until it is disposed of. The process does not wait for it. */
export class FirstMedia implements Disposable {
  readonly #connection: SoraObservedConnection;
  readonly #found: (kind: Kind, at: number) => void;
  readonly #awaited = new Set<Kind>(["audio", "video"]);
  #looks = 0;
  #timer: ReturnType<typeof startTimer> | undefined;

  /** @param found Called once for each kind that came. */
  constructor(connection: SoraObservedConnection, found: (kind: Kind, at: number) => void) {
    this.#connection = connection;
    this.#found = found;
    this.#wait();
  }

  #wait(): void {
    const due = LOOKS_MS[this.#looks];
    if (due === undefined || this.#awaited.size === 0) return;
    const before = LOOKS_MS[this.#looks - 1] ?? 0;
    this.#looks++;
    this.#timer = startTimer(() => void this.#look(), due - before);
    this.#timer.unref();
  }

  async #look(): Promise<void> {
    let stats: readonly SoraStats[];
    try {
      stats = await this.#connection.getStats();
    } catch {
      // The connection has ended.
      return;
    }
    for (const kind of this.#awaited) {
      const at = firstMedia(stats, kind);
      if (at === undefined) continue;
      this.#awaited.delete(kind);
      this.#found(kind, at);
    }
    if (this.#timer !== undefined) this.#wait();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#awaited.clear();
  }
}
