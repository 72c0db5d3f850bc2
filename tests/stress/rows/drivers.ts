import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { arch } from "node:process";
import { build, buildStep, replay, runNative, tail } from "../native.ts";
import { together } from "../process.ts";
import type { Row } from "../row.ts";

const CALLS = 200;
/** Intel has no headers for the other processor. */
const hasDrivers = arch !== "arm64";

/** The tests in C++ that make each call fail. */
export function sweeps(file = "csrc/tests/hardware/sweep_test.cpp"): string[] {
  return [...readFileSync(file, "utf8").matchAll(/^TEST\((\w+_in_any_call_\w+)\)/gm)]
    .map(([, name = ""]) => name);
}

/** Each call of drivers of codecs fails. */
export const drivers: Row = {
  name: "drivers",
  what: `each of the first ${CALLS} calls of each codec driver fails, one at a time`,
  asked: "no failure",
  on: "once",
  weight: 4,
  async prepare(context) {
    if (hasDrivers) await build(context, ["hardware-test"]);
  },
  async run(context) {
    if (!hasDrivers) return { skipped: "the stand-ins for drivers are for x86-64" };
    const env = { SORA_TEST_CALLS: String(CALLS) };
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
      context.progress(
        (passed + failures) / names.length,
        `${passed} sweeps, ${failures} failures`,
      );
    });
    return {
      measured: `${CALLS} calls of each, ${passed} of ${names.length} sweeps, ${failures} failures`,
      figures: { calls: CALLS, sweeps: passed, failures },
    };
  },
};
