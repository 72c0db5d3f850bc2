/** What is counted of each connection, and summed up over all. */
import type { MediaCounters } from "../media/session.ts";

/** Counters of one connection. */
export interface ConnectionCounters extends MediaCounters {
  /** Messages to it that were given up. */
  droppedMessages: number;
}

/** Counters of a connection that has neither media nor channels. */
export const NO_COUNTERS: Readonly<ConnectionCounters> = {
  drops: 0,
  lost: 0,
  retransmitted: 0,
  unknown: 0,
  droppedMessages: 0,
};

/** Adds a connection's counters to a sum. */
export function addCounters(sum: ConnectionCounters, more: Readonly<ConnectionCounters>): void {
  for (const key of Object.keys(sum) as (keyof ConnectionCounters)[]) sum[key] += more[key];
}
