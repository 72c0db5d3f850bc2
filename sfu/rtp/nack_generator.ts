/** The missing packets of a stream, to be requested again (RFC 4585). */

import { sequenceDifference } from "./sequence.ts";

/** Missing packets remembered; a larger gap is given up, and a key frame ends it. */
const MAX_MISSING = 512;
const MAX_TRIES = 10;
/** Time between two requests for the same packet. */
const RETRY_MS = 60;
/**
 * After a silence that is longer than anything is asked for, what is missing is too old: its sender has forgotten the most of it, and
 * would send the rest ahead of the key frame that ends the gap. Up to so many packets may be of one frame, of who sends seldom.
 */
const SILENCE_MS = RETRY_MS * MAX_TRIES;
const FEW = 16;

const NONE: readonly number[] = [];

interface Missing {
  tries: number;
  askedAt: number;
}

export class NackGenerator {
  /** Packets that were given up. */
  lost = 0;
  readonly #missing = new Map<number, Missing>();
  #highest: number | undefined;
  /** When that one arrived. */
  #highestAt = 0;

  /**
   * Records the arrival of an extended sequence number. Returns the numbers to request at once:
   * those of a gap that it opened.
   */
  onPacket(extended: number, nowMs: number): readonly number[] {
    const highest = this.#highest;
    if (highest === undefined) {
      this.#highest = extended;
      this.#highestAt = nowMs;
      return NONE;
    }
    if (extended <= highest) {
      this.#missing.delete(extended);
      return NONE;
    }
    const isLate = nowMs - this.#highestAt >= SILENCE_MS;
    this.#highest = extended;
    this.#highestAt = nowMs;
    const gap = extended - highest - 1;
    if (gap === 0) return NONE;
    if (gap + this.#missing.size > MAX_MISSING || (isLate && gap > FEW)) {
      this.lost += gap + this.#missing.size;
      this.#missing.clear();
      return NONE;
    }
    const asked: number[] = [];
    for (let number = highest + 1; number < extended; number++) {
      this.#missing.set(number, { tries: 1, askedAt: nowMs });
      asked.push(number & 0xffff);
    }
    return asked;
  }

  /**
   * The extended number of a packet that has not come yet: one that is missing, or one that is
   * next. A sender that learns of a loss from transport-wide feedback repeats a packet before the
   * gap shows here, and does not repeat it twice.
   */
  wanted(sequenceNumber: number): number | undefined {
    const highest = this.#highest;
    if (highest === undefined) return undefined;
    const extended = highest + sequenceDifference(sequenceNumber, highest & 0xffff);
    const isNext = extended > highest && extended - highest <= MAX_MISSING;
    return isNext || this.#missing.has(extended) ? extended : undefined;
  }

  /** The sequence numbers to request again at `nowMs`. */
  due(nowMs: number): readonly number[] {
    if (this.#missing.size === 0) return NONE;
    const numbers: number[] = [];
    for (const [extended, entry] of this.#missing) {
      if (nowMs - entry.askedAt < RETRY_MS) continue;
      if (entry.tries >= MAX_TRIES) {
        this.#missing.delete(extended);
        this.lost++;
        continue;
      }
      entry.tries++;
      entry.askedAt = nowMs;
      numbers.push(extended & 0xffff);
    }
    return numbers;
  }
}
