import { arch } from "node:process";
import { endText, lastOf, limited, start } from "../process.ts";
import type { Row } from "../row.ts";

const CALLS = 200;

/** Each call of drivers of codecs fails. */
export const drivers: Row = {
  name: "drivers",
  what: `each of the first ${CALLS} calls of each codec driver fails, one at a time`,
  asked: "no failure",
  on: "once",
  weight: 2,
  async run(context) {
    // Intel has no headers for it.
    if (arch === "arm64") return { skipped: "the stand-ins for drivers are for x86-64" };
    const words = [".deps/venv/bin/python", "-m", "ziglang", "build", "-j2", "hardware-test"];
    const limitS = context.minutes * 60 + 90;
    const env = { SORA_TEST_CALLS: String(CALLS) };
    await using child = start(
      context,
      limited([...words, "--", "in_any_call"], limitS),
      env,
      "SIGTERM",
    );
    const end = await child.ended((limitS + 30) * 1_000);
    if (end.code !== 0) {
      context.found({
        what: `${endText(end)}: ${lastOf(child, true)}`,
        replay: `SORA_TEST_CALLS=${CALLS} ${words.join(" ")} -- in_any_call`,
      });
    }
    const failures = end.code === 0 ? 0 : 1;
    return {
      measured: `${CALLS} calls of each, ${failures} failures`,
      figures: { calls: CALLS, failures },
    };
  },
};
