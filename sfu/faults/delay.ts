/** A delay of what a client is to see, by the fault `signalingDelayMs`. */
export class Delay {
  readonly #ms: number | undefined;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();

  /** @param ms undefined: no delay */
  constructor(ms: number | undefined) {
    this.#ms = ms;
  }

  /** Runs an action now or, in the order of the calls, later. */
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

  /** Drops the actions that wait. */
  clear(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
