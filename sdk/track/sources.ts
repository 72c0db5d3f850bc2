/**
 * The sources that a `Sora` made.
 *
 * @module
 */

import type { SoraAudioSource } from "../audio/source.ts";
import { native } from "../native/handle.ts";
import type { SoraVideoSource } from "../video/source.ts";

/** What a connection may send. */
export type Source = SoraAudioSource | SoraVideoSource;

/** The open sources of one `Sora`; its connections send no others. */
export class Sources {
  readonly #sources = new Set<Source>();

  /** Adds a source. */
  add<T extends Source>(source: T): T {
    for (const known of this.#sources) if (known[native].closed) this.#sources.delete(known);
    this.#sources.add(source);
    return source;
  }

  /**
   * Checks that a source can be sent.
   *
   * @throws {TypeError} If it is closed or of another `Sora`.
   */
  check(source: Source | undefined, path: string): void {
    if (source === undefined || (this.#sources.has(source) && !source[native].closed)) return;
    throw new TypeError(`${path} must be made by the same Sora and not be closed`);
  }

  /** Closes all of them. */
  close(): void {
    for (const source of this.#sources) source.close();
    this.#sources.clear();
  }
}
