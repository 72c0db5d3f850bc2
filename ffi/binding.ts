/**
 * The seam between the runtimes: what an adapter (`deno.ts`, `bun.ts`) provides, and the library that it loads.
 *
 * @module
 */

import type { NativeParameter, NativeSymbol, symbols } from "./symbols.ts";

interface Arguments {
  readonly u32: number;
  readonly i32: number;
  readonly f64: number;
  readonly buffer: ArrayBufferView | null;
  readonly callback: null;
}

type Parameters<P extends readonly NativeParameter[]> = {
  -readonly [I in keyof P]: Arguments[P[I]];
};

type Functions<T extends Record<string, NativeSymbol>> = {
  readonly [K in keyof T]: (...args: Parameters<T[K]["parameters"]>) => number;
};

/** The native functions that return at once, as plain JavaScript functions. */
export type NativeFunctions = Omit<
  Functions<typeof symbols>,
  "sora_queue_wait" | "sora_queue_set_wakeup"
>;

/** Calls back when the event queue has records, and keeps the process alive while started. */
export interface Waker {
  /** Calls `onWake` and keeps the process alive from now on. */
  start(): void;
  /**
   * Lets the process end when nothing else holds it. `onWake` may still be called until the promise resolves: then nothing that
   * the runtime counts (call, timer, open library) is left, unless the waker has been started again.
   */
  stop(): Promise<void>;
}

/** A loaded library. */
export interface Binding {
  /** The file that it was loaded from. */
  readonly path: string;
  /** Its functions. */
  readonly functions: NativeFunctions;
  /**
   * Makes the waker of an event queue.
   *
   * @param queue The queue's handle.
   * @param onWake Drains the queue, and says whether there was anything; must not throw.
   */
  createWaker(queue: number, onWake: () => boolean): Waker;
}

/** What a runtime may have to permit. */
export type Permission = "env" | "ffi" | "read";

/** The beginning of a file. */
export interface FileHead {
  /** Its first bytes. */
  readonly head: Uint8Array;
  /** Its size in bytes. */
  readonly size: number;
}

/** What differs between the runtimes. */
export interface Adapter {
  /** `Deno` or `Bun`. */
  readonly runtime: string;
  /** Why this runtime cannot be used, or undefined. */
  unsupported(): string | undefined;
  /**
   * The flag of the runtime that would give a permission, or undefined when it is given.
   *
   * @param permission `ffi` loads a library without prompting, `env` reads an environment variable, `read` a file.
   * @param value The library's path, the variable's name, or the file's path.
   */
  missingFlag(permission: Permission, value: string): string | undefined;
  /** An environment variable; undefined when it is unset or reading it is not permitted. */
  environment(name: string): string | undefined;
  /** `musl`, or the version of glibc (`2.36`); undefined when it cannot be learned without a permission. */
  libc(): string | undefined;
  /** The first bytes of a file, as many as asked for and there are, and its size; undefined when it cannot be read. */
  readHead(path: string, bytes: number): FileHead | undefined;
  /** Loads a library; throws the loader's error. */
  open(path: string): Binding;
}
