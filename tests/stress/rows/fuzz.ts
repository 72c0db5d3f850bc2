import { readdirSync, readFileSync } from "node:fs";
import type { Row } from "../row.ts";
import { build, replay, runNative, tail } from "../native.ts";

const PROGRAM = "zig-out/bin/sora_ffi_fuzz";

/** The targets that the files of a folder register. */
export function fuzzTargets(folder = "csrc/fuzz"): string[] {
  return readdirSync(folder).filter((name) => name.endsWith("_fuzz.cpp"))
    .flatMap((
      name,
    ) => [...readFileSync(`${folder}/${name}`, "utf8").matchAll(/^FUZZ_TARGET\((\w+),/gm)])
    .map(([, target = ""]) => target).sort();
}

/** How many inputs libFuzzer says that it ran. */
export function inputsOf(output: string): number {
  return Number(/stat::number_of_executed_units: (\d+)/.exec(output)?.[1] ?? 0);
}

/** The file with the input that showed a fault, and what the fault was. */
export function faultOf(output: string): { readonly input?: string; readonly what: string } {
  const input = /Test unit written to (\S+)/.exec(output)?.[1];
  const what = /^(?:SUMMARY: .*|.*: this does not hold: .*|==\d+== ?ERROR: .*)$/m.exec(output)?.[0];
  return { ...input === undefined ? {} : { input }, what: what ?? tail(output) };
}

/** libFuzzer on each target. */
export const fuzz: Row = {
  name: "fuzz",
  what: "libFuzzer with ASan and UBSan on every C entry that takes bytes",
  asked: "0 finds, 10 minutes a target",
  on: "once",
  weight: 8,
  prepare: (context) => build(context, ["fuzz"]),
  async run(context) {
    const targets = fuzzTargets();
    const end = performance.now() + context.minutes * 60_000;
    let inputs = 0, finds = 0, ran = 0;
    for (const [index, target] of targets.entries()) {
      // A target takes time to start, which those after it go without.
      const left = (end - performance.now()) / 1_000;
      if (context.signal.aborted || left < 1) break;
      context.progress(index / targets.length, `${target}, ${inputs} inputs, ${finds} finds`);
      const seconds = Math.max(1, Math.floor(left / (targets.length - index)));
      const words = [PROGRAM, target, String(seconds), `-seed=${context.seed}`];
      const ended = await runNative(context, words, seconds + 120);
      ran++;
      inputs += inputsOf(ended.output);
      if (ended.code === 0 || context.signal.aborted) continue;
      finds++;
      const { input, what } = faultOf(ended.output);
      context.found({
        what: `${target}: ${ended.end}: ${what}`,
        replay: replay(input === undefined ? words : [PROGRAM, target, input]),
      });
    }
    const secondsEach = Math.round(context.minutes * 60 / targets.length);
    const millions = (inputs / 1e6).toFixed(1);
    return {
      measured:
        `${finds} finds in ${ran} of ${targets.length} targets, ${secondsEach} s each, ${millions} million inputs`,
      figures: { finds, targets: ran, secondsOfTarget: secondsEach, inputs },
    };
  },
};
