/** Arithmetic on wrapping RTP numbers (RFC 1982). */

/** `a - b` on 16-bit sequence numbers, in -32768..32767. */
export function sequenceDifference(a: number, b: number): number {
  return ((a - b) << 16) >> 16;
}

/** Extends 16-bit sequence numbers to ever-growing integers. */
export class SequenceUnwrapper {
  #last: number | undefined;

  /** The extended number nearest to the one before. */
  unwrap(sequenceNumber: number): number {
    const last = this.#last;
    const extended = last === undefined
      ? sequenceNumber
      : last + sequenceDifference(sequenceNumber, last & 0xffff);
    if (last === undefined || extended > last) this.#last = extended;
    return extended;
  }
}
