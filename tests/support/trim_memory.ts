/**
 * Gives the system back what glibc's allocator keeps of freed memory, so that resident memory is what is in use.
 *
 * @module
 */

import { onDeno } from "./child.ts";

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

/** Does it. */
export function trimMemory(): void {
  trim(0n);
}
