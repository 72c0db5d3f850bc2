/**
 * The figures of all rounds, side by side.
 *
 * @module
 */

import { median } from "../../demo/statistics.ts";
import type { Row } from "./rows.ts";

/** Figures of one contender in one row, by round; undefined where a round failed. */
export type Rounds = readonly (number | undefined)[];

/** A median and its spread. */
export interface Spread {
  /** The median of the rounds. */
  readonly median: number;
  /** The least. */
  readonly least: number;
  /** The most. */
  readonly most: number;
}

/** The spread of what there is; undefined where there is nothing. */
export function spreadOf(rounds: Rounds): Spread | undefined {
  const values = rounds.filter((one) => one !== undefined);
  if (values.length === 0) return undefined;
  return { median: median(values), least: Math.min(...values), most: Math.max(...values) };
}

/** The best of the peers by its median; undefined where no peer has a figure. */
export function bestPeer(row: Row, peers: ReadonlyMap<string, Rounds>): string | undefined {
  let best: [key: string, median: number] | undefined;
  for (const [key, rounds] of peers) {
    const middle = spreadOf(rounds)?.median;
    if (middle === undefined) continue;
    const ahead = best === undefined ||
      (row.better === "less" ? middle < best[1] : middle > best[1]);
    if (ahead) best = [key, middle];
  }
  return best?.[0];
}

/** The spread of the ratios in each round: those of one side to those of the other. */
export function ratioOf(ours: Rounds, theirs: Rounds): Spread | undefined {
  return spreadOf(ours.map((one, round) => {
    const other = theirs[round];
    return one === undefined || other === undefined || other === 0 ? undefined : one / other;
  }));
}

/** Ratios that are this close to 1 say that both are alike. */
const ALIKE = 0.02;

/** How a side stands beside another. */
export type Verdict = "ahead" | "level" | "behind";

/** What a ratio to the other side says: `level` where the rounds do not agree, or by less than measuring can tell. */
export function verdictOf({ better }: Pick<Row, "better">, ratio: Spread): Verdict {
  const { median, least, most } = ratio;
  if (Math.abs(median - 1) <= ALIKE || (least < 1 && most > 1)) return "level";
  return median < 1 === (better === "less") ? "ahead" : "behind";
}

/** A number with three digits, or all those before the point. */
export function digits(value: number): string {
  const size = Math.abs(value);
  const text = value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
  return size >= 10_000 ? text.replaceAll(/(?<=\d)(?=(?:\d{3})+$)/g, ",") : text;
}

/** A median with its spread. */
export function showSpread(spread: Spread | undefined): string {
  if (spread === undefined) return "–";
  const { median, least, most } = spread;
  return least === most ? digits(median) : `${digits(median)} (${digits(least)}–${digits(most)})`;
}

/** A table in Markdown. */
export function markdown(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [heads, ...rows];
  const widths = heads.map((_, at) => Math.max(3, ...all.map((row) => row[at]!.length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at]!)).join(" | ")} |`;
  return [line(heads), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join(
    "\n",
  );
}
