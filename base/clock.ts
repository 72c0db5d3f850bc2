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

/** The most of one stretch that counts. */
const STRETCH_MS = 100;

/**
 * As {@link Clock.after}, of time for which this thread listens. What the other side has answered in time waits while the thread is
 * busy, or the whole machine, and timers that are due by then come first: so of a stretch without a turn of the event loop, 100 ms
 * count at most.
 */
export function afterListening(clock: Clock, ms: number, callback: () => void): () => void {
  let left = ms;
  let cancel = () => {};
  const listen = () => {
    const stretch = Math.min(left, STRETCH_MS);
    left -= stretch;
    cancel = clock.after(stretch, () => left > 0 ? listen() : callback());
  };
  listen();
  return () => cancel();
}
