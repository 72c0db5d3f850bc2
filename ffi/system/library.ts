/**
 * Libraries of the system, which the user has installed: opened when something needs them, and never unloaded.
 *
 * @module
 */

import { SoraError } from "../../base/errors.ts";
import type { Adapter } from "../binding.ts";
import { currentAdapter } from "../library.ts";
import { openSystemOnBun } from "./bun.ts";
import { mayLoadByName, openSystemOnDeno } from "./deno.ts";
import type { SystemFunctions, SystemSymbol } from "./symbol.ts";

/** An open library of the system. */
export interface SystemLibrary<T extends Readonly<Record<string, SystemSymbol>>> {
  /** Its functions. */
  readonly functions: SystemFunctions<T>;
  /** A copy of native memory. */
  copy(address: bigint, bytes: number): DataView<ArrayBuffer>;
  /** A string of C in UTF-8. */
  text(address: bigint): string;
  /**
   * Native memory, full of zeros.
   *
   * @throws {SoraError} `LIMIT_EXCEEDED`: there is none left.
   */
  allocate(bytes: number): bigint;
  /** Copies bytes to native memory. */
  fill(address: bigint, bytes: ArrayBufferView<ArrayBuffer>): void;
  /** Gives native memory back. */
  free(address: bigint): void;
  /** The name that it was opened by. */
  readonly name: string;
}

/**
 * How native memory is read and written: by the C library's functions, which the loader finds through any library. Deno's own way needs a
 * permission for all libraries.
 */
const MEMORY = {
  memcpy: { parameters: ["buffer", "address", "address"], result: "address" },
  memcpyTo: { name: "memcpy", parameters: ["address", "buffer", "address"], result: "address" },
  calloc: { parameters: ["address", "address"], result: "address" },
  free: { parameters: ["address"], result: "void" },
  strlen: { parameters: ["address"], result: "address" },
} as const satisfies Readonly<Record<string, SystemSymbol>>;

/** Longest string that is read, in bytes. */
const MAX_TEXT_BYTES = 4_096;

function memory({ memcpy, memcpyTo, calloc, free, strlen }: SystemFunctions<typeof MEMORY>) {
  const copy = (address: bigint, bytes: number) => {
    const view = new DataView(new ArrayBuffer(bytes));
    memcpy(view, address, BigInt(bytes));
    return view;
  };
  const decoder = new TextDecoder();
  return {
    copy,
    allocate(bytes: number): bigint {
      const address = calloc(1n, BigInt(bytes));
      if (address !== 0n) return address;
      throw new SoraError("LIMIT_EXCEEDED", `The system has no ${bytes} bytes of memory left`);
    },
    fill: (address: bigint, bytes: ArrayBufferView<ArrayBuffer>) =>
      void memcpyTo(address, bytes, BigInt(bytes.byteLength)),
    free,
    text: (address: bigint) =>
      decoder.decode(copy(address, Math.min(Number(strlen(address)), MAX_TEXT_BYTES))),
  };
}

/** The flag that a library needs on Deno, or undefined when it may be loaded. */
function missingFlag(adapter: Adapter, name: string): string | undefined {
  if (name.includes("/")) return adapter.missingFlag("ffi", name);
  // Deno takes a permission for a name as one for a file in the working directory.
  return adapter.runtime === "Deno" && !mayLoadByName() ? "--allow-ffi" : undefined;
}

function forbidden(adapter: Adapter, names: readonly string[]): SoraError {
  const there = names.find((name) =>
    name.includes("/") && adapter.missingFlag("read", name) === undefined &&
    adapter.readHead(name, 0) !== undefined
  );
  const flag = missingFlag(adapter, there ?? names[0]!);
  return new SoraError(
    "LIBRARY_NOT_FOUND",
    `There is no permission to load ${names[0]}: start the program with ${flag}`,
  );
}

/**
 * Opens a library.
 *
 * @param names Its files on this system: a name that the loader looks for, then paths, for which a permission can be given.
 * @param table Its functions.
 * @param advice What to do when it is not there: a sentence without a full stop.
 * @throws {SoraError} `LIBRARY_NOT_FOUND`: none can be opened; `UNSUPPORTED`: the runtime is neither Deno nor Bun.
 */
export function openSystemLibrary<const T extends Readonly<Record<string, SystemSymbol>>>(
  names: readonly string[],
  table: T,
  advice: string,
): SystemLibrary<T> {
  const adapter = currentAdapter();
  const open = adapter.runtime === "Deno" ? openSystemOnDeno : openSystemOnBun;
  const allowed = names.filter((name) => missingFlag(adapter, name) === undefined);
  if (allowed.length === 0) throw forbidden(adapter, names);
  const errors: unknown[] = [];
  for (const name of allowed) {
    try {
      const opened = open(name, { ...MEMORY, ...table });
      return {
        name,
        functions: opened as SystemFunctions<T>,
        ...memory(opened as SystemFunctions<typeof MEMORY>),
      };
    } catch (error) {
      errors.push(error);
    }
  }
  const [first] = errors;
  const reason = first instanceof Error ? first.message : String(first);
  throw new SoraError(
    "LIBRARY_NOT_FOUND",
    `${names[0]} could not be loaded: ${advice}. The loader's text: ${reason}`,
    { cause: errors.length === 1 ? first : new AggregateError(errors) },
  );
}
