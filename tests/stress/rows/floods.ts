import type { Row } from "../row.ts";
import { runTests } from "../tests.ts";

/** Starting a server and those beside it, and the end. */
const EXTRA_S = 60;
/** Those of one member are 4,400, whose handshakes take most of the time. */
const FRAGMENTS_A_SECOND = 1_000;

/** What a peer may send for long. */
export const floods: Row = {
  name: "floods",
  what: "messages of fragments without end, and random datagrams at the server's media port",
  asked: "no failure",
  on: "each",
  weight: 2,
  async run(context) {
    const halfS = context.minutes * 30;
    const count = Math.ceil(halfS * FRAGMENTS_A_SECOND);
    const fragments = await runTests(context, {
      files: ["tests/e2e/hostile_sctp_test.ts"],
      filter: "never finish",
      env: { SORA_TEST_FRAGMENTS: String(count) },
      // On a busy machine, and when frames are missing beside it.
      limitS: 4 * halfS + EXTRA_S,
    });
    context.progress(0.5, `${count} fragments`);
    const floodS = Math.max(4, Math.round(2 * halfS - fragments.seconds));
    const flood = await runTests(context, {
      files: ["tests/e2e/hostile_udp_test.ts"],
      filter: "random datagrams",
      env: { SORA_TEST_FLOOD_S: String(floodS) },
      limitS: 3 * floodS + EXTRA_S,
    });
    const passed = fragments.passed + flood.passed;
    return {
      measured: `${count} fragments, ${floodS} s of datagrams: ${passed} tests passed`,
      figures: { fragments: count, floodS, passed },
    };
  },
};
