/** Does what a client is to see: now, or later if everything is to be late. */
export class Delay {
  readonly #ms: number | undefined;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();

  /** @param ms undefined: no delay */
  constructor(ms: number | undefined) {
    this.#ms = ms;
  }

  /** Does it now or, in the order of the calls, later. */
  do(action: () => void): void {
    if (this.#ms === undefined) {
      action();
      return;
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, this.#ms);
    this.#timers.add(timer);
  }

  /** What waits is not done any more. */
  clear(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
