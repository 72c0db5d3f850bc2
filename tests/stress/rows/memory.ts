import { spawnSync } from "node:child_process";
import type { Row, RowContext } from "../row.ts";
import { build, buildStep, replay, runNative, tail } from "../native.ts";

const PROGRAM = "zig-out/bin/sora_ffi_memory_tests";
/** Of the tests without valgrind, which take seconds. */
const LIMIT_S = 120;
/** The names of tests begin with one of these: of C functions, with no media. */
const GROUPS = ["queue_", "handles_", "realm_", "transport_", "errors_", "peer_close_"];
/** Tests whose time is part of what they require, or that need many threads. */
const LEFT_OUT = ["-timeout", "-limit"];
/** What valgrind exits with when it has found something. */
const FOUND = 99;

/** The command that runs tests under valgrind. */
export function valgrind(words: readonly string[]): string[] {
  return [
    "valgrind",
    "--quiet",
    "--leak-check=full",
    "--show-leak-kinds=definite,indirect",
    "--errors-for-leak-kinds=definite,indirect",
    "--num-callers=25",
    "--fair-sched=yes",
    `--error-exitcode=${FOUND}`,
    PROGRAM,
    ...words,
  ];
}

/** How many tests passed and failed, as the harness prints it. */
export function totalsOf(output: string): { readonly passed: number; readonly failed: number } {
  const [, passed = "0", failed = "0"] = /^(\d+) passed, (\d+) failed$/m.exec(output) ?? [];
  return { passed: Number(passed), failed: Number(failed) };
}

async function underValgrind(context: RowContext): Promise<{ tests: number; errors: number }> {
  let tests = 0, errors = 0;
  for (const [index, group] of GROUPS.entries()) {
    if (context.signal.aborted) break;
    context.progress(
      (index + 1) / (GROUPS.length + 1),
      `${group}: ${tests} tests, ${errors} errors`,
    );
    const words = valgrind([group, ...LEFT_OUT]);
    const env = { SORA_TEST_LIMIT_S: "900" };
    const { code, end, output } = await runNative(context, words, 1_200, env);
    tests += totalsOf(output).passed;
    if (code === 0 || context.signal.aborted) continue;
    errors++;
    context.found({ what: `${group}: ${end}: ${tail(output)}`, replay: replay(words, env) });
  }
  return { tests, errors };
}

/** Memory that is lost, used wrongly, or runs out. */
export const memory: Row = {
  name: "memory",
  what:
    "the n-th allocation of each C call fails (n ≤ 500), and valgrind runs the C tests without media",
  asked: "0 errors, 0 leaks, an error code each time",
  on: "once",
  weight: 2,
  prepare: (context) => build(context, ["memory-test"]),
  async run(context) {
    context.progress(0, "allocations that fail");
    const words = buildStep("memory-test", "--", "allocation_");
    const { code, end, output } = await runNative(context, words, LIMIT_S);
    if (code !== 0) context.found({ what: `${end}: ${tail(output)}`, replay: replay(words) });
    const { passed, failed } = totalsOf(output);
    const figures = { allocationTests: passed, allocationFailures: failed };
    if (spawnSync("valgrind", ["--version"]).status !== 0) {
      return { measured: `${failed} failures; valgrind is not installed here`, figures };
    }
    const { tests, errors } = await underValgrind(context);
    return {
      measured: `${failed} of ${
        passed + failed
      } failed; valgrind: ${errors} errors in ${tests} tests`,
      figures: { ...figures, valgrindTests: tests, valgrindErrors: errors },
    };
  },
};
