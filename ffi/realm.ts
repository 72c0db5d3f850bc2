/**
 * What a JavaScript realm (the main thread, a Worker) shares: the library and its event queue.
 *
 * @module
 */

import type { Binding, NativeFunctions } from "./binding.ts";
import { EventPump } from "./events.ts";
import { openLibrary } from "./library.ts";

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
  const realm = realms.get(binding.path) ?? new LibraryRealm(binding);
  realms.set(library, realm);
  realms.set(binding.path, realm);
  return realm;
}
