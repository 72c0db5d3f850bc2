/**
 * The sources that a `Sora` made.
 *
 * @module
 */

import { native } from "../native/handle.ts";
import type { SoraSource } from "./source.ts";

/** The open sources of one `Sora`; its connections send no others. */
export class Sources {
  readonly #sources = new Set<SoraSource>();

  /** Adds a source. */
  add<T extends SoraSource>(source: T): T {
    for (const known of this.#sources) if (known[native].closed) this.#sources.delete(known);
    this.#sources.add(source);
    return source;
  }

  /**
   * Checks that a source can be sent.
   *
   * @throws {TypeError} If it is closed or of another `Sora`.
   */
  check(source: SoraSource | undefined, path: string): void {
    if (source === undefined || (this.#sources.has(source) && !source[native].closed)) return;
    throw new TypeError(`${path} must be made by the same Sora and not be closed`);
  }

  /** Closes all of them. */
  close(): void {
    for (const source of this.#sources) source.close();
    this.#sources.clear();
  }
}
