/**
 * A program whose Worker sends and receives media. `terminate`: the Worker is terminated meanwhile, and the program ends by
 * itself. `exit`: the process ends while the Worker runs.
 *
 * @module
 */

import { writeSync } from "node:fs";
import process from "node:process";
import { Worker } from "node:worker_threads";

const [how = "", url = "", channelId = ""] = process.argv.slice(2);
const worker = new Worker(new URL("exit_worker.ts", import.meta.url), {
  workerData: { url, channelId },
});
worker.on("error", (error) => {
  console.error(error);
  process.exit(1);
});
worker.on("message", async () => {
  writeSync(1, "flowing\n");
  if (how === "exit") process.exit(7);
  await worker.terminate();
  writeSync(1, "terminated\n");
});
