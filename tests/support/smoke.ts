/**
 * Tests of the native library, which is the same for both runtimes: in full on one of them, and a few on the other, as a smoke test of
 * how it is called there.
 *
 * @module
 */

import process from "node:process";

/**
 * The rows of a table of tests that this runtime runs: all of them on `full`, and on the other runtime those that `smoke` picks. By
 * hand, without `make test`, all are run.
 */
export function rowsHere<Row>(
  full: "deno" | "bun",
  rows: readonly Row[],
  smoke: (row: Row) => boolean,
): readonly Row[] {
  const runtime = process.env["SORA_TEST_RUNTIME"] ?? full;
  if (runtime === full) return rows;
  const picked = rows.filter(smoke);
  if (picked.length === 0) throw new Error("a smoke test has one row at least");
  const rest = rows.length - picked.length;
  console.log(`${rest} of ${rows.length} rows run on ${full} only: the native library is the same`);
  return picked;
}
