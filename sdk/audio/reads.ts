/**
 * Reads of audio that are waiting.
 *
 * @module
 */

import { SoraError } from "../../base/errors.ts";

/** How many reads may wait. */
const MAX_READS = 64;

/** One read: how many samples per channel it waits for (0: whatever is there), and its end. */
export interface Read<T> {
  readonly frames: number;
  readonly resolve: (result: T) => void;
}

/** Reads that are answered in the order in which they were made, or without audio when their time is over. */
export class Reads<T> {
  readonly #waiting: Read<T>[] = [];
  readonly #nothing: () => T;

  /** @param nothing Makes the result of a read that gets no audio. */
  constructor(nothing: () => T) {
    this.#nothing = nothing;
  }

  /** The next read. */
  get first(): Read<T> | undefined {
    return this.#waiting[0];
  }

  /**
   * Checks that one more read may wait.
   *
   * @throws {SoraError} `LIMIT_EXCEEDED` when 64 are waiting.
   */
  checkRoom(): void {
    if (this.#waiting.length < MAX_READS) return;
    throw new SoraError("LIMIT_EXCEEDED", `${MAX_READS} reads are waiting already`);
  }

  /** Adds a read. `pump` answers reads; it is called now and when this read times out, because the next one may be satisfied. */
  wait(frames: number, timeoutMs: number, pump: () => void): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<T>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read: Read<T> = {
      frames,
      resolve: (result) => {
        clearTimeout(timer);
        resolve(result);
      },
    };
    this.#waiting.push(read);
    pump();
    if (this.#waiting.includes(read)) {
      timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(read), 1);
        resolve(this.#nothing());
        pump();
      }, timeoutMs);
    }
    return promise;
  }

  /** Answers the first read. */
  answer(result: T): void {
    this.#waiting.shift()?.resolve(result);
  }

  /** Ends all reads. */
  end(): void {
    for (const read of this.#waiting.splice(0)) read.resolve(this.#nothing());
  }
}
