/**
 * The adapter for Deno. No native thread calls JavaScript here: `UnsafeCallback` blocks the native thread until JavaScript is
 * idle and can crash the process at exit. Instead, one pending `sora_queue_wait` on one of Deno's threads wakes JavaScript.
 *
 * @module
 */

import type { Adapter, Binding, NativeFunctions, Waker } from "./binding.ts";
import { type NativeParameter, type NativeSymbol, symbols } from "./symbols.ts";

/** Longest single wait, in milliseconds: it bounds how long a terminated Worker leaves a thread waiting. */
const WAIT_MS = 1_000;

const types = {
  u32: "u32",
  i32: "i32",
  f64: "f64",
  buffer: "buffer",
  callback: "pointer",
} as const satisfies Record<NativeParameter, Deno.NativeType>;

type Wait = (queue: number, timeoutMs: number) => Promise<number>;

function denoWaker(
  wait: Wait,
  interrupt: (queue: number) => number,
  queue: number,
  onWake: () => void,
): Waker {
  let active = false;
  let looping = false;
  let waiting = false;
  const loop = async (): Promise<void> => {
    looping = true;
    let result = 0;
    while (active && result >= 0) {
      waiting = true;
      result = await wait(queue, WAIT_MS);
      waiting = false;
      if (result >= 0) onWake();
    }
    looping = false;
  };
  return {
    start() {
      active = true;
      if (!looping) void loop();
    },
    stop() {
      active = false;
      if (waiting) interrupt(queue);
    },
  };
}

/** The adapter for Deno. */
export const denoAdapter: Adapter = {
  unsupported: () => undefined,
  mayOpen: (path) => Deno.permissions.querySync({ name: "ffi", path }).state === "granted",
  environment(variable) {
    const { state } = Deno.permissions.querySync({ name: "env", variable });
    return state === "granted" ? Deno.env.get(variable) : undefined;
  },
  open(path): Binding {
    const table = Object.fromEntries(
      Object.entries<NativeSymbol>(symbols).map(([name, symbol]) => [name, {
        parameters: symbol.parameters.map((parameter) => types[parameter]),
        result: symbol.result,
        nonblocking: symbol.nonblocking ?? false,
      }]),
    );
    const functions = Deno.dlopen(path, table).symbols as unknown as
      & NativeFunctions
      & { sora_queue_wait: Wait };
    return {
      path,
      functions,
      createWaker: (queue, onWake) =>
        denoWaker(functions.sora_queue_wait, functions.sora_queue_interrupt, queue, onWake),
    };
  },
};
