/**
 * A program that outlives its Workers, in which media flows when they end: a third are terminated, a third throw and a third exit.
 * Its arguments: the server's URL, how many Workers, how many of them at once, and how many ms it continues after the last.
 * It prints `left` with what they left behind, as JSON.
 *
 * @module
 */

import process from "node:process";
import { Worker } from "node:worker_threads";
import { resources } from "./resources.ts";
import { eventually, pause } from "./eventually.ts";

const [url = "", ...sizes] = process.argv.slice(2);
const [count = 0, atOnce = 1, goOnMs = 0] = sizes.map(Number);
const ways = ["terminate", "throw", "exit"] as const;

/** Runs a Worker to its end. */
async function run(number: number): Promise<void> {
  const way = ways[number % ways.length];
  const worker = new Worker(new URL("exit_worker.ts", import.meta.url), {
    workerData: { url, channelId: `Worker ${process.pid} ${number}` },
  });
  const ended = new Promise((resolve) => worker.once("exit", resolve));
  const flowing = Promise.withResolvers<void>();
  worker.on("message", () => flowing.resolve());
  worker.on("error", (error) => {
    if (way !== "throw" || !String(error).includes("on purpose")) flowing.reject(error);
  });
  await flowing.promise;
  if (way === "terminate") await worker.terminate();
  else worker.postMessage(way);
  await ended;
}

async function runAll(numbers: Iterator<number>): Promise<void> {
  for (let next = numbers.next(); !next.done; next = numbers.next()) await run(next.value);
}

// The first Workers create what the runtime and the library keep for good.
for (let number = 0; number < ways.length; number++) await run(number);
// Threads of the first Workers end.
await pause(1_500);
const base = resources();
const turns = Array.from({ length: count }, (_, number) => number).values();
await Promise.all(Array.from({ length: atOnce }, () => runAll(turns)));
const last = performance.now();
let now = resources();
await eventually("the counts of before", () => {
  now = resources();
  return now.objects <= base.objects && now.threads <= base.threads &&
    now.descriptors <= base.descriptors;
}).catch(() => {});
// Late callbacks would crash.
await pause(Math.max(0, goOnMs - (performance.now() - last)));
console.log(`left ${
  JSON.stringify({
    objects: Math.max(0, now.objects - base.objects),
    threads: Math.max(0, now.threads - base.threads),
    descriptors: Math.max(0, now.descriptors - base.descriptors),
  })
}`);
