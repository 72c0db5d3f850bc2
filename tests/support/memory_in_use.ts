/**
 * Memory of this process, by what uses it.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import process from "node:process";
import { onDeno } from "./child.ts";
import { pause } from "./eventually.ts";
import { collectGarbage } from "./resources.ts";

/** What a process uses, in kB. */
export interface MemoryInUse {
  /**
   * Resident memory, in whole pages, without those of programs and libraries: they come when they are first needed, and processes
   * share them.
   */
  readonly rssKb: number;
  /** JavaScript's objects. */
  readonly heapKb: number;
  /** What glibc's allocator has given out: all of the native library's, and on Deno the runtime's own. Exact on any machine. */
  readonly nativeKb: number;
}

/** Bytes of the text that `malloc_info` writes: a heap's part has a line for each size that is free. */
const TEXT_BYTES = 1_024 * 1_024;
/** Lines of another kind than those of the heaps follow the last of them. */
const LAST_HEAP = "</heap>";

const KB = 1_024;

type Pointer = unknown;

/** What is called of the C library. */
interface Functions {
  fmemopen(buffer: Uint8Array, size: bigint, mode: Uint8Array): Pointer;
  malloc_info(options: number, file: Pointer): number;
  fclose(file: Pointer): number;
  malloc_trim(pad: bigint): number;
}

async function open(): Promise<Functions> {
  if (onDeno) {
    return Deno.dlopen("libc.so.6", {
      fmemopen: { parameters: ["buffer", "usize", "buffer"], result: "pointer" },
      malloc_info: { parameters: ["i32", "pointer"], result: "i32" },
      fclose: { parameters: ["pointer"], result: "i32" },
      malloc_trim: { parameters: ["usize"], result: "i32" },
    }).symbols as unknown as Functions;
  }
  const { dlopen } = await import("bun:ffi");
  return dlopen("libc.so.6", {
    fmemopen: { args: ["ptr", "usize", "ptr"], returns: "ptr" },
    malloc_info: { args: ["i32", "ptr"], returns: "i32" },
    fclose: { args: ["ptr"], returns: "i32" },
    malloc_trim: { args: ["usize"], returns: "i32" },
  }).symbols as unknown as Functions;
}

const { fmemopen, malloc_info, fclose, malloc_trim } = await open();
const buffer = new Uint8Array(TEXT_BYTES);
const write = new TextEncoder().encode("w\0");
const decoder = new TextDecoder();

/** The bytes in use that `malloc_info` tells of: what the heaps took from the system without what is free in them, and large blocks. */
export function bytesInUse(info: string): number {
  const totals = info.slice(info.lastIndexOf(LAST_HEAP));
  const size = (tag: string, type: string) => {
    const [, bytes] = new RegExp(`<${tag} type="${type}"[^>]* size="(\\d+)"`).exec(totals) ?? [];
    if (bytes === undefined) throw new Error(`malloc_info must have ${tag} ${type}: ${totals}`);
    return Number(bytes);
  };
  return size("system", "current") - size("total", "fast") - size("total", "rest") +
    size("total", "mmap");
}

/** Bytes that are allocated at present. */
export function allocatedBytes(): number {
  const file = fmemopen(buffer, BigInt(buffer.byteLength), write);
  const result = malloc_info(0, file);
  // It has written everything by then, and a zero behind it.
  fclose(file);
  const end = buffer.indexOf(0);
  if (result !== 0 || end < 0) throw new Error(`malloc_info must fit into ${TEXT_BYTES} bytes`);
  return bytesInUse(decoder.decode(buffer.subarray(0, end)));
}

function residentKb(): number {
  const [, kb] = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  if (kb === undefined) throw new Error("/proc/self/status must have RssAnon");
  return Number(kb);
}

/** What this process uses at present, garbage included. */
export function memoryNow(): MemoryInUse {
  const heapKb = process.memoryUsage().heapUsed / KB;
  return { rssKb: residentKb(), heapKb, nativeKb: allocatedBytes() / KB };
}

/**
 * The environment in which glibc gives back at once what is freed. By itself it keeps the more, the larger the blocks were that were
 * freed before: up to 32 MB for each thread's heap, by chance.
 */
export const GIVING_BACK: Readonly<Record<string, string>> = {
  MALLOC_MMAP_THRESHOLD_: "131072",
  MALLOC_TRIM_THRESHOLD_: "131072",
};

/** Finalizers run in tasks of their own, and may leave more to collect. */
const COLLECTIONS = 3;
/** Bun's allocators give memory back by and by. */
const STEADY_MS = 300;
const LONGEST_MS = 3_000;

/** Makes the runtime give up what it can make again, such as compiled code: it has none or much of it by chance. */
const shrink = (globalThis as { Bun?: { shrink(): void } }).Bun?.shrink ?? (() => {});

/** What this process uses after garbage was collected; resident memory still has what was freed. */
export async function memoryOfObjects(): Promise<Omit<MemoryInUse, "rssKb">> {
  for (let count = 0; count < COLLECTIONS; count++) {
    collectGarbage();
    await pause(10);
  }
  shrink();
  return memoryNow();
}

/** What this process uses after garbage was collected and what was freed is given back to the system. */
export async function memoryInUse(): Promise<MemoryInUse> {
  await memoryOfObjects();
  malloc_trim(0n);
  const end = performance.now() + LONGEST_MS;
  let least = residentKb();
  for (let since = performance.now(); performance.now() < Math.min(since + STEADY_MS, end);) {
    await pause(20);
    const now = residentKb();
    if (now >= least) continue;
    least = now;
    since = performance.now();
  }
  return memoryNow();
}
