/**
 * Waits that end.
 *
 * @module
 */

import { unlessAborted } from "../command.ts";

/** Waits for a promise, no longer than the limit, and not once the signal is aborted. */
export async function limited<T>(
  promise: Promise<T>,
  limitMs: number,
  late: string,
  signal: AbortSignal,
): Promise<T> {
  const { promise: expired, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(late)), limitMs);
  try {
    return await unlessAborted(Promise.race([promise, expired]), signal);
  } finally {
    clearTimeout(timer);
  }
}
