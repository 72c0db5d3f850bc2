/**
 * Times of what is received: steady, and never far from when it came.
 *
 * @module
 */

/** What is further from its arrival than this begins anew: something was lost, or a clock has run away. */
const MAX_DEVIATION_MS = 150;

/** From the times of a sender's clock to those of this machine. */
export class SteadyClock {
  #offset: number | undefined;
  #last = 0;

  /**
   * The time of an item, never before the one before it.
   *
   * @param ownMs Its time on the sender's clock.
   * @param arrivalMs When it came, on this machine's clock.
   */
  next(ownMs: number, arrivalMs: number): number {
    if (
      this.#offset === undefined || Math.abs(ownMs + this.#offset - arrivalMs) > MAX_DEVIATION_MS
    ) {
      this.#offset = arrivalMs - ownMs;
    }
    this.#last = Math.max(this.#last, ownMs + this.#offset);
    return this.#last;
  }
}
