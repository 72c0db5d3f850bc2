import { existsSync } from "node:fs";
import type { Row } from "../row.ts";
import { build, buildStep, keep, replay, runNative, tail } from "../native.ts";

/** What the end may take: objects close, and reports are written. */
const EXTRA_S = 120;

/** What ThreadSanitizer finds names with, by which some reports are left out. */
const SYMBOLIZERS = ["/usr/bin/llvm-symbolizer", "/usr/bin/addr2line"];

function hasSymbolizer(): boolean {
  return SYMBOLIZERS.some((path) => existsSync(path));
}

/** A report of ThreadSanitizer. */
export interface Report {
  /** What it summarizes. */
  readonly what: string;
  /** All of it. */
  readonly text: string;
}

/** The reports of ThreadSanitizer in an output, the first of those that summarize the same. */
export function reportsOf(output: string): Report[] {
  const whole = /^WARNING: ThreadSanitizer: [^]*?^SUMMARY: ThreadSanitizer: (.*)$/gm;
  const reports = new Map<string, string>();
  for (const [text, what = ""] of output.matchAll(whole)) {
    if (!reports.has(what)) reports.set(what, text);
  }
  return [...reports].map(([what, text]) => ({ what, text }));
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
  async prepare(context) {
    if (hasSymbolizer()) await build(context, ["tsan-test"]);
  },
  async run(context) {
    if (!hasSymbolizer()) {
      return { skipped: `none of ${SYMBOLIZERS.join(", ")} is installed` };
    }
    const seconds = Math.max(2, Math.floor(context.minutes * 60));
    const words = buildStep("tsan-test");
    const env = { SORA_TEST_SECONDS: String(seconds), SORA_TEST_SEED: String(context.seed) };
    context.progress(0, "racing");
    const { code, end, output } = await runNative(context, words, EXTRA_S + seconds, env);
    const reports = reportsOf(output);
    const kept = reports.length > 0 || code !== 0
      ? keep(`threads-${context.seed}`, output)
      : undefined;
    for (const { text } of reports) {
      context.found({ what: `whole in ${kept}: ${text}`, replay: replay(words, env) });
    }
    if (code !== 0 && reports.length === 0) {
      context.found({ what: `${end}, ${kept}: ${tail(output)}`, replay: replay(words, env) });
    }
    const calls = callsOf(output);
    return {
      measured: `${reports.length} reports in ${seconds} s, ${calls} calls`,
      figures: { reports: reports.length, seconds, calls },
    };
  },
};
