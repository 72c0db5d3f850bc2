/**
 * How far a run is, and how long it takes.
 *
 * @module
 */

/** Counts seconds that are expected against those that pass. */
export class Progress {
  readonly #whole: number;
  readonly #now: () => number;
  readonly #begin: number;
  #done = 0;

  /**
   * Begins now.
   *
   * @param whole Seconds that everything is expected to take.
   * @param now A clock, in milliseconds.
   */
  constructor(whole: number, now: () => number = () => performance.now()) {
    this.#whole = whole;
    this.#now = now;
    this.#begin = now();
  }

  /** What was expected to take so long is done. */
  advance(seconds: number): void {
    this.#done += seconds;
  }

  /** Minutes that are left, by what the part that is done took. */
  minutesLeft(): number {
    const passed = (this.#now() - this.#begin) / 1_000;
    const pace = this.#done > 0 ? passed / this.#done : 1;
    return Math.max(0, this.#whole - this.#done) * pace / 60;
  }

  /** The beginning of a line: `[35 %, 8 min left]`. */
  toString(): string {
    const percent = this.#whole > 0 ? Math.round(this.#done / this.#whole * 100) : 100;
    return `[${Math.min(100, percent)} %, ${Math.ceil(this.minutesLeft())} min left]`;
  }
}
