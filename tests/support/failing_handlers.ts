/**
 * Ways in which a user's function can fail.
 *
 * @module
 */

import { eventually, pause } from "./eventually.ts";

/** Each fails with an error, once. */
export const failures: Readonly<Record<string, (error: Error) => unknown>> = {
  "throws": (error) => {
    throw error;
  },
  "returns a promise that rejects": (error) => Promise.reject(error),
  "returns an object with a then that rejects": (error) => ({
    then: (_: unknown, reject: (error: unknown) => void) => reject(error),
  }),
  "returns an object with a then that rejects later": (error) => ({
    then: (_: unknown, reject: (error: unknown) => void) => void setTimeout(reject, 1, error),
  }),
  "returns a function with a then that rejects": (error) =>
    Object.assign(() => {}, {
      then: (_: unknown, reject: (error: unknown) => void) => reject(error),
    }),
  "returns a thenable that rejects, again and again, and throws": (error) => ({
    then(_: unknown, reject: (error: unknown) => void) {
      reject(error);
      reject(new Error("again"));
      throw new Error("and again");
    },
  }),
  "returns a thenable of a promise that rejects": (error) => ({
    then: (resolve: (value: unknown) => void) => resolve(Promise.reject(error)),
  }),
  "returns an object whose then cannot be read": (error) => ({
    get then() {
      throw error;
    },
  }),
};

/** The errors that are written to the console during `act`; waits until `wanted` have come. */
export async function withConsole(act: () => unknown, wanted = 0): Promise<unknown[]> {
  const printed: unknown[] = [];
  const original = console.error;
  console.error = (...args: unknown[]) => void printed.push(...args);
  try {
    await act();
    await eventually("the console's errors", () => printed.length >= wanted);
    // None may come twice.
    await pause(5);
  } finally {
    console.error = original;
  }
  return printed;
}
