/**
 * The adapter for Deno. No native thread calls JavaScript here: `UnsafeCallback` blocks the native thread until JavaScript is
 * idle and can crash the process at exit. Instead, one pending `sora_queue_wait` on one of Deno's threads wakes JavaScript.
 *
 * Deno counts libraries that are open and calls that are pending, and fails a test (`sanitizeResources`, `sanitizeOps`) that
 * leaves any behind. So a library is open here only while its queue is waited for.
 *
 * @module
 */

import { isAtLeast } from "../base/version.ts";
import type { Adapter, Binding, FileHead, NativeFunctions, Permission, Waker } from "./binding.ts";
import { lastingPath, openLazily } from "./lazy_functions.ts";
import { type NativeParameter, type NativeSymbol, symbols } from "./symbols.ts";

/** The oldest version that the tests pass on. */
const OLDEST = "2.8";

/** Longest single wait, in milliseconds: it bounds how long a terminated Worker leaves a thread waiting. */
const WAIT_MS = 1_000;

const types = {
  u32: "u32",
  i32: "i32",
  f64: "f64",
  buffer: "buffer",
  callback: "pointer",
} as const satisfies Record<NativeParameter, Deno.NativeType>;

/** What Deno knows about a native function; one that does not return at once runs on its threads. */
function foreignFunction({ parameters, result, nonblocking }: NativeSymbol) {
  return {
    parameters: parameters.map((parameter) => types[parameter]),
    result,
    nonblocking: nonblocking === true,
  };
}

/** Opens a function alone, which takes some microseconds and the time for its stub. */
function openFunction(path: string, name: string, symbol: NativeSymbol, closes: boolean): unknown {
  const library = Deno.dlopen(path, { [name]: foreignFunction(symbol) });
  if (closes) library.close();
  return library.symbols[name];
}

/**
 * Functions that return at once. They keep working after the library is closed: each holds its own address, and the library stays
 * in memory (`csrc/os/posix/libc/lifetime.cpp`). A version of Deno that checks keeps it open.
 *
 * @throws {Error} The loader's.
 */
function openFunctions(path: string): NativeFunctions {
  const first = openFunction(path, "sora_abi_version", symbols.sora_abi_version, true);
  let worksClosed = true;
  try {
    (first as () => number)();
  } catch {
    worksClosed = false;
  }
  const again = lastingPath(path);
  return openLazily((name, symbol) => openFunction(again, name, symbol, worksClosed));
}

type Wait = (queue: number, timeoutMs: number) => Promise<number>;

function denoWaker(
  path: string,
  interrupt: (queue: number) => number,
  queue: number,
  onWake: () => void,
): Waker {
  const table = { sora_queue_wait: foreignFunction(symbols.sora_queue_wait) };
  let active = false;
  let waiting = false;
  let looping = false;
  let stopped = Promise.withResolvers<void>();
  const loop = async (library: Deno.DynamicLibrary<typeof table>): Promise<void> => {
    const { sora_queue_wait } = library.symbols as unknown as { sora_queue_wait: Wait };
    looping = true;
    let result = 0;
    while (active && result >= 0) {
      waiting = true;
      result = await sora_queue_wait(queue, WAIT_MS);
      waiting = false;
      if (result >= 0) onWake();
    }
    looping = false;
    library.close();
    stopped.resolve();
  };
  return {
    start() {
      // For one function that takes about 10 microseconds.
      const library = looping ? undefined : Deno.dlopen(path, table);
      active = true;
      // Whoever waits for the end of what goes on now need not.
      stopped.resolve();
      stopped = Promise.withResolvers();
      if (library !== undefined) void loop(library);
    },
    stop() {
      active = false;
      if (waiting) interrupt(queue);
      return looping ? stopped.promise : Promise.resolve();
    },
  };
}

function missingFlag(permission: Permission, value: string): string | undefined {
  const { state } = Deno.permissions.querySync(
    permission === "env"
      ? { name: permission, variable: value }
      : { name: permission, path: value },
  );
  return state === "granted" ? undefined : `--allow-${permission}=${value}`;
}

/** Why a version of Deno is not supported, or undefined. */
export function unsupportedDeno(version: string): string | undefined {
  return isAtLeast(version, OLDEST)
    ? undefined
    : `sora-ffi needs Deno ${OLDEST} or later, not ${version}: run "deno upgrade"`;
}

/** The C library: glibc itself says its version, because `process.report` of Deno has a made-up one. */
function libc(): string | undefined {
  if (Deno.build.target.includes("musl")) return "musl";
  const file = "libc.so.6";
  if (Deno.build.os !== "linux" || missingFlag("ffi", file) !== undefined) return undefined;
  const library = Deno.dlopen(
    file,
    { gnu_get_libc_version: { parameters: [], result: "pointer" } } as const,
  );
  try {
    const text = library.symbols.gnu_get_libc_version();
    return text === null ? undefined : Deno.UnsafePointerView.getCString(text);
  } finally {
    library.close();
  }
}

/** By Deno's own interface: it loads `node:fs` in 12 ms. */
function readHead(path: string, bytes: number): FileHead | undefined {
  try {
    const file = Deno.openSync(path);
    try {
      const head = new Uint8Array(bytes);
      const length = bytes === 0 ? 0 : file.readSync(head) ?? 0;
      return { head: head.subarray(0, length), size: file.statSync().size };
    } finally {
      file.close();
    }
  } catch {
    return undefined;
  }
}

/** The adapter for Deno. */
export const denoAdapter: Adapter = {
  runtime: "Deno",
  unsupported: () => unsupportedDeno(Deno.version.deno),
  missingFlag,
  libc,
  environment: (name) => missingFlag("env", name) === undefined ? Deno.env.get(name) : undefined,
  readHead,
  open(path): Binding {
    const functions = openFunctions(path);
    return {
      path,
      functions,
      createWaker: (queue, onWake) =>
        denoWaker(lastingPath(path), functions.sora_queue_interrupt, queue, onWake),
    };
  },
};
