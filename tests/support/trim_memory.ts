/**
 * Resident memory that is in use: without garbage, and without what glibc's allocator keeps of freed memory.
 *
 * @module
 */

import process from "node:process";
import { onDeno } from "./child.ts";
import { pause } from "./eventually.ts";
import { collectGarbage } from "./resources.ts";

type Trim = (pad: bigint) => number;

async function open(): Promise<Trim> {
  if (!onDeno) {
    const { dlopen } = await import("bun:ffi");
    const { symbols } = dlopen("libc.so.6", { malloc_trim: { args: ["usize"], returns: "i32" } });
    return symbols.malloc_trim;
  }
  const { symbols } = Deno.dlopen("libc.so.6", {
    malloc_trim: { parameters: ["usize"], result: "i32" },
  });
  return symbols.malloc_trim;
}

const trim = await open();

/** Finalizers run in tasks of their own, and may leave more to collect. */
const COLLECTIONS = 3;

/** The resident memory of this process in kB, after garbage was collected and what was freed is given back. */
export async function residentKb(): Promise<number> {
  for (let count = 0; count < COLLECTIONS; count++) {
    collectGarbage();
    await pause(10);
  }
  trim(0n);
  return process.memoryUsage().rss / 1024;
}
