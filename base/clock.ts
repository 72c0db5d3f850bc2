/**
 * The clock and its timers; tests replace it with a fake.
 *
 * @module
 */

/** A source of time and timers. */
export interface Clock {
  /** Milliseconds of a monotonic clock. */
  now(): number;
  /** Calls `callback` once after `ms` milliseconds; the result cancels that and may be called at any time, any number of times. */
  after(ms: number, callback: () => void): () => void;
}

/** Longest delay that the timers of the runtimes support, in milliseconds. */
export const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** The system's clock. Its timers keep the process alive. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
