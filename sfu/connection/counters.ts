/** Counters of connections, summed up over all, and of refusals. */
import type { MediaCounters } from "../media/session.ts";
import type { RefusalReason } from "../signaling/refusal.ts";

/** Counters of one connection. */
export interface ConnectionCounters extends MediaCounters {
  /** Messages to it that were dropped. */
  droppedMessages: number;
}

/** Counters of a connection that has neither media nor data channels. */
export const NO_COUNTERS: Readonly<ConnectionCounters> = {
  receivedPackets: 0,
  receivedBytes: 0,
  sentPackets: 0,
  sentBytes: 0,
  keyFrameRequests: 0,
  drops: 0,
  lost: 0,
  retransmitted: 0,
  unknown: 0,
  limited: 0,
  droppedMessages: 0,
};

/** Adds a connection's counters to a sum. */
export function addCounters(sum: ConnectionCounters, more: Readonly<ConnectionCounters>): void {
  for (const key of Object.keys(sum) as (keyof ConnectionCounters)[]) sum[key] += more[key];
}

/** Refused connections so far. */
export class RefusalCounters {
  readonly #byReason = new Map<RefusalReason, number>();

  count(reason: RefusalReason): void {
    this.#byReason.set(reason, (this.#byReason.get(reason) ?? 0) + 1);
  }

  /** How many, by reason. */
  get byReason(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#byReason);
  }
}
