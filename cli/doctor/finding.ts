/**
 * What a check of `sora-ffi doctor` finds.
 *
 * @module
 */

import type { JsonValue } from "../../base/json.ts";
import { Interrupted } from "../command.ts";

/** Whether all is well; `skipped`: it could not be looked at, because another check failed. */
export type Verdict = "ok" | "failed" | "skipped";

/** What a check finds. */
export interface Finding {
  readonly verdict: Verdict;
  /** What was found, or what is wrong and what to do about it: one line or several. */
  readonly text: string;
  /** The same for programs. */
  readonly data?: Readonly<Record<string, JsonValue>>;
}

/** The names of the checks, in the order in which they are made; those from `dns` on are about a Sora that is given. */
export type CheckName =
  | "runtime"
  | "system"
  | "library"
  | "codecs"
  | "threads"
  | "udp"
  | "connection"
  | "dns"
  | "tcp"
  | "proxy"
  | "tls"
  | "clock"
  | "sora"
  | "paths"
  | "turn"
  | "relay";

/** A check: it gets the findings of those before it. */
export type Check = (findings: Findings, signal: AbortSignal) => Finding | Promise<Finding>;

/** What was found so far. */
export type Findings = ReadonlyMap<CheckName, Finding>;

/** All is well. */
export function ok(text: string, data: Finding["data"] = {}): Finding {
  return { verdict: "ok", text, data };
}

/** Something is wrong. */
export function failed(text: string, data: Finding["data"] = {}): Finding {
  return { verdict: "failed", text, data };
}

/** Says that a check cannot be made because another one failed, or undefined when it can: also when that other one is not made. */
export function skippedWithout(findings: Findings, name: CheckName): Finding | undefined {
  const { verdict = "ok" } = findings.get(name) ?? {};
  if (verdict === "ok") return undefined;
  return { verdict: "skipped", text: `not tried: see ${name}` };
}

/** The text of what a check throws. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Makes the checks one after the other. What one throws is its finding. */
export async function examine(
  checks: Readonly<Partial<Record<CheckName, Check>>>,
  signal: AbortSignal,
): Promise<Findings> {
  const findings = new Map<CheckName, Finding>();
  for (const [name, check] of Object.entries(checks) as [CheckName, Check][]) {
    try {
      findings.set(name, await check(findings, signal));
    } catch (error) {
      if (signal.reason instanceof Interrupted) throw error;
      findings.set(name, failed(messageOf(error)));
    }
  }
  return findings;
}
