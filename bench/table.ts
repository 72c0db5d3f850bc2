/**
 * The table of figures.
 *
 * @module
 */

import { isReached, type Measurement, ratioOf } from "./measurement.ts";

/** A figure with at least three significant digits. */
function number(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
}

/** The requirement as text. */
function wanted(reach: NonNullable<Measurement["reach"]>, unit: string): string {
  if ("least" in reach) return `≥ ${reach.least} ${unit}`;
  if ("within" in reach) return `0 ± ${reach.within} ${unit}`;
  return "value" in reach ? `≤ ${reach.value} ${unit}` : `≤ ${reach.ratio} times`;
}

/** The requirement and whether it is met. */
function verdict(one: Measurement): string {
  const { unit, reach } = one;
  if (reach === undefined) return "";
  return `${wanted(reach, unit)}: ${isReached(one) ? "reached" : "MISSED"}`;
}

/** A table with a line for each figure. */
export function showTable(measured: readonly (Measurement & { runtime: string })[]): string {
  const rows = measured.map((one) => [
    one.name,
    one.runtime,
    `${number(one.value)} ${one.unit}`,
    number(one.limit),
    number(ratioOf(one)),
    verdict(one),
    one.limitIs,
  ]);
  rows.sort(([a = ""], [b = ""]) =>
    measured.findIndex(({ name }) => name === a) - measured.findIndex(({ name }) => name === b)
  );
  const heads = ["what", "runtime", "value", "limit", "ratio", "to reach", "the limit is"];
  const all = [heads, ...rows];
  const widths = heads.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const numeric = new Set([2, 3, 4]);
  const line = (row: readonly string[]) =>
    row.map((cell, column) =>
      numeric.has(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)
    ).join("  ").trimEnd();
  return all.map(line).join("\n");
}
