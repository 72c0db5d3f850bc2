/**
 * Time, as signaling uses it: tests replace it with a fake.
 *
 * @module
 */

/** A source of time and timers. */
export interface Clock {
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  /** Calls `callback` once after `ms` milliseconds; the result cancels it and may be called at any time, any number of times. */
  after(ms: number, callback: () => void): () => void;
}

/** The longest time that the runtimes' timers take, in milliseconds. */
export const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** The system's clock. Its timers keep the process alive. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
