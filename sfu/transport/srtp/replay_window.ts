/** Which of the recent packet indexes have been seen (RFC 3711, 3.3.2). */
export class ReplayWindow {
  readonly #bits: Uint32Array;
  readonly #size: number;
  #highest = -1;

  /** @param size how many indexes back are remembered; a multiple of 32. */
  constructor(size = 1024) {
    this.#size = size;
    this.#bits = new Uint32Array(size / 32);
  }

  /** Highest index so far, or -1. */
  get highest(): number {
    return this.#highest;
  }

  /** Whether `index` is new: neither seen nor older than the window. */
  isFresh(index: number): boolean {
    if (index > this.#highest) return true;
    if (this.#highest - index >= this.#size) return false;
    const slot = index % this.#size;
    return (this.#bits[slot >>> 5]! & (1 << (slot & 31))) === 0;
  }

  /** Remembers `index`, which must be fresh. */
  add(index: number): void {
    if (index > this.#highest) {
      if (index - this.#highest >= this.#size) {
        this.#bits.fill(0);
      } else {
        for (let i = this.#highest + 1; i < index; i++) this.#clear(i);
      }
      this.#highest = index;
    }
    const slot = index % this.#size;
    this.#bits[slot >>> 5]! |= 1 << (slot & 31);
  }

  #clear(index: number): void {
    const slot = index % this.#size;
    this.#bits[slot >>> 5]! &= ~(1 << (slot & 31));
  }
}
