import type { Row } from "../row.ts";
import { build, buildStep, keep, replay, runNative, tail } from "../native.ts";

/** What finds a defect takes seconds. */
const LIMIT_S = 120;

/** A planted defect, and what must find it. */
export interface Canary {
  /** What `-Dcanary` takes: csrc/core/canary.h. */
  readonly name: string;
  readonly what: string;
  /** The row that it belongs to. */
  readonly row: "fuzz" | "memory" | "threads";
  /** The step of the build that runs what the row runs, and its words. */
  readonly step: string;
  readonly words: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What stands in the output when it is found for what it is. */
  readonly finds: RegExp;
}

/** All of them. */
export const CANARIES: readonly Canary[] = [
  {
    name: "handle",
    what: "a closed object is never freed",
    row: "memory",
    step: "memory-test",
    words: ["handles_closed_twice"],
    finds: /native objects that are alive: \d+, not 0/,
  },
  {
    name: "event",
    what: "an event after the end of a peer",
    row: "memory",
    step: "memory-test",
    words: ["peer_close_is_followed_by_nothing"],
    finds: /^not ok peer_close_is_followed_by_nothing/m,
  },
  {
    name: "lock",
    what: "a lock left out of a queue",
    row: "threads",
    step: "tsan-test",
    words: [],
    env: { SORA_TEST_SECONDS: "5", SORA_TEST_SEED: "1" },
    // Of any report, in either of its stacks.
    finds: /^WARNING: ThreadSanitizer: data race (?:(?!^SUMMARY)[^])*EventQueue::Interrupt\(\)/m,
  },
  {
    name: "limit",
    what: "the limit of offers not enforced",
    row: "fuzz",
    step: "fuzz-test",
    words: ["offer"],
    finds: /this does not hold: MostFeedback\(text\) <= kMostFeedback/,
  },
];

/** The option of the build that plants a defect; what comes of it is not installed. */
function planted(name: string): string {
  return `-Dcanary=${name}`;
}

/** Builds with one planted defect each. */
export const canaries: Row = {
  name: "canaries",
  what: "builds with one planted defect each",
  asked: "every canary is caught by the row it belongs to",
  on: "once",
  weight: 1,
  async prepare(context) {
    for (const { name, step } of CANARIES) await build(context, [step], planted(name));
  },
  async run(context) {
    let caught = 0;
    for (const [index, { name, what, row, step, words, env = {}, finds }] of CANARIES.entries()) {
      if (context.signal.aborted) break;
      context.progress(index / CANARIES.length, `${name}, ${caught} caught`);
      const command = buildStep(step, planted(name), ...words.length ? ["--", ...words] : []);
      const { code, end, output } = await runNative(context, command, LIMIT_S, env);
      if (code !== 0 && finds.test(output)) caught++;
      else if (!context.signal.aborted) {
        const kept = keep(`canary-${name}`, output);
        context.found({
          what: `${what} is not caught by what ${row} runs: ${end}, ${kept}: ${tail(output)}`,
          replay: replay(command, env),
        });
      }
    }
    return {
      measured: `${caught} of ${CANARIES.length} caught`,
      figures: { caught, canaries: CANARIES.length },
    };
  },
};
