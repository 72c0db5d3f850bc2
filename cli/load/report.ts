/**
 * What a load test reports: while it runs, and in the end.
 *
 * @module
 */

import process from "node:process";
import { mean, percentile } from "./figures.ts";
import type { Member } from "./member.ts";

/** The most reasons that are listed; the others are counted together. */
const MAX_REASONS = 20;
const OTHERS = "other reasons";

/** Figures of several members: the middle, the worst. */
export interface Spread {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly max: number | null;
}

/** Members of one role. */
export interface RoleReport {
  readonly planned: number;
  readonly connected: number;
  readonly failed: number;
  /** Milliseconds from connect() to the member's own announcement. */
  readonly connectMs: Spread;
  /** Frames per second of each stream of video. */
  readonly fps: { readonly p50: number | null; readonly min: number | null };
  /** Bit rate of a member, and of all together. */
  readonly kbps: { readonly mean: number | null; readonly total: number };
  /** Share of packets that were lost. */
  readonly lossShare: number | null;
  /** Round trip time in milliseconds. */
  readonly roundTripMs: { readonly p50: number | null; readonly max: number | null };
}

/** A report. */
export interface LoadReport {
  readonly event: "progress" | "summary";
  readonly seconds: number;
  readonly senders: RoleReport;
  readonly receivers: RoleReport & { readonly freezes: number };
  readonly failures: Readonly<Record<string, number>>;
  /** Of this process: percent of one core, the cores of the machine, memory. */
  readonly cpuPercent: number;
  readonly cores: number;
  readonly megabytes: number;
}

const round = (value: number | undefined, digits = 1): number | null =>
  value === undefined ? null : Number(value.toFixed(digits));

/** The CPU time of this process between two calls. */
export class CpuMeter {
  #before = process.cpuUsage();
  #at = performance.now();

  /** Percent of a core since the call before. */
  next(): number {
    const now = process.cpuUsage();
    const at = performance.now();
    const microseconds = now.user + now.system - this.#before.user - this.#before.system;
    const percent = at > this.#at ? microseconds / 10 / (at - this.#at) : 0;
    this.#before = now;
    this.#at = at;
    return percent;
  }
}

/** The reasons of failures and how often each was met. */
function failuresOf(members: readonly Member[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { reason } of members) {
    if (reason === undefined) continue;
    const key = counts.has(reason) || counts.size < MAX_REASONS ? reason : OTHERS;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].toSorted(([, a], [, b]) => b - a));
}

function roleReport(
  members: readonly Member[],
  role: Member["plan"]["role"],
  overall: boolean,
): RoleReport & { readonly freezes: number } {
  const all = members.filter(({ plan }) => plan.role === role);
  const isSender = role === "sendonly";
  const rates = all.flatMap((one) => (overall ? one.overall : one.rates) ?? []);
  const connectMs = all.flatMap((one) => one.connectMs ?? []);
  const fps = rates.flatMap((one) => (isSender ? one.sentFps : one.receivedFps) ?? []);
  const kbps = rates.map((one) => isSender ? one.sentKbps : one.receivedKbps);
  const lost = rates.reduce((sum, one) => sum + one.lostPackets, 0);
  const packets = rates.reduce((sum, one) => sum + one.receivedPackets, lost);
  const trips = all.flatMap((one) => one.last?.roundTripMs ?? []);
  const lossShare = isSender
    ? mean(all.flatMap((one) => one.last?.sentLoss ?? []))
    : packets > 0
    ? lost / packets
    : undefined;
  return {
    planned: all.length,
    connected: connectMs.length,
    failed: all.filter(({ state }) => state === "failed").length,
    connectMs: {
      p50: round(percentile(connectMs, 0.5)),
      p95: round(percentile(connectMs, 0.95)),
      max: round(percentile(connectMs, 1)),
    },
    fps: { p50: round(percentile(fps, 0.5)), min: round(percentile(fps, 0)) },
    kbps: {
      mean: round(mean(kbps), 0),
      total: Math.round(kbps.reduce((sum, value) => sum + value, 0)),
    },
    lossShare: round(lossShare, 4),
    roundTripMs: { p50: round(percentile(trips, 0.5)), max: round(percentile(trips, 1)) },
    freezes: rates.reduce((sum, one) => sum + one.freezes, 0),
  };
}

/** Reports how the members are: over the last interval, or in the end over the time in which all of them were there. */
export function reportOf(
  event: LoadReport["event"],
  members: readonly Member[],
  seconds: number,
  cpuPercent: number,
): LoadReport {
  const overall = event === "summary";
  const { freezes: _, ...senders } = roleReport(members, "sendonly", overall);
  return {
    event,
    seconds: round(seconds)!,
    senders,
    receivers: roleReport(members, "recvonly", overall),
    failures: failuresOf(members),
    cpuPercent: round(cpuPercent, 0)!,
    cores: navigator.hardwareConcurrency,
    megabytes: Math.round(process.memoryUsage().rss / 1e6),
  };
}
