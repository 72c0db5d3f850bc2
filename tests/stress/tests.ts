/**
 * Tests of `make test` that rows run with larger figures, by environment variables.
 *
 * @module
 */

import { endText, lastOf, limited, start } from "./process.ts";
import type { RowContext } from "./row.ts";

/** Tests of some files. */
export interface LongTests {
  /** From the root of the checkout. */
  readonly files: readonly [string, ...string[]];
  /** Part of the names of those that run. */
  readonly filter: string;
  readonly env: Readonly<Record<string, string>>;
  readonly limitS: number;
}

/** How many tests passed, as both runtimes print it. */
function passedOf(output: string): number {
  return Number(/(\d+) pass(?:ed)?\b/.exec(output)?.[1] ?? 0);
}

/** Runs tests; a finding when one fails, or none runs. */
export async function runTests(
  context: RowContext,
  { files, filter, env, limitS }: LongTests,
): Promise<{ passed: number; seconds: number }> {
  const [runtime] = context.command("");
  const words = context.runtime === "deno"
    ? [runtime, "test", "-A", "--no-check", ...files, "--filter", filter]
    : [
      runtime,
      "test",
      "--timeout",
      (limitS * 1_000).toFixed(),
      ...files.map((file) => `./${file}`),
      "-t",
      filter,
    ];
  const began = performance.now();
  // They start browsers and servers of their own.
  await using child = start(context, limited(words, limitS), env, "SIGTERM");
  const end = await child.ended((limitS + 30) * 1_000);
  const seconds = (performance.now() - began) / 1_000;
  const output = [...child.lines, child.errors].join("\n");
  const passed = passedOf(output);
  if (end.code !== 0 || passed === 0) {
    const set = Object.entries(env).map(([name, value]) => `${name}=${value} `).join("");
    context.found({
      what: `${endText(end)}, ${passed} tests passed: ${lastOf(child, true)}`,
      replay: set + words.map((word) => /[\s']/.test(word) ? JSON.stringify(word) : word).join(" "),
    });
  }
  return { passed, seconds };
}
