/**
 * Decisions of a simulation, all of them from one seed.
 *
 * @module
 */

import { seededRandom } from "../../base/random.ts";

/** Decisions from a seed. */
export class Dice {
  /** From 0 up to 1. */
  readonly next: () => number;

  constructor(seed: number) {
    this.next = seededRandom(seed);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
}

interface Kinds<K extends string> {
  readonly kinds: readonly (readonly [kind: K, weight: number])[];
  readonly total: number;
}

/**
 * What may happen in one life: half of them leave some kinds of steps and faults out, which makes the others more frequent and finds
 * what a mix of all hides (Groce et al., Swarm Testing, 2012).
 */
export class Swarm {
  readonly #dice: Dice;
  readonly #leavesOut: boolean;
  readonly #left = new Map<string, boolean>();
  readonly #kinds = new Map<object, Kinds<string>>();

  constructor(dice: Dice) {
    this.#dice = dice;
    this.#leavesOut = dice.chance(0.5);
  }

  #has(kind: string): boolean {
    let has = this.#left.get(kind);
    if (has === undefined) {
      has = !this.#leavesOut || this.#dice.chance(0.6);
      this.#left.set(kind, has);
    }
    return has;
  }

  /** Whether a fault happens. */
  fault(kind: string, probability: number): boolean {
    return this.#has(kind) && this.#dice.chance(probability);
  }

  /** One of the kinds that there are in this life, by their weights. */
  pick<K extends string>(weights: Readonly<Record<K, number>>): K {
    const { kinds, total } = this.#kindsOf(weights);
    let roll = this.#dice.next() * total;
    return (kinds.find(([, weight]) => (roll -= weight) < 0) ?? kinds.at(-1)!)[0];
  }

  /** Kept, because a life asks hundreds of times. */
  #kindsOf<K extends string>(weights: Readonly<Record<K, number>>): Kinds<K> {
    let kept = this.#kinds.get(weights) as Kinds<K> | undefined;
    if (kept === undefined) {
      const all = Object.entries(weights) as [K, number][];
      const present = all.filter(([kind]) => this.#has(kind));
      const kinds = present.length === 0 ? all : present;
      kept = { kinds, total: kinds.reduce((sum, [, weight]) => sum + weight, 0) };
      this.#kinds.set(weights, kept);
    }
    return kept;
  }
}
