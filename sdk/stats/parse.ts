/**
 * Statistics as libwebrtc writes them.
 *
 * @module
 */

import type { SoraStats } from "./mod.ts";

/** Parses libwebrtc's report, whose `timestamp` is in microseconds. */
export function parseStats(text: string): SoraStats[] {
  const report = JSON.parse(text) as SoraStats[];
  return report.map((stats) => ({ ...stats, timestamp: stats.timestamp / 1_000 }));
}
