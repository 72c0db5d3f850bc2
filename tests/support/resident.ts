/**
 * What the resident memory of a process consists of.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";

/** Bytes of resident memory, by what they are of. Some is guessed by the layout that glibc gives its mappings. */
export interface Resident {
  /** All of it. */
  readonly total: number;
  /** glibc's heaps: the native library's, on Deno the runtime's own as well. Blocks of 128 kB and more have mappings of their own. */
  readonly heap: number;
  /** How many heaps there are besides the first one; threads share them. */
  readonly heaps: number;
  /** Stacks of threads. */
  readonly stacks: number;
  /** Pages of programs and libraries, which processes share unless they write to them; they come when they are first needed. */
  readonly files: number;
  /** Memory in large pages: buffers of frames, and on Bun JavaScript's. */
  readonly largePages: number;
  /** Everything else: JavaScript, large blocks. */
  readonly rest: number;
}

interface Mapping {
  readonly begin: number;
  readonly end: number;
  readonly rights: string;
  readonly name: string;
  resident: number;
  large: number;
}

const KIB = 1024;
/** glibc aligns the heaps of threads to this and reserves as much. */
const HEAP_BYTES = 64 * KIB * KIB;
/** The page below a stack, which must not be touched. */
const GUARD_BYTES = 4 * KIB;
const LEAST_STACK_BYTES = 64 * KIB;

function mappingsOf(process: number | "self"): Mapping[] {
  const mappings: Mapping[] = [];
  for (const line of readFileSync(`/proc/${process}/smaps`, "utf8").split("\n")) {
    const head = /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+ *(.*)$/.exec(line);
    const last = mappings.at(-1);
    if (head !== null) {
      const [, begin = "", end = "", rights = "", name = ""] = head;
      mappings.push({
        begin: parseInt(begin, 16),
        end: parseInt(end, 16),
        rights,
        name,
        resident: 0,
        large: 0,
      });
    } else if (last !== undefined) {
      const [key, value] = line.split(/:\s+/);
      if (key === "Rss") last.resident = parseInt(value!) * KIB;
      else if (key === "AnonHugePages") last.large = parseInt(value!) * KIB;
    }
  }
  return mappings;
}

const isAnonymous = ({ name }: Mapping) => name === "";

/** Whether a mapping is the used part of a heap of threads: the reserved one fills it up. */
function isHeap(one: Mapping, next: Mapping | undefined): boolean {
  if (!isAnonymous(one) || one.begin % HEAP_BYTES !== 0) return false;
  const end = one.begin + HEAP_BYTES;
  return one.end === end || (next !== undefined && next.begin === one.end && next.end === end);
}

function isStack(one: Mapping, before: Mapping | undefined): boolean {
  return isAnonymous(one) && one.rights.startsWith("rw") &&
    one.end - one.begin >= LEAST_STACK_BYTES &&
    before !== undefined && before.end === one.begin && before.rights.startsWith("---") &&
    before.end - before.begin === GUARD_BYTES;
}

/** The resident memory of a process of this user. */
export function residentMemory(process: number | "self"): Resident {
  const mappings = mappingsOf(process);
  const sums = { total: 0, heap: 0, stacks: 0, files: 0, largePages: 0, rest: 0 };
  let heaps = 0;
  for (const [index, one] of mappings.entries()) {
    const ofThreads = isHeap(one, mappings[index + 1]);
    if (ofThreads) heaps++;
    const kind = ofThreads || one.name === "[heap]"
      ? "heap"
      : isStack(one, mappings[index - 1])
      ? "stacks"
      : one.name.startsWith("/")
      ? "files"
      : "rest";
    sums.total += one.resident;
    sums.largePages += one.large;
    sums[kind] += one.resident - one.large;
  }
  return { ...sums, heaps };
}

/** How many threads a process has. */
export function threadCount(process: number | "self"): number {
  return readdirSync(`/proc/${process}/task`).length;
}
