/**
 * A program that connects, has media flow and disconnects again and again, with codecs and transports in turn. Its arguments: the
 * server's URL, that of its memory, how many cycles at most, and for how many seconds new ones begin. It prints `cycle` and a
 * {@link Cycle} as JSON for each, `memory` and a {@link Memory} when everything is closed now and then, and at the end `left` with
 * what stays besides what the first cycles left, as JSON.
 *
 * @module
 */

import process from "node:process";
import { mediaCycle } from "../../support/media_cycle.ts";
import { eventually } from "../../support/eventually.ts";
import { type MemoryInUse, memoryInUse } from "../../support/memory_in_use.ts";
import { resources, startSignalThread } from "../../support/resources.ts";
import type { Sora } from "../../../mod.ts";
import { CODECS, open, TRANSPORTS } from "./kinds.ts";

/** What is known of a cycle after its end. */
export interface Cycle {
  readonly number: number;
  /** How long it took. */
  readonly ms: number;
  /** What failed. */
  readonly error?: string;
}

/** What both processes hold after so many cycles, when nothing is open. */
export interface Memory {
  readonly cycles: number;
  readonly client: MemoryInUse;
  readonly server: MemoryInUse;
}

const [url = "", memoryUrl = "", most = "1000", seconds = "60"] = process.argv.slice(2);

const EVERY = CODECS.length * TRANSPORTS.length;

/** A cycle with a `Sora` of its own, which starts and ends libwebrtc's threads as well, or with that of others. */
async function cycle(number: number, shared: Sora | undefined): Promise<void> {
  const videoCodecType = CODECS[number % CODECS.length]!;
  const transport = TRANSPORTS[Math.floor(number / CODECS.length) % TRANSPORTS.length]!;
  const options = { signalingUrls: [url], channelId: "cycles", videoCodecType, ...transport };
  if (shared !== undefined) {
    await mediaCycle(options, shared);
    return;
  }
  await using own = open();
  await mediaCycle(options, own);
}

/** Prints a line. Deno keeps the last thousand of `console.log()` for a debugger. */
const print = (line: string) => void process.stdout.write(`${line}\n`);

let number = 0;
const end = performance.now() + Number(seconds) * 1_000;
const isOver = () => number >= Number(most) || performance.now() > end;

/** Each codec with each transport once. */
async function cycleAll(shared?: Sora): Promise<void> {
  for (let count = 0; count < EVERY && !isOver(); count++, number++) {
    const began = performance.now();
    const error = await cycle(number, shared).then(() => undefined, String);
    const ms = performance.now() - began;
    const line: Cycle = { number, ms, ...(error === undefined ? {} : { error }) };
    print(`cycle ${JSON.stringify(line)}`);
  }
}

startSignalThread();
let base = resources();
while (!isOver()) {
  {
    // libwebrtc keeps tasks of connections that have ended for up to five minutes, or until the Sora is closed.
    await using shared = open();
    await cycleAll(shared);
  }
  await cycleAll();
  const response = await fetch(`${memoryUrl}rest`, { headers: { connection: "close" } });
  const server = await response.json() as MemoryInUse;
  const memory: Memory = { cycles: number, client: await memoryInUse(), server };
  print(`memory ${JSON.stringify(memory)}`);
  // By then the runtime's own pools have come to their size.
  if (number <= 4 * EVERY) base = resources();
}
let left = {};
await eventually("the counts of before", () => {
  const now = resources();
  left = {
    objects: Math.max(0, now.objects - base.objects),
    threads: Math.max(0, now.threads - base.threads),
    descriptors: Math.max(0, now.descriptors - base.descriptors),
  };
  return Object.values(left).every((count) => count === 0);
}).catch(() => {});
print(`left ${JSON.stringify(left)}`);
