/**
 * What a JavaScript realm (the main thread, a Worker) shares: the library and its event queue.
 *
 * @module
 */

import type { NativeFunctions } from "./binding.ts";
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
  const realm: Realm = {
    path: binding.path,
    functions: binding.functions,
    events: new EventPump(binding, (error) => console.error(error)),
  };
  realms.set(library, realm);
  return realm;
}
