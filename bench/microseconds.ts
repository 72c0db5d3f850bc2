/**
 * Microseconds of a single call.
 *
 * The clock is read once beforehand: after a pause its own code is cold too, which on Deno costs some microseconds that do not
 * belong to the call.
 *
 * @module
 */

/** Calls `call` once and returns its time. */
export function microseconds(call: () => unknown): number {
  performance.now();
  const start = performance.now();
  call();
  return (performance.now() - start) * 1_000;
}
