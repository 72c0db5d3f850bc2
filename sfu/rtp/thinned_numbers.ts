/** The sequence numbers of a stream from which packets are left out, so that no number is missing. */
import { sequenceDifference } from "./sequence.ts";

/** How far back numbers are remembered. */
const SIZE = 1024;

export class ThinnedNumbers {
  /** By own number: how many were left out before it; -1: it was itself. */
  readonly #shifts = new Int32Array(SIZE);
  /** By number without those that were left out: the own one. */
  readonly #own = new Uint16Array(SIZE);
  #newest = -1;
  #leftOut = 0;

  /**
   * Takes a packet. Returns the number that takes its place; -1 when it is left out, as it was before,
   * or too old.
   *
   * @param leave whether it is left out; one that comes late is not
   */
  take(own: number, leave: boolean): number {
    const step = this.#newest < 0 ? 1 : sequenceDifference(own, this.#newest);
    if (step > 0) {
      // Those in between may come late.
      for (let i = Math.max(1, step - SIZE + 1); i < step; i++) {
        this.#shifts[(own - step + i) & (SIZE - 1)] = this.#leftOut;
      }
      this.#newest = own;
      this.#shifts[own & (SIZE - 1)] = leave ? -1 : this.#leftOut;
      if (leave) {
        this.#leftOut++;
        return -1;
      }
    } else if (step <= -SIZE) {
      return -1;
    }
    const shift = this.#shifts[own & (SIZE - 1)]!;
    if (shift < 0) return -1;
    const number = (own - shift) & 0xffff;
    this.#own[number & (SIZE - 1)] = own;
    return number;
  }

  /** The own number of a packet by the number that took its place lately. */
  ownOf(number: number): number {
    return this.#own[number & (SIZE - 1)]!;
  }
}
