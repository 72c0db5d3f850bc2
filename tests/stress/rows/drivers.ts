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

/** What the first, short part of the row makes fail: how long it takes says how many more fit into the minutes. */
const FIRST_CALLS = 2;
/** Of the minutes, so that others on the machine do not matter. */
const USED = 0.7;

/** How many calls of each fit into the seconds that are left. */
export function callsThatFit(firstS: number, leftS: number): number {
  return Math.max(0, Math.min(CALLS, Math.floor(FIRST_CALLS * leftS * USED / firstS)));
}

/** Makes so many calls of each fail; the sweeps that passed, and the other ones. */
async function sweep(context: RowContext, calls: number, begin: number, share: number) {
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
    const done = (passed + failures) / names.length;
    context.progress(begin + done * share, `${calls} calls of each, ${failures} failures`);
  });
  return { passed, failures };
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
    const first = await sweep(context, FIRST_CALLS, 0, 0.1);
    const firstS = (performance.now() - began) / 1_000;
    const fit = callsThatFit(firstS, context.minutes * 60 - firstS);
    const rest = fit > FIRST_CALLS && first.failures === 0
      ? await sweep(context, fit, 0.1, 0.9)
      : { passed: 0, failures: 0 };
    const calls = rest.passed > 0 ? fit : FIRST_CALLS;
    const failures = first.failures + rest.failures;
    return {
      measured: `${calls} of ${CALLS} calls of each, ${failures} failures`,
      figures: { calls, sweeps: first.passed + rest.passed, failures },
    };
  },
};
