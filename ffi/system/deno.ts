/**
 * Libraries of the system on Deno. A slow function runs on one of Deno's threads.
 *
 * @module
 */

import type { OpenSystem, SystemSymbol } from "./symbol.ts";

const types = {
  i32: "i32",
  u32: "u32",
  f64: "f64",
  address: "usize",
  buffer: "buffer",
  long: "isize",
  void: "void",
} as const;

/** What a number of the system's width comes as, and what callers get. */
const results: Readonly<Record<string, (value: unknown) => unknown>> = {
  address: (value) => BigInt(value as bigint),
  long: (value) => Number(value),
};

function converted(
  name: string,
  { parameters, result, slow }: SystemSymbol,
  functions: Readonly<Record<string, unknown>>,
): unknown {
  const call = functions[name] as ((...args: unknown[]) => unknown) | null;
  if (call === null) return undefined;
  const convert = results[result];
  if (convert === undefined) return call;
  if (slow) return async (...args: unknown[]) => convert(await call(...args));
  // Rest parameters would be an array for each call, and this one is made for each block of audio.
  if (parameters.length === 1) return (one: unknown) => convert(call(one));
  return (...args: unknown[]) => convert(call(...args));
}

/** Whether any library may be loaded: by its name, the system's loader looks for it. */
export function mayLoadByName(): boolean {
  return Deno.permissions.querySync({ name: "ffi" }).state === "granted";
}

/**
 * Opens a library. It stays open: its threads may still run when a Worker that opened it is terminated.
 *
 * @throws {Error} The loader's.
 */
export const openSystemOnDeno: OpenSystem = (library, table) => {
  const { symbols } = Deno.dlopen(
    library,
    Object.fromEntries(
      Object.entries(table).map((
        [symbol, { parameters, result, name, slow, optional }],
      ) => [symbol, {
        name: name ?? symbol,
        parameters: parameters.map((parameter) => types[parameter]),
        result: types[result],
        nonblocking: slow === true,
        optional: optional === true,
      }]),
    ) as Record<string, Deno.ForeignFunction>,
  );
  const functions = symbols as unknown as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(table).map(([name, symbol]) => [name, converted(name, symbol, functions)]),
  );
};
