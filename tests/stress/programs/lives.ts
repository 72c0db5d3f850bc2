/**
 * Lives of a signaling session with seeds that go up, in a process of its own.
 *
 *     lives.ts FIRST STEP COUNT SECONDS
 *
 * Seeds are FIRST, FIRST + STEP and so on, at most COUNT of them. It prints `lives` with how many there were so far, `violation` with a
 * seed and what was wrong, and in the end `transitions` with those that were made.
 *
 * @module
 */

import process from "node:process";
import { simulate } from "../../support/signaling_simulation.ts";
import { errorText } from "./task.ts";

/** One line that starts with `violation `. */
export interface Violation {
  readonly seed: number;
  readonly what: string;
}

const SHOWN_EVERY = 1_000;
/** A defect may be in each life. */
const MOST_SHOWN = 20;

if (import.meta.main) {
  const [first = 0, step = 1, count = 0, seconds = 0] = process.argv.slice(2).map(Number);
  const end = performance.now() + seconds * 1_000;
  const transitions = new Set<string>();
  let [lived, violations] = [0, 0];
  while (lived < count && performance.now() < end) {
    const seed = (first + step * lived) >>> 0;
    try {
      for (const transition of await simulate(seed)) transitions.add(transition);
    } catch (error) {
      const violation: Violation = { seed, what: errorText(error) };
      if (++violations <= MOST_SHOWN) console.log(`violation ${JSON.stringify(violation)}`);
    }
    if (++lived % SHOWN_EVERY !== 0) continue;
    console.log(`lives ${lived}`);
    // What was printed goes out in between.
    await new Promise((resolve) => setTimeout(resolve));
  }
  console.log(`lives ${lived}`);
  console.log(`transitions ${JSON.stringify([...transitions])}`);
  process.exit(0);
}
