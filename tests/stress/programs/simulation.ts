/**
 * The row `simulation`: lives of a signaling session under faults, on all cores.
 *
 * @module
 */

import { availableParallelism } from "node:os";
import { Child, onDeno } from "../../support/child.ts";
import { eventually } from "../../support/eventually.ts";
import { Records } from "../../support/hostile_arena.ts";
import type { RowResult } from "../row.ts";
import type { Violation } from "./lives.ts";
import { runTask, type Task } from "./task.ts";

const program = new URL("lives.ts", import.meta.url);
/** Half of the million that the runtimes have together. */
const MOST = 500_000;
const ENDS_MS = 60_000;

const replay = (seed: number) =>
  `SORA_SIMULATION_SEED=${seed} .deps/bin/deno test -A --no-check tests/unit/signaling_simulation_test.ts`;

/** A program with a share of the lives. */
class Lives implements AsyncDisposable {
  readonly #child: Child;
  readonly #counts: Records<number>;
  readonly #violations: Records<Violation>;
  readonly #transitions: Records<readonly string[]>;

  constructor(first: number, step: number, count: number, seconds: number) {
    this.#child = new Child(program, [first, step, count, seconds].map(String));
    this.#counts = new Records(this.#child, "lives ");
    this.#violations = new Records(this.#child, "violation ");
    this.#transitions = new Records(this.#child, "transitions ");
  }

  get lived(): number {
    return this.#counts.read().at(-1) ?? 0;
  }

  get violations(): readonly Violation[] {
    return this.#violations.read();
  }

  /** Those of all lives, once it has ended. */
  get transitions(): readonly string[] | undefined {
    const made = this.#transitions.read().at(-1);
    if (made === undefined && this.#child.pid === undefined) {
      throw new Error(`the lives ended: ${this.#child.errors}`);
    }
    return made;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#child[Symbol.asyncDispose]();
  }
}

async function simulation(task: Task): Promise<RowResult> {
  // The generator takes 32 bits; each runtime has other lives.
  const first = task.random.below(2 ** 32) + (onDeno ? 0 : MOST);
  await using started = new AsyncDisposableStack();
  const processes = availableParallelism();
  const count = Math.ceil(MOST / processes);
  const all = Array.from(
    { length: processes },
    (_, index) =>
      started.use(new Lives((first + index) >>> 0, processes, count, task.leftMs / 1_000)),
  );
  const totalMs = task.minutes * 60_000;
  const lived = () => all.reduce((sum, { lived }) => sum + lived, 0);
  const text = () => `${lived().toLocaleString("en")} lives`;
  let shown = "";
  await eventually("the end of all lives", () => {
    if (shown !== text()) {
      task.progress(shown = text(), Math.max(lived() / MOST, 1 - task.leftMs / totalMs));
    }
    return all.every(({ transitions }) => transitions !== undefined);
  }, task.leftMs + ENDS_MS);
  const transitions = new Set(all.flatMap(({ transitions }) => transitions!)).size;
  const violations = all.flatMap(({ violations }) => violations);
  for (const { seed, what } of violations) {
    task.found({ what: `seed ${seed}: ${what}`, replay: replay(seed) });
  }
  return {
    measured: `${violations.length} violations in ${text()}, ${transitions} transitions`,
    figures: {
      violations: violations.length,
      lives: lived(),
      transitions,
      firstSeed: first >>> 0,
    },
  };
}

await runTask("simulation", simulation);
