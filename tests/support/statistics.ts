/**
 * The statistics that tests and benchmarks read.
 *
 * @module
 */

import type { SoraConnection, SoraStats, SoraStatsOf } from "../../mod.ts";

/** The RTP stream of video that goes one way, in a report; `undefined` when there is none. */
export function videoRtp<T extends "inbound-rtp" | "outbound-rtp">(
  report: readonly SoraStats[],
  type: T,
): SoraStatsOf<T> | undefined {
  return report.find((s): s is SoraStatsOf<T> => s.type === type && s.kind === "video");
}

/**
 * The RTP stream of video that a connection sends or receives.
 *
 * @throws {Error} There is none.
 */
export async function videoRtpOf<T extends "inbound-rtp" | "outbound-rtp">(
  connection: SoraConnection,
  type: T,
): Promise<SoraStatsOf<T>> {
  const found = videoRtp(await connection.getStats(), type);
  if (found === undefined) throw new Error(`The statistics have no ${type} of video`);
  return found;
}
