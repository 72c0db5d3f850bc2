/**
 * How much may be sent again to one client: on a path that carries too little, what was lost for want of
 * room must not take the room of what follows.
 */

/** Share of what the path carries; of 20 % loss, all is sent again, and of that again. */
const SHARE = 1 / 3;

/** What is saved up. */
const BURST_MS = 500;

export class RepeatBudget {
  /** Packets that were not sent again. */
  refused = 0;
  /** bit/s of the path; 0: not known, and no limit. */
  #carried = 0;
  #bytes = 0;
  #atMs = 0;

  /** The path carries so much, in bit/s. */
  setPath(bitsPerSecond: number): void {
    this.#carried = bitsPerSecond;
  }

  /** Takes room for a packet. */
  take(bytes: number, nowMs: number): boolean {
    if (this.#carried === 0) return true;
    const perMs = this.#carried * SHARE / 8000;
    this.#bytes = Math.min(this.#bytes + (nowMs - this.#atMs) * perMs, perMs * BURST_MS);
    this.#atMs = nowMs;
    if (this.#bytes < bytes) {
      this.refused++;
      return false;
    }
    this.#bytes -= bytes;
    return true;
  }
}
