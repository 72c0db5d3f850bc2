/**
 * Pacing by an absolute clock: a late timer never makes the following ones late.
 *
 * @module
 */

/** A task that repeats at even intervals. */
export interface Beat {
  /** Beats per second. */
  readonly perSecond: number;
  /**
   * Called when a beat is due.
   *
   * @param index Number of the beat, from 0.
   * @param dueMs When it was due, on the clock's axis.
   */
  readonly tick: (index: number, dueMs: number) => void;
}

/** The clock; tests replace it. */
export interface PaceClock {
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  /** Resolves after that many milliseconds. */
  readonly sleep: (ms: number) => Promise<void>;
}

const realClock: PaceClock = {
  now: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/**
 * Calls the ticks of all beats in the order in which they are due, until `done` returns true. Beats that are late because the
 * process was busy are caught up on at once.
 *
 * @param startMs When the first beat of each is due.
 * @throws What a tick throws.
 */
export async function pace(
  beats: readonly Beat[],
  startMs: number,
  done: () => boolean,
  { now, sleep }: PaceClock = realClock,
): Promise<void> {
  const next = beats.map((beat) => ({ beat, index: 0 }));
  const due = ({ beat, index }: { beat: Beat; index: number }) =>
    startMs + index * 1_000 / beat.perSecond;
  while (!done()) {
    const first = next.reduce((a, b) => due(b) < due(a) ? b : a);
    const wait = due(first) - now();
    if (wait > 0) await sleep(wait);
    else {
      first.beat.tick(first.index, due(first));
      first.index++;
    }
  }
}
