/**
 * How often threads of this process wake up.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";
import { pause } from "./eventually.ts";

/** How often each thread has gone to sleep so far, by its number and name. */
function sleeps(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const id of readdirSync("/proc/self/task")) {
    try {
      const status = readFileSync(`/proc/self/task/${id}/status`, "utf8");
      const [, name = ""] = /^Name:\t(.*)$/m.exec(status) ?? [];
      const [, count] = /^voluntary_ctxt_switches:\t(\d+)$/m.exec(status) ?? [];
      counts.set(`${id} ${name}`, Number(count));
    } catch {
      // It ended in between.
    }
  }
  return counts;
}

/**
 * Wake-ups per second of the threads whose names match, in the next `ms` milliseconds. A busy machine makes them fewer, never more.
 */
export async function wakeups(names: RegExp, ms: number): Promise<number> {
  const before = sleeps();
  const start = performance.now();
  // Time is the subject.
  await pause(ms);
  const seconds = (performance.now() - start) / 1_000;
  let count = 0;
  for (const [thread, after] of sleeps()) {
    if (names.test(thread.slice(thread.indexOf(" ") + 1))) {
      count += after - (before.get(thread) ?? 0);
    }
  }
  return count / seconds;
}

/** The threads of libwebrtc and of the library, but none of a runtime or of a server in the same process. */
export const LIBRARY_THREADS = /^(sora-|DecodingQueue|IncomingVideoSt|EncoderQueue|AudioEncoder)/;
