/**
 * The sequence numbers that went out under one SSRC. Under the keys of a transport none may be used
 * twice for different packets, because nonces are made of them (RFC 3711, 9.1).
 */

/** How far back numbers are remembered; a multiple of 32. */
const SIZE = 1024;

export class SentNumbers {
  readonly #bits = new Uint32Array(SIZE / 32);
  /** The highest index: rollovers in the upper bits, as SRTP counts them (RFC 3711, 3.3.1). */
  #highest = -1;

  /** The highest index of all that were taken; -1: none was. */
  get highest(): number {
    return this.#highest;
  }

  /** Takes a number for a packet. Returns false when it was taken before, or is too old to say. */
  take(sequenceNumber: number): boolean {
    const index = this.indexOf(sequenceNumber);
    const highest = this.#highest;
    if (index > highest) {
      if (index - highest >= SIZE) this.#bits.fill(0);
      else for (let skipped = highest + 1; skipped < index; skipped++) this.#clear(skipped);
      this.#highest = index;
      this.#set(index);
      return true;
    }
    if (index < 0 || highest - index >= SIZE || this.#isSet(index)) return false;
    this.#set(index);
    return true;
  }

  /** The index of a number that was taken lately, or -1. */
  find(sequenceNumber: number): number {
    const index = this.indexOf(sequenceNumber);
    const age = this.#highest - index;
    return index >= 0 && age >= 0 && age < SIZE && this.#isSet(index) ? index : -1;
  }

  /** The index nearest to the highest one, or negative. */
  indexOf(sequenceNumber: number): number {
    const highest = this.#highest;
    if (highest < 0) return sequenceNumber;
    return highest + ((sequenceNumber - (highest & 0xffff)) << 16 >> 16);
  }

  #isSet(index: number): boolean {
    return (this.#bits[(index % SIZE) >>> 5]! & (1 << (index & 31))) !== 0;
  }

  #set(index: number): void {
    this.#bits[(index % SIZE) >>> 5]! |= 1 << (index & 31);
  }

  #clear(index: number): void {
    this.#bits[(index % SIZE) >>> 5]! &= ~(1 << (index & 31));
  }
}
