/**
 * A Worker in one of the states of `exit_states.ts`: it reports to its parent when it is there, and continues until it is
 * terminated, or ends as its parent requests: `throw` or `exit`.
 *
 * @module
 */

import process from "node:process";
import { parentPort, workerData } from "node:worker_threads";
import { EXIT_STATES, type ExitState, type Place } from "./exit_states.ts";

/** What the Worker is given. */
export interface WorkerTask extends Place {
  readonly state: ExitState;
}

const task = workerData as WorkerTask;
let kept: readonly unknown[] = [];
// At first: a message that nobody listens for may be lost.
parentPort?.on("message", (how: string) => {
  if (how === "exit") process.exit();
  throw new Error(`thrown on purpose, with ${kept.length} objects open`);
});
({ kept } = await EXIT_STATES[task.state](task));
parentPort?.postMessage("ready");
