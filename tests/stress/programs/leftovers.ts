/**
 * What stays behind in a client of what its server does again and again, in the row `hostile server`.
 *
 * @module
 */

import { repeat, REPEATED, type Repeated } from "./re_offers.ts";
import type { ReOfferedSample } from "./re_offered.ts";
import { errorText, type Task } from "./task.ts";

/** As many as the second half needs to be past what comes once: compiled code, caches, pools. */
const MOST = 2_000;
const EVERY = 100;
/** Of each time, in the second half: names that libwebrtc keeps take tens of bytes, anything else that is kept takes more than this. */
const MOST_LEFT_BYTES = 1_024;
/** Of what comes once, where few times fit into the second half. */
const ONCE_BYTES = 256 * 1_024;
/** Of objects, threads and descriptors: what comes and goes with a decoder. */
const MOST_MORE = 2;

/** What the second half left, in bytes, and how many times those were. */
function secondHalf({ samples, count }: Repeated, what: "nativeKb" | "heapKb") {
  const middle = Math.max(0, samples.length - 1) >> 1;
  return {
    bytes: (samples.at(-1)![what] - samples[middle]![what]) * 1_024,
    times: Math.max(1, count - middle * EVERY),
  };
}

/** What came of all. */
export interface Leftovers {
  readonly times: number;
  /** The most that was left of a time, native or JavaScript's. */
  readonly mostBytes: number;
}

/** Tries each for its share of the time that is left, and reports what stays behind. */
export async function proveLeftovers(task: Task): Promise<Leftovers> {
  let [times, mostBytes] = [0, 0];
  const names = Object.keys(REPEATED);
  for (const [index, name] of names.entries()) {
    task.progress(`${name} again and again`);
    const end = performance.now() + task.leftMs / (names.length - index);
    try {
      const isLate = () => performance.now() > end;
      const repeated = await repeat(name, { count: MOST, every: EVERY, isLate });
      times += repeated.count;
      if (repeated.end !== undefined) {
        task.found({ what: `${name} again and again, ${repeated.count} times: ${repeated.end}` });
        continue;
      }
      for (const what of ["nativeKb", "heapKb"] as const) {
        const half = secondHalf(repeated, what);
        const bytes = Math.round(half.bytes / half.times);
        mostBytes = Math.max(mostBytes, bytes);
        if (half.bytes <= ONCE_BYTES + MOST_LEFT_BYTES * half.times) continue;
        task.found({
          what: `${name} again and again, ${repeated.count} times: ${bytes} bytes (${what}) are ` +
            `left of each: ${JSON.stringify(repeated.samples.map((sample) => sample[what]))}`,
        });
      }
      reportMore(task, name, repeated.samples);
    } catch (error) {
      task.found({ what: `${name} again and again: ${errorText(error)}` });
    }
  }
  return { times, mostBytes };
}

function reportMore(task: Task, name: string, samples: readonly ReOfferedSample[]): void {
  const [first, last] = [samples[Math.max(0, samples.length - 1) >> 1]!, samples.at(-1)!];
  for (const what of ["objects", "threads", "descriptors"] as const) {
    const more = last[what] - first[what];
    if (more <= MOST_MORE) continue;
    task.found({ what: `${name} again and again: ${more} ${what} more than half-way` });
  }
}
