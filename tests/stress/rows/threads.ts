import { existsSync } from "node:fs";
import type { Row } from "../row.ts";
import { buildStep, replay, runNative, tail } from "../native.ts";

/** Compiling it takes minutes, once. */
const BUILD_S = 900;

/** What ThreadSanitizer finds names with, by which some reports are left out. */
const SYMBOLIZERS = ["/usr/bin/llvm-symbolizer", "/usr/bin/addr2line"];

/** The reports of ThreadSanitizer in an output, each once, by what they summarize. */
export function reportsOf(output: string): string[] {
  return [
    ...new Set(
      [...output.matchAll(/^SUMMARY: ThreadSanitizer: (.*)$/gm)].map(([, what = ""]) => what),
    ),
  ];
}

/** How many calls the threads made. */
export function callsOf(output: string): number {
  return Number(/^# (\d+) calls$/m.exec(output)?.[1] ?? 0);
}

/** Threads that race on the same handles. */
export const threads: Row = {
  name: "threads",
  what: "four threads create, use and close the same handles, under ThreadSanitizer",
  asked: "0 reports from csrc/ in 10 minutes",
  on: "once",
  weight: 3,
  async run(context) {
    if (!SYMBOLIZERS.some((path) => existsSync(path))) {
      return { skipped: `none of ${SYMBOLIZERS.join(", ")} is installed` };
    }
    const seconds = Math.max(2, Math.floor(context.minutes * 60));
    const words = buildStep("tsan-test");
    const env = { SORA_TEST_SECONDS: String(seconds), SORA_TEST_SEED: String(context.seed) };
    context.progress(0, "compiling, then racing");
    const { code, end, output } = await runNative(context, words, BUILD_S + 2 * seconds, env);
    const reports = reportsOf(output);
    for (const report of reports) {
      const at = output.indexOf(`SUMMARY: ThreadSanitizer: ${report}`);
      context.found({
        what: `${report}\n${
          tail(output.slice(output.lastIndexOf("WARNING: ThreadSanitizer", at), at))
        }`,
        replay: replay(words, env),
      });
    }
    if (code !== 0 && reports.length === 0) {
      context.found({ what: `${end}: ${tail(output)}`, replay: replay(words, env) });
    }
    const calls = callsOf(output);
    return {
      measured: `${reports.length} reports in ${seconds} s, ${calls} calls`,
      figures: { reports: reports.length, seconds, calls },
    };
  },
};
