/** Repeatable random numbers, for simulations, tests and faults; never for secrets. */

/**
 * A generator of numbers from 0 up to 1 (mulberry32): small, fast, and the same for the same seed.
 *
 * @param seed of which the low 32 bits count
 */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}
