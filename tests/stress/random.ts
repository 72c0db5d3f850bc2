/**
 * Random choices that a seed repeats.
 *
 * @module
 */

import { seededRandom } from "../../base/random.ts";

/** A generator of choices. */
export class Random {
  readonly #next: () => number;

  /**
   * @param seed That of the row.
   * @param name Another one for the same seed gives other numbers: the name of the row, the number of a member.
   */
  constructor(seed: number, name: string | number = "") {
    // FNV-1a.
    let hash = 0x811c9dc5 ^ seed;
    for (const character of String(name)) {
      hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193);
    }
    this.#next = seededRandom(hash);
  }

  /** A number from 0 up to 1. */
  next(): number {
    return this.#next();
  }

  /** A number from `min` up to `max`. */
  between(min: number, max: number): number {
    return min + this.#next() * (max - min);
  }

  /** An integer from 0 up to `count` - 1. */
  below(count: number): number {
    return Math.floor(this.#next() * count);
  }

  /** Whether something happens whose probability is `share`. */
  chance(share: number): boolean {
    return this.#next() < share;
  }

  /** One of several. */
  pick<T>(from: readonly T[]): T {
    if (from.length === 0) throw new RangeError("from must have at least one element, not 0");
    return from[this.below(from.length)]!;
  }

  /** All of them in another order (Fisher and Yates). */
  shuffled<T>(from: readonly T[]): T[] {
    const all = [...from];
    for (let last = all.length - 1; last > 0; last--) {
      const other = this.below(last + 1);
      [all[last], all[other]] = [all[other]!, all[last]!];
    }
    return all;
  }
}
