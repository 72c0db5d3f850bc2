/**
 * Connects `COUNT` times in quick succession to channels of their own: `memory_program.ts URL COUNT`. Prints a line of JSON with what
 * the process has after the first connection, and one after all of them.
 *
 * @module
 */

import { readdirSync, readlinkSync } from "node:fs";
import process from "node:process";
import { Sora } from "../../mod.ts";
import { residentMemory, threadCount } from "./resident.ts";

/** What a process has. */
export interface Possessions {
  /** Its threads. */
  readonly threads: number;
  /** Its sockets. */
  readonly sockets: number;
  /** Bytes of resident memory. */
  readonly resident: number;
  /** Heaps of threads. */
  readonly heaps: number;
}

const [url = "", count = "0"] = process.argv.slice(2);
const sora = new Sora();

function sockets(): number {
  return readdirSync("/proc/self/fd").filter((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`).startsWith("socket:");
    } catch {
      // The folder that is being read.
      return false;
    }
  }).length;
}

function print(): void {
  const { total: resident, heaps } = residentMemory("self");
  const all: Possessions = { threads: threadCount("self"), sockets: sockets(), resident, heaps };
  console.log(JSON.stringify(all));
}

for (let index = 0; index < Number(count); index++) {
  await sora.createConnection({
    signalingUrls: [url],
    channelId: `memory ${index}`,
    role: "sendrecv",
  }).connect();
  if (index === 0) print();
}
print();
process.exit();
