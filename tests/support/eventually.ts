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
