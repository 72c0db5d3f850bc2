/**
 * Libraries of the system on Bun. A slow function runs in a Worker, which ends when there has been nothing to do for a while.
 *
 * @module
 */

import { nodeModule } from "../../base/lazy_node.ts";
import type { OpenSystem } from "./symbol.ts";

const types = {
  i32: "i32",
  u32: "u32",
  f64: "f64",
  address: "u64",
  buffer: "ptr",
  long: "i64",
  void: "void",
} as const;

interface BunFfi {
  dlopen(
    path: string,
    table: Record<string, { args: readonly string[]; returns: string }>,
  ): { readonly symbols: Readonly<Record<string, (...args: unknown[]) => unknown>> };
}

/** A Worker, which on Bun need not keep the process alive. */
interface BunWorker extends Worker {
  ref(): void;
  unref(): void;
}

/** How long the Worker waits for the next call, in milliseconds. */
const IDLE_MS = 500;

const FFI = "bun:ffi";
/**
 * What the Worker runs. Its text is here because a file of its own would have to be found again in a package. What makes packages
 * must not take the import in it for one of this module, and looks for quotes.
 */
const PROGRAM = `
import { dlopen } from ${JSON.stringify(FFI)};
self.onmessage = ({ data: { id, library, name, definition, args } }) => {
  try {
    postMessage({ id, value: dlopen(library, { [name]: definition }).symbols[name](...args) });
  } catch (error) {
    postMessage({ id, error: String(error) });
  }
};
`;

interface Call {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** The Worker for slow calls of this realm. */
class Aside {
  readonly #calls = new Map<number, Call>();
  #worker: BunWorker | undefined;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #last = 0;

  call(message: object): Promise<unknown> {
    clearTimeout(this.#idle);
    this.#worker ??= this.#start();
    this.#worker.ref();
    const id = this.#last += 1;
    this.#worker.postMessage({ id, ...message });
    return new Promise((resolve, reject) => this.#calls.set(id, { resolve, reject }));
  }

  #start(): BunWorker {
    const url = `data:application/javascript,${encodeURIComponent(PROGRAM)}`;
    const worker = new Worker(url) as BunWorker;
    worker.onmessage = ({ data: { id, value, error } }) => {
      const call = this.#calls.get(id);
      this.#calls.delete(id);
      if (this.#calls.size === 0) this.#rest();
      if (error === undefined) call?.resolve(value);
      else call?.reject(new Error(error));
    };
    worker.onerror = ({ message }) => {
      for (const { reject } of this.#calls.values()) reject(new Error(message));
      this.#calls.clear();
      this.#end();
    };
    return worker;
  }

  /** What waits for nothing does not keep the process alive. */
  #rest(): void {
    this.#worker?.unref();
    this.#idle = setTimeout(() => this.#end(), IDLE_MS);
    this.#idle.unref();
  }

  #end(): void {
    clearTimeout(this.#idle);
    this.#worker?.terminate();
    this.#worker = undefined;
  }
}

const aside = new Aside();

const results: Readonly<Record<string, (value: unknown) => unknown>> = {
  address: (value) => BigInt(value as bigint),
  long: (value) => Number(value),
};

/**
 * Opens a library. Bun never closes it by itself.
 *
 * @throws {Error} The loader's.
 */
export const openSystemOnBun: OpenSystem = (library, table) => {
  // Loaded at run time, because Deno has no such module.
  const ffi = nodeModule().createRequire(import.meta.url)(FFI) as BunFfi;
  const functions: Record<string, unknown> = {};
  for (const [key, symbol] of Object.entries(table)) {
    const { parameters, result, name = key, slow, optional } = symbol;
    const definition = {
      args: parameters.map((parameter) => types[parameter]),
      returns: types[result],
    };
    const open = (): ((...args: unknown[]) => unknown) | undefined => {
      try {
        return ffi.dlopen(library, { [name]: definition }).symbols[name];
      } catch (error) {
        if (optional) return undefined;
        throw error;
      }
    };
    const call = open();
    if (call === undefined) continue;
    const convert = results[result];
    if (slow) {
      functions[key] = async (...args: unknown[]) => {
        const value = await aside.call({ library, name, definition, args });
        return convert === undefined ? value : convert(value);
      };
    } else {
      functions[key] = convert === undefined
        ? call
        : (...args: unknown[]) => convert(call(...args));
    }
  }
  return functions;
};
