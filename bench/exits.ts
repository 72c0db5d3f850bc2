import { Child } from "../tests/support/child.ts";
import type { Benchmark } from "./measurement.ts";

const EXITS = 20;
const program = new URL("../tests/support/exit_program.ts", import.meta.url);
const nothing = new URL("exit_at_once.ts", import.meta.url);

/** Milliseconds from a program's line `ready`, printed just before it exits with code 7, to its end. */
async function timeExit(url: URL, ...args: readonly string[]): Promise<number> {
  await using child = new Child(url, args);
  await child.line("ready");
  const asked = performance.now();
  const { code, signal, at } = await child.ended();
  if (code !== 7) {
    throw new Error(`The program must exit with code 7, not ${signal ?? code}: ${child.errors}`);
  }
  return at - asked;
}

/** The time of `process.exit()` without `disconnect()` while media flows. An exit by a signal makes the benchmark fail. */
export const exits: Benchmark = {
  name: "exits",
  async *run({ url }) {
    const values: number[] = [];
    const limits: number[] = [];
    for (let round = 0; round < EXITS; round++) {
      values.push(await timeExit(program, "exit", url, `exits ${round}`));
      limits.push(await timeExit(nothing));
    }
    yield {
      name: `the longest of ${EXITS} process exits while media flows, none by a signal`,
      value: Math.max(...values),
      unit: "ms",
      limit: Math.max(...limits),
      limitIs: "the same for a program that does nothing, in turns",
      reach: { value: 2_000 },
    };
  },
};
