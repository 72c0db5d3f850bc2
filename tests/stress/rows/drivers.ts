import { arch } from "node:process";
import { build, buildStep, replay, runNative, tail } from "../native.ts";
import type { Row } from "../row.ts";

const CALLS = 200;
/** Intel has no headers for the other processor. */
const hasDrivers = arch !== "arm64";

/** Each call of drivers of codecs fails. */
export const drivers: Row = {
  name: "drivers",
  what: `each of the first ${CALLS} calls of each codec driver fails, one at a time`,
  asked: "no failure",
  on: "once",
  weight: 2,
  async prepare(context) {
    if (hasDrivers) await build(context, ["hardware-test"]);
  },
  async run(context) {
    if (!hasDrivers) return { skipped: "the stand-ins for drivers are for x86-64" };
    const words = buildStep("hardware-test", "--", "in_any_call");
    const env = { SORA_TEST_CALLS: String(CALLS) };
    context.progress(0, "failing calls");
    const { code, end, output } = await runNative(context, words, context.minutes * 60 + 90, env);
    if (code !== 0) context.found({ what: `${end}: ${tail(output)}`, replay: replay(words, env) });
    const failures = code === 0 ? 0 : 1;
    return {
      measured: `${CALLS} calls of each, ${failures} failures`,
      figures: { calls: CALLS, failures },
    };
  },
};
