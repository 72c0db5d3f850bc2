/**
 * What a JavaScript realm (the main thread, a Worker) shares: the library and its event queue.
 *
 * @module
 */

import process from "node:process";
import type { Binding, NativeFunctions } from "./binding.ts";
import { EventPump } from "./events.ts";
import { openLibrary } from "./library.ts";
import { unwrap } from "./result.ts";

/** A loaded library with its event queue. */
export interface Realm {
  /** Where the library was loaded from. */
  readonly path: string;
  /** The native functions. */
  readonly functions: NativeFunctions;
  /** Events of native objects. */
  readonly events: EventPump;
}

/** What is listened for needs a queue; a Worker that only looks at frames does not. */
class LibraryRealm implements Realm {
  readonly #binding: Binding;
  #events: EventPump | undefined;

  constructor(binding: Binding) {
    this.#binding = binding;
  }

  get path(): string {
    return this.#binding.path;
  }

  get functions(): NativeFunctions {
    return this.#binding.functions;
  }

  get events(): EventPump {
    return this.#events ??= new EventPump(this.#binding, (error) => console.error(error));
  }
}

const realms = new Map<string | undefined, Realm>();

/** Where all copies of this package that one JavaScript engine loads find the number that they share. */
const KEY: unique symbol = Symbol.for("sora-ffi.realm");

/** The number that tells this JavaScript engine from those that were on this thread before it. */
function realmKey(): number {
  const holder = process as { [KEY]?: number };
  if (holder[KEY] === undefined) {
    const [random = 0] = crypto.getRandomValues(new Uint32Array(1));
    Object.defineProperty(holder, KEY, { value: random || 1 });
  }
  return holder[KEY] ?? 1;
}

/** Has everything that is opened here closed once this realm is gone, whichever way it goes: see `realm.h`. */
function enter({ functions }: Binding): void {
  const key = realmKey();
  unwrap(functions, functions.sora_realm_enter(key));
  // In Deno's watch mode a program ends without its thread, and with this event alone. Bun has no such event and starts a new process.
  globalThis.addEventListener?.("unload", () => functions.sora_realm_leave(key));
}

/**
 * Opens the library at the first call and gives the same realm afterwards.
 *
 * @param library As in `openLibrary`.
 * @throws {SoraError} As `openLibrary`.
 */
export function openRealm(library?: string): Realm {
  const known = realms.get(library);
  if (known !== undefined) return known;
  const binding = openLibrary(library);
  // It may be the one that was found without a name, or named before.
  let realm = realms.get(binding.path);
  if (realm === undefined) {
    enter(binding);
    realm = new LibraryRealm(binding);
  }
  realms.set(library, realm);
  realms.set(binding.path, realm);
  return realm;
}
