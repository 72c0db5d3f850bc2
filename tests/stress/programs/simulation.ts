/**
 * The row `simulation`: lives of a signaling session under faults, as many as there is time for.
 *
 * @module
 */

import { simulate } from "../../support/signaling_simulation.ts";
import type { RowResult } from "../row.ts";
import { errorText, runTask, type Task } from "./task.ts";

const SHOWN_EVERY = 1_000;
/** As many as the issue asks for; a whole run has time for more. */
const MOST = 1_000_000;

const replay = (seed: number) =>
  `SORA_SIMULATION_SEED=${seed} .deps/bin/deno test -A --no-check tests/unit/signaling_simulation_test.ts`;

async function simulation(task: Task): Promise<RowResult> {
  // The generator takes 32 bits.
  const first = task.random.below(2 ** 32);
  const transitions = new Set<string>();
  let violations = 0;
  let lives = 0;
  for (; lives < MOST && task.leftMs > 0; lives++) {
    const seed = (first + lives) >>> 0;
    try {
      for (const transition of await simulate(seed)) transitions.add(transition);
    } catch (error) {
      violations++;
      task.found({ what: `seed ${seed}: ${errorText(error)}`, replay: replay(seed) });
    }
    if (lives % SHOWN_EVERY === 0) {
      task.progress(`${lives.toLocaleString("en")} lives, ${transitions.size} transitions`);
      // Signals come in between.
      await new Promise((resolve) => setTimeout(resolve));
    }
  }
  return {
    measured: `${violations} violations in ${lives.toLocaleString("en")} lives, ` +
      `${transitions.size} transitions`,
    figures: { violations, lives, transitions: transitions.size, firstSeed: first },
  };
}

await runTask("simulation", simulation);
