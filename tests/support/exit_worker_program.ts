/**
 * A program with a Worker in one of the states of `exit_states.ts`. Its arguments: how it ends, the server's URL, a channel, the
 * state (default `media`) and a seed. It prints `ready` when the Worker is there.
 *
 * - `terminate`: the Worker is terminated, and the program ends by itself after the line `terminated`
 * - `throw`: the Worker throws, which the program handles, and ends by itself after the line `thrown`
 * - `exit`: the process ends while the Worker runs
 *
 * @module
 */

import { writeSync } from "node:fs";
import process from "node:process";
import { Worker } from "node:worker_threads";
import type { WorkerTask } from "./exit_worker.ts";

const [how = "", url = "", channelId = "", state = "media", seed = "0"] = process.argv.slice(2);
const task = { url, channelId, state, seed: Number(seed) } as WorkerTask;
const worker = new Worker(new URL("exit_worker.ts", import.meta.url), { workerData: task });
worker.on("error", (error) => {
  if (how === "throw" && String(error).includes("on purpose")) {
    writeSync(1, "thrown\n");
    return;
  }
  console.error(error);
  process.exit(1);
});
worker.on("message", async () => {
  writeSync(1, "ready\n");
  if (how === "exit") process.exit(7);
  if (how === "throw") {
    worker.postMessage(how);
    return;
  }
  await worker.terminate();
  writeSync(1, "terminated\n");
});
