/**
 * The adapter for Bun. A threadsafe `JSCallback` without arguments wakes JavaScript; it carries no data. It does not keep the
 * process alive, so a timer does while something is open. In Workers that timer polls for events instead, because a terminated
 * Worker leaves its callbacks behind, and calling one would crash the process.
 *
 * @module
 */

import process from "node:process";
import { isAtLeast } from "../base/version.ts";
import { nodeFs, nodeModule } from "../base/lazy_node.ts";
import type { Adapter, Binding, FileHead, NativeFunctions, Waker } from "./binding.ts";
import { lastingPath, openLazily } from "./lazy_functions.ts";
import type { NativeParameter } from "./symbols.ts";

/** How often a Worker polls for events, and how often when none came for a while. */
const POLL_MS = 2;
const IDLE_POLL_MS = 10;
const IDLE_AFTER_POLLS = 100;

/** The oldest version that works: threadsafe callbacks of older ones crash the process. */
const OLDEST = "1.4";

const types = {
  u32: "u32",
  i32: "i32",
  f64: "f64",
  buffer: "ptr",
  callback: "ptr",
} as const satisfies Record<NativeParameter, string>;

interface BunFfi {
  dlopen(
    path: string,
    table: Record<string, { args: readonly string[]; returns: string }>,
  ): { readonly symbols: Readonly<Record<string, unknown>> };
  readonly JSCallback: new (
    callback: () => void,
    definition: { args: readonly []; returns: "void"; threadsafe: true },
  ) => { readonly ptr: number };
}

type SetWakeup = (queue: number, wakeup: number | null) => number;

function bunWaker(ffi: BunFfi, setWakeup: SetWakeup, queue: number, onWake: () => void): Waker {
  const callback = new ffi.JSCallback(onWake, { args: [], returns: "void", threadsafe: true });
  setWakeup(queue, callback.ptr);
  // Native threads outlive the JavaScript engine for a moment.
  process.on("exit", () => setWakeup(queue, null));
  let timer: ReturnType<typeof setInterval> | undefined;
  return {
    start() {
      // It only keeps the process alive.
      timer ??= setInterval(() => {}, 0x7fff_ffff);
    },
    stop() {
      clearInterval(timer);
      timer = undefined;
      return Promise.resolve();
    },
  };
}

/**
 * Polls for events.
 *
 * @param onWake Drains the queue; whether there was anything.
 */
export function pollingWaker(onWake: () => boolean): Waker {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let active = false;
  let empty = 0;
  const wait = () => {
    timer = setTimeout(poll, empty < IDLE_AFTER_POLLS ? POLL_MS : IDLE_POLL_MS);
  };
  const poll = () => {
    empty = onWake() ? 0 : empty + 1;
    // What was drained may have stopped it.
    if (active) wait();
  };
  return {
    start() {
      empty = 0;
      if (active) return;
      active = true;
      wait();
    },
    stop() {
      active = false;
      clearTimeout(timer);
      return Promise.resolve();
    },
  };
}

/** Why a version of Bun is not supported, or undefined. */
export function unsupportedBun(version: string): string | undefined {
  return isAtLeast(version, OLDEST)
    ? undefined
    : `Bun ${version} cannot wake JavaScript from native threads safely: use Bun ${OLDEST} or later`;
}

/** The C library, as Bun's report has it: only Bun for glibc names one. */
function libc(): string | undefined {
  if (process.platform !== "linux") return undefined;
  const { header } = process.report?.getReport() as { header?: { glibcVersionRuntime?: string } };
  return header?.glibcVersionRuntime ?? "musl";
}

/** The beginning of a file, as {@link Adapter.readHead}. */
export function readHead(path: string, bytes: number): FileHead | undefined {
  const { closeSync, fstatSync, openSync, readSync } = nodeFs();
  try {
    const file = openSync(path, "r");
    try {
      const head = new Uint8Array(bytes);
      const length = readSync(file, head, 0, bytes, 0);
      return { head: head.subarray(0, length), size: fstatSync(file).size };
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}

/** Whether this is no Worker. */
function isMainThread(): boolean {
  return (globalThis as unknown as { Bun: { isMainThread: boolean } }).Bun.isMainThread;
}

/** The adapter for Bun. */
export const bunAdapter: Adapter = {
  runtime: "Bun",
  unsupported: () => unsupportedBun(process.versions["bun"] ?? "0"),
  missingFlag: () => undefined,
  environment: (name) => process.env[name],
  libc,
  readHead,
  open(path): Binding {
    // Loaded at run time, because Deno has no such module.
    const ffi = nodeModule().createRequire(import.meta.url)("bun:ffi") as BunFfi;
    const again = lastingPath(path);
    const functions = openLazily((name, { parameters, result }) => {
      const definition = { args: parameters.map((parameter) => types[parameter]), returns: result };
      return ffi.dlopen(again, { [name]: definition }).symbols[name];
    }) as NativeFunctions & { sora_queue_set_wakeup: SetWakeup };
    // Throws when the library cannot be loaded.
    functions.sora_abi_version;
    return {
      path,
      functions,
      createWaker: (queue, onWake) =>
        isMainThread()
          ? bunWaker(ffi, functions.sora_queue_set_wakeup, queue, onWake)
          : pollingWaker(onWake),
    };
  },
};
