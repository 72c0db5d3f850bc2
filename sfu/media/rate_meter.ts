/** The bit rate of a stream over the last seconds. */

/** The window: long enough that one key frame is not taken for the rate. */
const SLOTS = 20;
const SLOT_MS = 100;

/** Without a whole slot there is no rate yet. */
const LEAST_MS = 200;

/** What the layers below add to a packet: SRTP, UDP and IPv4. */
const OVERHEAD_BYTES = 44;

export class RateMeter {
  readonly #bytes = new Float64Array(SLOTS);
  #total = 0;
  #slot = -1;
  #since = 0;

  /** A packet has come. */
  add(bytes: number, nowMs: number): void {
    this.#advance(nowMs);
    this.#bytes[this.#slot % SLOTS]! += bytes + OVERHEAD_BYTES;
    this.#total += bytes + OVERHEAD_BYTES;
  }

  /** bit/s; 0 while too little has come. */
  bitRate(nowMs: number): number {
    if (this.#slot < 0) return 0;
    this.#advance(nowMs);
    const windowMs = (SLOTS - 1) * SLOT_MS + nowMs - this.#slot * SLOT_MS;
    const ms = Math.min(windowMs, nowMs - this.#since);
    return ms < LEAST_MS ? 0 : this.#total * 8000 / ms;
  }

  /** Leaves the slots behind that the window does not reach any more. */
  #advance(nowMs: number): void {
    const slot = Math.floor(nowMs / SLOT_MS);
    if (this.#slot < 0 || slot - this.#slot >= SLOTS) {
      this.#bytes.fill(0);
      this.#total = 0;
      this.#since = nowMs;
      this.#slot = slot;
    }
    while (this.#slot < slot) {
      const place = ++this.#slot % SLOTS;
      this.#total -= this.#bytes[place]!;
      this.#bytes[place] = 0;
    }
  }
}
