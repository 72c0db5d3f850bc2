/**
 * Waits: for a condition or a promise, with a limit, and for time where time is the subject.
 *
 * @module
 */

const POLL_MS = 5;

/**
 * Waits until `condition` is neither false nor undefined, and returns its value.
 *
 * @param what What is waited for, for the error.
 * @throws {Error} When it takes longer than `limitMs`.
 */
export async function eventually<T>(
  what: string,
  condition: () => T | false | undefined | Promise<T | false | undefined>,
  limitMs = 10_000,
): Promise<T> {
  const end = performance.now() + limitMs;
  while (true) {
    const value = await condition();
    if (value !== false && value !== undefined) return value;
    if (performance.now() > end) throw new Error(`${what} did not come within ${limitMs} ms`);
    await pause(POLL_MS);
  }
}

/**
 * Lets time pass. Only where there is no condition to wait for: the test is that nothing happens meanwhile, or the time itself is
 * its subject. A comment at each call says which.
 */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Waits for a promise.
 *
 * @param what What is waited for, for the error.
 * @throws {Error} When it takes longer than `limitMs`.
 */
export async function within<T>(what: string, promise: Promise<T>, limitMs = 10_000): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`${what} did not come within ${limitMs} ms`)),
    limitMs,
  );
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
