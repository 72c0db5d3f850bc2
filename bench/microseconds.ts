/**
 * Microseconds of a call, as it is in its place.
 *
 * The clock is read once before: after a pause its own code is as cold as all else, on Deno for some microseconds, and it is not
 * what is measured.
 *
 * @module
 */

/** Calls it once. */
export function microseconds(call: () => unknown): number {
  performance.now();
  const start = performance.now();
  call();
  return (performance.now() - start) * 1_000;
}
