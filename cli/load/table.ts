/**
 * The report of a load test as a table.
 *
 * @module
 */

import { columns } from "../terminal/columns.ts";
import { durationText, rateText } from "../terminal/figures.ts";
import type { LoadReport, RoleReport, Spread } from "./report.ts";

/** From this share of all cores on, the figures are those of this machine. */
const BUSY_SHARE = 0.85;

const text = (value: number | null, unit = "") => value === null ? "-" : `${value}${unit}`;
const spread = ({ p50, p95, max }: Spread) => `${text(p50)} / ${text(p95)} / ${text(max)}`;
const rate = (kbps: number | null) => kbps === null ? "-" : `${rateText(kbps)}bit/s`;
const share = (value: number | null) =>
  value === null ? "-" : `${Number((value * 100).toFixed(2))} %`;

const LINES: readonly (readonly [head: string, cell: (report: RoleReport) => string])[] = [
  ["connected", ({ connected, planned }) => `${connected} of ${planned}`],
  ["failed", ({ failed }) => String(failed)],
  ["connect p50 / p95 / max ms", ({ connectMs }) => spread(connectMs)],
  ["frames/s p50 (least)", ({ fps }) => fps.p50 === null ? "-" : `${fps.p50} (${fps.min})`],
  ["bit rate of each", ({ kbps }) => rate(kbps.mean)],
  ["of all", ({ kbps }) => kbps.mean === null ? "-" : rate(kbps.total)],
  ["packets lost", ({ lossShare }) => share(lossShare)],
  ["round trip p50 (max) ms", ({ roundTripMs: { p50, max } }) => `${text(p50)} (${text(max)})`],
];

/** The lines of the table; `state` says what the test does at the moment. */
export function loadLines(report: LoadReport, state: string): string[] {
  const { senders, receivers, failures, cpuPercent, cores, megabytes, seconds } = report;
  const head = ["", "senders", "receivers"];
  const table = columns([
    head,
    ...LINES.map(([name, cell]) => [name, cell(senders), cell(receivers)]),
    ["freezes", "", String(receivers.freezes)],
  ]);
  const reasons = Object.entries(failures).map(([reason, count]) => `${count} × ${reason}`);
  const busy = cpuPercent > cores * 100 * BUSY_SHARE
    ? ["This machine is at its limit: the figures are its own, not the server's"]
    : [];
  return [
    `${state}, ${durationText(seconds)}`,
    `CPU ${cpuPercent} % of ${cores * 100} %, memory ${megabytes} MB`,
    "",
    ...table.trimEnd().split("\n"),
    ...(reasons.length > 0 ? ["", "failures", ...reasons] : []),
    ...(busy.length > 0 ? ["", ...busy] : []),
  ];
}
