/**
 * A program that outlives its Workers, which end while media flows in them, or at any other moment. Its arguments: the server's URL
 * and a {@link WorkersTask} as JSON. It prints `ended` with the number of Workers so far for each, and at the end `left` with what
 * they left behind, as JSON.
 *
 * @module
 */

import { readdirSync, readlinkSync } from "node:fs";
import process from "node:process";
import { Worker } from "node:worker_threads";
import { onDeno } from "../../support/child.ts";
import { eventually, pause } from "../../support/eventually.ts";
import { EXIT_STATES, type ExitState } from "../../support/exit_states.ts";
import type { WorkerTask } from "../../support/exit_worker.ts";
import { type Resources, resources } from "../../support/resources.ts";
import { Random } from "../random.ts";

/** What to do. */
export interface WorkersTask {
  /** How many Workers there are at most, besides the first. */
  readonly count: number;
  readonly atOnce: number;
  readonly seed: number;
  /** How long after the last one the program goes on: what is left of a Worker would crash it by then. */
  readonly goOnMs: number;
  /** For how long new ones begin. */
  readonly seconds: number;
  /** Whether they end in any state and at any moment, or all of them while media flows. */
  readonly anyMoment: boolean;
}

const WAYS = ["terminate", "throw", "exit"] as const;
type Way = typeof WAYS[number];

/** By then a Worker is in its state, unless the machine is busy. */
const LONGEST_MS = 1_500;
/** A Worker that takes longer to begin or to end has hung. */
const HUNG_MS = 60_000;

const [url = "", text = "{}"] = process.argv.slice(2);
const task = JSON.parse(text) as WorkersTask;
const random = new Random(task.seed, "workers");

/** Runs a Worker to its end: at a moment, or when it is in its state. */
async function run(
  number: number,
  state: ExitState,
  way: Way,
  momentMs: number | undefined,
): Promise<void> {
  const workerData: WorkerTask = {
    url,
    channelId: `Worker ${process.pid} ${number}`,
    state,
    seed: task.seed + number,
  };
  const worker = new Worker(new URL("../../support/exit_worker.ts", import.meta.url), {
    workerData,
  });
  const ready = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const what = `Worker ${number}, ${way} in ${state} (${momentMs?.toFixed() ?? "ready"})`;
  const hung = setTimeout(() => {
    const error = new Error(`${what} has hung`);
    ready.reject(error);
    ended.reject(error);
  }, HUNG_MS);
  ended.promise.catch(() => {});
  worker.once("exit", () => ended.resolve());
  worker.on("message", () => ready.resolve());
  worker.on("error", (error) => {
    if (way === "throw" && String(error).includes("on purpose")) return;
    const wrong = new Error(`${what} failed`, { cause: error });
    ready.reject(wrong);
    ended.reject(wrong);
  });
  try {
    // What it does not wait for may fail in `ended` alone.
    ready.promise.catch(() => {});
    await (momentMs === undefined ? ready.promise : pause(momentMs));
    if (way === "terminate") await worker.terminate();
    else worker.postMessage(way);
    await ended.promise;
  } finally {
    clearTimeout(hung);
  }
}

let begun = 0;
let ended = 0;
const end = performance.now() + task.seconds * 1_000;

async function runSome(): Promise<void> {
  while (begun < task.count && performance.now() < end) {
    const number = begun++;
    const any = task.anyMoment;
    const state = any ? random.pick(Object.keys(EXIT_STATES) as ExitState[]) : "media";
    const way = any ? random.pick(WAYS) : WAYS[number % WAYS.length]!;
    await run(
      number,
      state,
      way,
      any && random.chance(0.5) ? random.between(0, LONGEST_MS) : undefined,
    );
    console.log(`ended ${++ended}`);
  }
}

/**
 * What the process holds. Deno loses the epoll and the eventfd of some Workers that throw or exit, also of those that import nothing;
 * one of the library's has a thread, which counts.
 */
function held(): Resources {
  if (!onDeno) return resources();
  const descriptors = readdirSync("/proc/self/fd").filter((descriptor) => {
    try {
      return !readlinkSync(`/proc/self/fd/${descriptor}`).startsWith("anon_inode:[event");
    } catch {
      // That of the folder that is being read.
      return false;
    }
  });
  return { ...resources(), descriptors: descriptors.length };
}

// The first Workers create what the runtime and the library keep for good.
await Promise.all(
  Array.from(
    { length: task.atOnce },
    (_, i) => run(-1 - i, "media", WAYS[i % WAYS.length]!, undefined),
  ),
);
// Threads of the first Workers end.
await pause(1_500);
const base = held();
await Promise.all(Array.from({ length: task.atOnce }, runSome));
const last = performance.now();
let now = held();
await eventually("the counts of before", () => {
  now = held();
  return now.objects <= base.objects && now.threads <= base.threads &&
    now.descriptors <= base.descriptors;
}).catch(() => {});
// Late callbacks would crash.
await pause(Math.max(0, task.goOnMs - (performance.now() - last)));
console.log(`left ${
  JSON.stringify({
    objects: Math.max(0, now.objects - base.objects),
    threads: Math.max(0, now.threads - base.threads),
    descriptors: Math.max(0, now.descriptors - base.descriptors),
  })
}`);
