/**
 * Native functions that are opened when they are needed: a runtime compiles a stub for each, which for all of them takes longer than
 * the rest of loading the library. A program that only receives video never calls those for audio or for a server.
 *
 * @module
 */

import type { NativeFunctions } from "./binding.ts";
import { type NativeSymbol, topics } from "./symbols.ts";

type Table = Readonly<Record<string, NativeSymbol>>;

/**
 * The functions that return at once; those of a topic are opened together, when one of them is first read.
 *
 * @param open Opens some functions, by name.
 */
export function openByTopic(
  open: (table: Table) => Readonly<Record<string, unknown>>,
): NativeFunctions {
  // A function that is opened is a property of the object itself, ahead of the getter: calls of it cost nothing more.
  const getters = {};
  const functions: object = Object.create(getters);
  for (const topic of topics) {
    const table = Object.fromEntries(
      Object.entries<NativeSymbol>(topic).filter(([, symbol]) => symbol.nonblocking !== true),
    );
    const get = (name: string) => {
      for (const [opened, value] of Object.entries(open(table))) {
        Object.defineProperty(functions, opened, { value });
      }
      return (functions as Record<string, unknown>)[name];
    };
    for (const name of Object.keys(table)) {
      Object.defineProperty(getters, name, { get: () => get(name) });
    }
  }
  return functions as NativeFunctions;
}
