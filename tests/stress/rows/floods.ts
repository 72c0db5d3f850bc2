import type { Row } from "../row.ts";
import { runTests } from "../tests.ts";

const FRAGMENTS = 1_000_000;
const FRAGMENTS_LIMIT_S = 300;

/** What a peer may send for long. */
export const floods: Row = {
  name: "floods",
  what: "a message in a million fragments, and random datagrams at the server's media port",
  asked: "no failure",
  on: "each",
  weight: 2,
  async run(context) {
    const fragments = await runTests(context, {
      files: ["tests/e2e/hostile_sctp_test.ts"],
      filter: "never finishes",
      env: { SORA_TEST_FRAGMENTS: String(FRAGMENTS) },
      limitS: FRAGMENTS_LIMIT_S,
    });
    context.progress(0.5, `${FRAGMENTS} fragments`);
    const floodS = Math.max(4, Math.round(context.minutes * 60 - fragments.seconds));
    const flood = await runTests(context, {
      files: ["tests/e2e/hostile_udp_test.ts"],
      filter: "random datagrams",
      env: { SORA_TEST_FLOOD_S: String(floodS) },
      limitS: floodS + 120,
    });
    const passed = fragments.passed + flood.passed;
    return {
      measured: `${FRAGMENTS} fragments, ${floodS} s of datagrams: ${passed} tests passed`,
      figures: { fragments: FRAGMENTS, floodS, passed },
    };
  },
};
