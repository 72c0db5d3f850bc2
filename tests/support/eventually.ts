/**
 * Waiting for a condition, with a limit.
 *
 * @module
 */

const POLL_MS = 5;

/**
 * Waits until `condition` is neither false nor undefined and gives its value.
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
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
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
