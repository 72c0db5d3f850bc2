import { parseJUnit } from "./junit.ts";

/** One command of `make test`: a check that counts as one, or a run of test files that are counted one test at a time. */
export interface Stage {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** After so many seconds the command and all that it started are killed. */
  readonly limitS: number;
  readonly env?: Readonly<Record<string, string>>;
  /** The JUnit report that the command writes, and the test files that must appear in it. */
  readonly tests?: { readonly report: string; readonly files: readonly string[] };
  /** A stage that must have ended before, where it runs at all. */
  readonly after?: Stage;
  /** The stage that runs a test once more, alone, by the line that says how it failed: others may have kept the machine busy. */
  readonly again?: (failure: string) => Stage;
}

/** What came of a stage. */
export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** The tests that failed, with the first line of what each says. */
  readonly failures: readonly string[];
  /** What went wrong beside the tests that failed, a sentence each. */
  readonly notes: readonly string[];
  readonly seconds: number;
}

const keptOutput = 1 << 20;
const running = new Set<Deno.ChildProcess>();

/** Ends every command that is under way, with what it started. */
export function killStages(): void {
  for (const child of running) child.kill("SIGTERM");
}

/** Takes output: a chunk, and which stream it is of. */
export type WriteOutput = (chunk: Uint8Array, stream: "stdout" | "stderr") => void;

/** Runs a stage; its output goes to `write` as it comes, or in one piece at the end, cut to its last mebibyte. */
export async function runStage(
  stage: Stage,
  write: WriteOutput,
): Promise<Outcome> {
  if (stage.tests?.files.length === 0) {
    return {
      passed: 0,
      failed: 1,
      skipped: 0,
      failures: [],
      notes: ["there is no test file"],
      seconds: 0,
    };
  }
  if (stage.tests) await Deno.remove(stage.tests.report).catch(() => {});
  const began = performance.now();
  // `timeout` puts the command into a process group of its own and kills the whole group.
  const child = new Deno.Command("timeout", {
    args: ["--kill-after=5", String(stage.limitS), ...stage.command],
    env: stage.env ?? {},
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  running.add(child);
  const streams = ["stdout", "stderr"] as const;
  const readers = streams.map((stream) => child[stream].getReader());
  const drained = Promise.all(readers.map(async (reader, index) => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      write(value, streams[index]!);
    }
  }));
  const { code, signal } = await child.status;
  running.delete(child);
  // Something that left the group may still hold the pipes: wait a moment only.
  let grace: ReturnType<typeof setTimeout> | undefined;
  await Promise.race([drained, new Promise((done) => grace = setTimeout(done, 2_000))]);
  clearTimeout(grace);
  await Promise.all(readers.map((reader) => reader.cancel()));
  const report = stage.tests ? await Deno.readTextFile(stage.tests.report).catch(() => "") : "";
  const seconds = (performance.now() - began) / 1_000;
  return { ...judge(stage, code, signal, report), seconds };
}

/** Counts a stage from its exit code and its report: what crashed, hung, or ran no test has failed. */
export function judge(
  stage: Stage,
  code: number,
  signal: string | null,
  report: string,
): Omit<Outcome, "seconds"> {
  const notes: string[] = [];
  if (code === 124) notes.push(`ran past its limit of ${stage.limitS} s and was killed`);
  else if (signal !== null || code > 128) notes.push(`crashed with ${signal ?? `exit ${code}`}`);
  if (!stage.tests) {
    const failed = code === 0 ? 0 : 1;
    return { passed: 1 - failed, failed, skipped: 0, failures: [], notes };
  }
  const { cases, files } = parseJUnit(report);
  const count = (outcome: string) => cases.filter((one) => one.outcome === outcome).length;
  let failed = count("failed");
  for (const file of stage.tests.files) {
    if (files.has(file)) continue;
    failed++;
    notes.push(`${file} reported no test: it did not load, crashed, or has none`);
  }
  if (code !== 0 && failed === 0) {
    failed++;
    notes.push(`ended with exit code ${code} although no test failed`);
  }
  const failures = cases
    .filter((one) => one.outcome === "failed")
    .map(({ name, message }) => message ? `${name}: ${message}` : name);
  return { passed: count("passed"), failed, skipped: count("skipped"), failures, notes };
}

/** Collects output and keeps the end of it. */
export class OutputTail {
  #chunks: Uint8Array[] = [];
  #bytes = 0;

  readonly write = (chunk: Uint8Array): void => {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    while (this.#bytes - (this.#chunks[0]?.length ?? 0) > keptOutput) {
      this.#bytes -= this.#chunks.shift()?.length ?? 0;
    }
  };

  /** What was kept, in the order it came. */
  chunks(): readonly Uint8Array[] {
    return this.#chunks;
  }
}
