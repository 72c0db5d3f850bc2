/**
 * The realm: the library and its event queue, shared by all code of one JavaScript thread (main thread or Worker).
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
  /** The file that the library was loaded from. */
  readonly path: string;
  /** The native functions. */
  readonly functions: NativeFunctions;
  /** Events of native objects. */
  readonly events: EventPump;
}

/** A realm that creates its event queue at first use: a Worker that only reads frames needs none. */
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

/** Key under which all copies of this package in one JavaScript engine find the number that they share. */
const KEY: unique symbol = Symbol.for("sora-ffi.realm");

/** The number that distinguishes this JavaScript engine from earlier ones on the same thread. */
function realmKey(): number {
  const holder = process as { [KEY]?: number };
  if (holder[KEY] === undefined) {
    const [random = 0] = crypto.getRandomValues(new Uint32Array(1));
    Object.defineProperty(holder, KEY, { value: random || 1 });
  }
  return holder[KEY] ?? 1;
}

/** Makes the library close everything opened here once this realm has ended, however it ends: see `realm.h`. */
function enter({ functions }: Binding): void {
  const key = realmKey();
  unwrap(functions, functions.sora_realm_enter(key));
  // In Deno's watch mode a program ends with this event alone, and its thread lives on. Bun has no such event; it starts a new process.
  globalThis.addEventListener?.("unload", () => functions.sora_realm_leave(key));
}

/**
 * Opens the library at the first call and returns the same realm afterwards.
 *
 * @param library As in `openLibrary`.
 * @throws {SoraError} As `openLibrary`.
 */
export function openRealm(library?: string): Realm {
  const known = realms.get(library);
  if (known !== undefined) return known;
  const binding = openLibrary(library);
  // The same file may have been opened by search, or under its path, before.
  let realm = realms.get(binding.path);
  if (realm === undefined) {
    enter(binding);
    realm = new LibraryRealm(binding);
  }
  realms.set(library, realm);
  realms.set(binding.path, realm);
  return realm;
}
