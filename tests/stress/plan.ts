/**
 * Which rows run, on which runtime, and for how long.
 *
 * @module
 */

import type { Row, Runtime } from "./row.ts";

/** One row on one runtime. */
export interface Turn {
  readonly row: Row;
  readonly runtime: Runtime;
  readonly minutes: number;
}

/** Whether a word of `--only` means a row: its name begins with it, or has all of its words. */
export function isMeant(name: string, only: string): boolean {
  const words = only.trim().toLowerCase();
  if (words === "") return false;
  return name.startsWith(words) ||
    words.split(/\s+/).every((word) => name.split(" ").includes(word));
}

/**
 * The rows that are meant, all when `only` is empty.
 *
 * @throws {RangeError} When one of `only` means none.
 */
export function chosen(rows: readonly Row[], only: readonly string[]): readonly Row[] {
  for (const one of only) {
    if (rows.some(({ name }) => isMeant(name, one))) continue;
    const names = rows.map(({ name }) => name).join(", ");
    throw new RangeError(`--only must be one of ${names}, not "${one}"`);
  }
  return only.length === 0
    ? rows
    : rows.filter(({ name }) => only.some((one) => isMeant(name, one)));
}

/** Shares the minutes among rows by their weight, and those of a row among its runtimes. */
export function turnsOf(
  rows: readonly Row[],
  { minutes, hours, runtimes }: {
    readonly minutes: number;
    readonly hours?: number | undefined;
    readonly runtimes: readonly Runtime[];
  },
): Turn[] {
  const total = rows.reduce((sum, { weight }) => sum + weight, 0);
  return rows.flatMap((row) => {
    const on = row.on === "each" ? runtimes : runtimes.slice(0, 1);
    const share = row.takesHours && hours !== undefined
      ? hours * 60
      : minutes * row.weight / total / on.length;
    return on.map((runtime) => ({ row, runtime, minutes: share }));
  });
}

/** The rows of turns in words: the name, the minutes, what it does, and what is asked. */
export function listed(turns: readonly Turn[]): string[][] {
  const rows = new Set(turns.map(({ row }) => row));
  return [...rows].map((row) => {
    const own = turns.filter((turn) => turn.row === row);
    const times = own.length === 1 ? "" : `${own.length} × `;
    return [row.name, `${times}${own[0]!.minutes.toFixed(1)} min`, row.what, row.asked];
  });
}

/** The command that repeats a turn. */
export function replayOf({ row, runtime, minutes }: Turn, seed: number): string {
  // Two digits, which are enough for the amount of work to be the same.
  const length = Number(minutes.toPrecision(2));
  const hours = row.takesHours && minutes >= 60 ? `--hours ${length / 60}` : `--minutes ${length}`;
  return `make stress ARGS='--only "${row.name}" --runtime ${runtime} --seed ${seed} ${hours}'`;
}
