/**
 * A program for watch mode, in which media flows from the beginning to the end: see `watch_test.ts`.
 *
 * @module
 */

import { readdirSync, readlinkSync } from "node:fs";
import { flow } from "./media_client.ts";
import { resources } from "./resources.ts";

const REPORT_MS = 100;

/** The number of sockets, pipes and the like, without files: Deno reopens the files of its caches when a program changes. */
function withoutFiles(): number {
  return readdirSync("/proc/self/fd").filter((descriptor) => {
    try {
      return !readlinkSync(`/proc/self/fd/${descriptor}`).startsWith("/");
    } catch {
      // The descriptor of the folder that is being read.
      return false;
    }
  }).length;
}

/**
 * Sends and receives, and prints ten times a second the number of this load and what the process holds, as JSON.
 *
 * @param url The server's URL.
 * @param load The number of this load.
 * @param how `wait`: the module never finishes. `throw`: it throws once media has flowed for a while.
 */
export async function run(url: string, load: number, how: string): Promise<void> {
  await flow(url, `load ${load}`);
  let reports = 0;
  setInterval(() => {
    const held = { ...resources(), descriptors: withoutFiles() };
    console.log(`flowing ${load} ${JSON.stringify(held)}`);
    if (how === "throw" && ++reports === 20) throw new Error("thrown on purpose");
  }, REPORT_MS);
  if (how === "wait") await new Promise(() => {});
}
