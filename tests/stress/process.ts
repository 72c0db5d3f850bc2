/**
 * The processes of a row: none outlives it.
 *
 * @module
 */

import { type Ended, Process } from "../support/child.ts";
import type { RowContext } from "./row.ts";

/**
 * Starts a process, which is ended when the row must end.
 *
 * @param by The signal that ends it: `SIGTERM` where `timeout` hands it on.
 */
export function start(
  { signal }: Pick<RowContext, "signal">,
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
  by: "SIGKILL" | "SIGTERM" = "SIGKILL",
): Process {
  const child = new Process(words, { NO_COLOR: "1", ...env });
  const kill = () => child.kill(by);
  signal.addEventListener("abort", kill);
  void child.ended(2 ** 31 - 1).finally(() => signal.removeEventListener("abort", kill))
    .catch(() => {});
  return child;
}

/** A command that `timeout` ends with all that it started, after so many seconds or at `SIGTERM`. */
export function limited(words: readonly string[], seconds: number): string[] {
  return ["timeout", "--kill-after=5", seconds.toFixed(1), ...words];
}

/** How a process ended, in words. */
export function endText({ code, signal }: Pick<Ended, "code" | "signal">): string {
  return signal === null ? `exit code ${code}` : `${signal}`;
}

const SHOWN_CHARACTERS = 2_500;

/** The end of what a process has written to its standard error, or of all that it has written. */
export function lastOf({ lines, errors }: Process, all = false): string {
  return (all ? [...lines, errors].join("\n") : errors).slice(-SHOWN_CHARACTERS);
}

/** Works on items, so many at a time, until there are no more. */
export async function together<T>(
  atATime: number,
  items: Iterator<T>,
  work: (item: T) => Promise<void>,
): Promise<void> {
  await Promise.all(Array.from({ length: atATime }, async () => {
    for (let next = items.next(); !next.done; next = items.next()) await work(next.value);
  }));
}
