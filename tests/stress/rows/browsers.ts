import type { Row } from "../row.ts";
import { runTests } from "../tests.ts";

const CONNECTS = 200;
const CONNECTS_A_MINUTE = 160;
const LEAST_CONNECTS = 20;

/** Browsers connect again and again. */
export const browsers: Row = {
  name: "browsers",
  what: "Chromium and Firefox connect up to 200 times, Firefox also with a fifth of DTLS lost",
  asked: "no failure",
  on: "each",
  weight: 3,
  async run(context) {
    const connects = Math.min(
      CONNECTS,
      Math.max(LEAST_CONNECTS, Math.round(context.minutes * CONNECTS_A_MINUTE / 10) * 10),
    );
    const { passed } = await runTests(context, {
      files: ["tests/e2e/browser_chromium_test.ts", "tests/e2e/browser_firefox_test.ts"],
      filter: "connects",
      env: { SORA_TEST_CONNECTS: String(connects) },
      limitS: context.minutes * 60 + 90,
    });
    return {
      measured: `${connects} of ${CONNECTS} connects of each: ${passed} tests passed`,
      figures: { connects, passed },
    };
  },
};
