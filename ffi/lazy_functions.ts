/**
 * Native functions that are opened when they are needed: a runtime compiles a stub for each, which for all of them takes longer than
 * the rest of loading the library. A program that only receives video never calls those for audio or for a server.
 *
 * @module
 */

import { resolve } from "node:path";
import type { NativeFunctions } from "./binding.ts";
import { type NativeSymbol, symbols } from "./symbols.ts";

/** The path of a library that is opened again: the working directory may change. A bare name is looked up by the loader. */
export function lastingPath(path: string): string {
  return path.includes("/") ? resolve(path) : path;
}

/**
 * The functions that return at once; each is opened when it is first read. All are there if the library has the version that this
 * package is for.
 *
 * @param open Opens a function.
 */
export function openLazily(
  open: (name: string, symbol: NativeSymbol) => unknown,
): NativeFunctions {
  // A function that is opened is a property of the object itself, ahead of the getter: calls of it cost nothing more.
  const getters = {};
  const functions: object = Object.create(getters);
  for (const [name, symbol] of Object.entries<NativeSymbol>(symbols)) {
    if (symbol.nonblocking === true) continue;
    const get = () => {
      const value = open(name, symbol);
      Object.defineProperty(functions, name, { value });
      return value;
    };
    Object.defineProperty(getters, name, { get });
  }
  return functions as NativeFunctions;
}
