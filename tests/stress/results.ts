/**
 * `out/stress.json`: what was measured, when, where and with which seed.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import { dirname } from "node:path";
import type { Outcome } from "./turn.ts";

/** A machine, without its name. */
export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGiB: number;
  readonly kernel: string;
}

/** What came of a turn, with what belongs to its run. */
export interface Recorded extends Outcome {
  /** When it ended (ISO 8601). */
  readonly date: string;
  /** The commit, with `+` when files differed from it. */
  readonly commit: string;
  readonly seed: number;
  /** How many processes of the machine wanted a core in the minute before. */
  readonly load: number;
}

/** The contents of the file. */
export interface Results {
  readonly machine: Machine;
  readonly rows: readonly Recorded[];
}

/** This machine. */
export function machine(): Machine {
  const [cpu] = os.cpus();
  return {
    cores: os.availableParallelism(),
    cpu: cpu?.model.trim() ?? "unknown",
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    kernel: `${os.type()} ${os.release()}`,
  };
}

/** The commit of a checkout. */
export function commitOf(root: string): string {
  const git = (...args: readonly string[]) =>
    execFileSync("git", ["--no-optional-locks", "-C", root, ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    })
      .trim();
  try {
    const changed = git("status", "--porcelain", "--untracked-files=no") !== "";
    return git("rev-parse", "--short=10", "HEAD") + (changed ? "+" : "");
  } catch {
    // A checkout without its history.
    return "unknown";
  }
}

/**
 * Puts what was measured now in place of what was measured before, row by row; figures of another machine go.
 *
 * @param order The names of all rows.
 */
export function merged(
  before: Results | undefined,
  now: Results,
  order: readonly string[],
): Results {
  const same = before !== undefined &&
    JSON.stringify(before.machine) === JSON.stringify(now.machine);
  const key = ({ name, runtime }: Outcome) => `${name} ${runtime}`;
  const renewed = new Set(now.rows.map(key));
  const kept = same ? before.rows.filter((row) => !renewed.has(key(row))) : [];
  const place = ({ name }: Outcome) => order.indexOf(name);
  const rows = [...kept, ...now.rows].filter((row) => place(row) >= 0)
    // The order of runtimes within a row is that in which they ran: deno before bun.
    .toSorted((a, b) => place(a) - place(b) || b.runtime.localeCompare(a.runtime));
  return { machine: now.machine, rows };
}

/** Reads the file; undefined when it is not there. */
export function readResults(path: string): Results | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Results;
  } catch {
    return undefined;
  }
}

/** Writes the file. */
export function writeResults(path: string, results: Results): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(results, undefined, 2)}\n`);
}
