/**
 * What has been measured, in `out/peers.json`: each scene in each round by itself, so that an interrupted run can go on, and a
 * scene can be measured again without the others.
 *
 * @module
 */

import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { SceneName } from "./contenders.ts";
import type { Figures, RowKey } from "./rows.ts";
import type { Rounds } from "./summary.ts";

/** A scene in a round. */
export interface Measured {
  readonly scene: SceneName;
  /** From 0. */
  readonly round: number;
  /** The load of the machine before the run. */
  readonly load: number;
  /** Figures by contender. */
  readonly figures: Readonly<Record<string, Figures>>;
  /** Why a contender has none. */
  readonly failures: Readonly<Record<string, string>>;
}

/** Everything that has been measured. */
export interface Results {
  /** Cores of the machine. */
  readonly cores: number;
  /** Why a contender is left out. */
  readonly missing: Readonly<Record<string, string>>;
  readonly measured: readonly Measured[];
}

/**
 * Reads results; undefined where there are none.
 *
 * @throws {Error} The file has something else.
 */
export function readResults(path: string): Results | undefined {
  if (!existsSync(path)) return undefined;
  const results = JSON.parse(readFileSync(path, "utf8")) as Partial<Results>;
  if (Array.isArray(results.measured)) return results as Results;
  throw new Error(`${path} comes from another version of make bench-peers: remove it`);
}

/** Writes results, all of them or none. */
export function writeResults(path: string, results: Results): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, `${JSON.stringify(results, undefined, 2)}\n`);
  renameSync(`${path}.new`, path);
}

/** The figures of a row by contender, each round at its place. */
export function columnsOf(
  measured: readonly Measured[],
  row: RowKey,
): ReadonlyMap<string, Rounds> {
  const columns = new Map<string, (number | undefined)[]>();
  for (const { round, figures } of measured) {
    for (const [contender, { [row]: value }] of Object.entries(figures)) {
      if (value === undefined) continue;
      const rounds = columns.get(contender) ?? [];
      columns.set(contender, rounds);
      rounds[round] = value;
    }
  }
  return columns;
}
