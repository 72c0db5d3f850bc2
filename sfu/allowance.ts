/** A rate limit: so much a second, and the limit of one second at once (a token bucket). */

export class Allowance {
  readonly #perSecond: number;
  #left: number;
  #filledAt: number;

  constructor(perSecond: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#left = perSecond;
    this.#filledAt = nowMs;
  }

  /** Takes an amount, unless there is not as much left. Returns whether it was taken. */
  take(amount: number, nowMs: number): boolean {
    const filled = this.#left + (nowMs - this.#filledAt) * this.#perSecond / 1000;
    this.#left = Math.min(this.#perSecond, filled);
    this.#filledAt = nowMs;
    if (this.#left < amount) return false;
    this.#left -= amount;
    return true;
  }
}
