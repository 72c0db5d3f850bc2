import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { arch } from "node:process";
import { build, buildStep, replay, runNative, tail } from "../native.ts";
import { together } from "../process.ts";
import type { Row, RowContext } from "../row.ts";

const CALLS = 200;
/** Intel has no headers for the other processor. */
const hasDrivers = arch !== "arm64";

/** The tests in C++ that make each call fail. */
export function sweeps(file = "csrc/tests/hardware/sweep_test.cpp"): string[] {
  return [...readFileSync(file, "utf8").matchAll(/^TEST\((\w+_in_any_call_\w+)\)/gm)]
    .map(([, name = ""]) => name);
}

/** Of the minutes, so that others on the machine do not matter. */
const USED = 0.7;
/** What is made to fail first: how long that takes says how many more fit into the minutes. */
const FIRST_CALLS = 2;
/** It is not worth while to begin anew for less. */
const WORTH_WHILE = 1.5;

/** A pass over all sweeps. */
interface Pass {
  readonly calls: number;
  readonly seconds: number;
}

/** How many calls of each fit into the seconds that are left, after these passes. */
export function callsThatFit(passes: readonly [Pass, ...Pass[]], leftS: number): number {
  const [first] = passes;
  const last = passes.at(-1)!;
  // Programs start once in each pass, however many calls it has: two passes tell that time apart.
  const each = last === first
    ? first.seconds / first.calls
    : (last.seconds - first.seconds) / (last.calls - first.calls);
  const startS = Math.max(0, last.seconds - each * last.calls);
  if (each <= 0) return CALLS;
  return Math.max(0, Math.min(CALLS, Math.floor((leftS * USED - startS) / each)));
}

/** Makes so many calls of each fail; whether all sweeps were done, and how many failed. */
async function sweep(context: RowContext, calls: number, passedShare: () => number) {
  const env = { SORA_TEST_CALLS: String(calls), SORA_TEST_SEED: String(context.seed % 2 ** 31) };
  const names = sweeps();
  let passed = 0, failures = 0;
  await together(cpus().length, names.values(), async (name) => {
    if (context.signal.aborted) return;
    const words = buildStep("hardware-test", "--", name);
    const limitS = context.minutes * 90 + 60;
    const { code, end, output } = await runNative(context, words, limitS, env);
    if (code === 0) passed++;
    else if (!context.signal.aborted) {
      failures++;
      context.found({ what: `${name}: ${end}: ${tail(output)}`, replay: replay(words, env) });
    }
    context.progress(passedShare(), `${calls} calls of each, ${failures} failures`);
  });
  return { whole: passed + failures === names.length, failures };
}

/** Calls of drivers of codecs fail. */
export const drivers: Row = {
  name: "drivers",
  what:
    `calls of each codec driver fail, one at a time: of the first ${CALLS} as many as there is time for`,
  asked: "no failure",
  on: "once",
  weight: 4,
  async prepare(context) {
    if (hasDrivers) await build(context, ["hardware-test"]);
  },
  async run(context) {
    if (!hasDrivers) return { skipped: "the stand-ins for drivers are for x86-64" };
    const began = performance.now();
    const seconds = () => (performance.now() - began) / 1_000;
    const passes: Pass[] = [];
    let calls = FIRST_CALLS, done = 0, failures = 0;
    do {
      const passBegan = seconds();
      const pass = await sweep(context, calls, () => seconds() / context.minutes / 60);
      failures += pass.failures;
      if (!pass.whole) break;
      done = calls;
      passes.push({ calls, seconds: seconds() - passBegan });
      calls = callsThatFit(passes as [Pass, ...Pass[]], context.minutes * 60 - seconds());
    } while (failures === 0 && calls >= done * WORTH_WHILE);
    return {
      measured: `${done} of ${CALLS} calls of each, ${failures} failures`,
      figures: { calls: done, failures },
    };
  },
};
