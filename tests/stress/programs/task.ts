/**
 * What a program of `make stress` has in common with the others: its seed, its time, and how it reports.
 *
 * @module
 */

import process from "node:process";
import { TASK_MARK, type TaskLine } from "../program_row.ts";
import { Random } from "../random.ts";
import type { Finding, RowResult } from "../row.ts";

/** What a program is given. */
export interface Task {
  readonly seed: number;
  readonly random: Random;
  readonly minutes: number;
  /** Milliseconds that are left of its time; never less than 0. */
  readonly leftMs: number;
  /** Shows what was done so far; how far it is, its time says unless `done` does. */
  progress(text: string, done?: number): void;
  /** Reports a failure. */
  found(finding: Finding): void;
}

function say(line: TaskLine): void {
  console.log(TASK_MARK + JSON.stringify(line));
}

/** What an error says, with where it came from. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.stack ?? String(error) : String(error);
}

/**
 * Runs a program: SEED MINUTES are its arguments.
 *
 * @param name The row's: another row has other random choices for the same seed.
 */
export async function runTask(
  name: string,
  run: (task: Task) => Promise<RowResult>,
): Promise<void> {
  const [seed, minutes] = process.argv.slice(2).map(Number);
  if (seed === undefined || minutes === undefined) throw new Error("SEED and MINUTES are missing");
  const began = performance.now();
  const totalMs = minutes * 60_000;
  // At once: what it has started gets the signal as well, and what it would start later would not.
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => process.exit(1));
  const result = await run({
    seed,
    minutes,
    random: new Random(seed, name),
    get leftMs() {
      return Math.max(0, totalMs - (performance.now() - began));
    },
    progress: (text, done = (performance.now() - began) / totalMs) =>
      say({ kind: "progress", done: Math.min(1, done), text }),
    found: (finding) => say({ kind: "found", finding }),
  });
  say({ kind: "result", result });
  process.exit(0);
}
