/** Reception statistics of one RTP stream, for receiver reports (RFC 3550, 6.4.1 and A.3, A.8). */
import type { OutgoingReport } from "./rtcp_writer.ts";
import { SequenceUnwrapper } from "./sequence.ts";

export class ReceiveStatistics {
  /** Packets received. */
  received = 0;
  readonly #clockRate: number;
  readonly #unwrapper = new SequenceUnwrapper();
  #base: number | undefined;
  #highest = 0;
  #jitter = 0;
  #transit: number | undefined;
  #expectedBefore = 0;
  #receivedBefore = 0;
  #lastReport = 0;
  #lastReportAt = 0;

  constructor(clockRate: number) {
    this.#clockRate = clockRate;
  }

  /** Records a packet that arrived at `nowMs`. Returns its extended sequence number. */
  onPacket(sequenceNumber: number, timestamp: number, nowMs: number): number {
    const extended = this.#unwrapper.unwrap(sequenceNumber);
    this.received++;
    this.#base ??= extended;
    if (extended >= this.#highest) {
      this.#highest = extended;
      const transit = Math.round(nowMs * this.#clockRate / 1000) - timestamp;
      if (this.#transit !== undefined) {
        const difference = Math.abs((transit - this.#transit) | 0);
        // A jump of more than ten seconds is a new time base, not jitter.
        if (difference < this.#clockRate * 10) this.#jitter += (difference - this.#jitter) / 16;
      }
      this.#transit = transit;
    }
    return extended;
  }

  /** Records the NTP time of a sender report. */
  onSenderReport(ntpHigh: number, ntpLow: number, nowMs: number): void {
    this.#lastReport = ((ntpHigh << 16) | (ntpLow >>> 16)) >>> 0;
    this.#lastReportAt = nowMs;
  }

  /** The report block for `ssrc`; undefined before the first packet. */
  report(ssrc: number, nowMs: number): OutgoingReport | undefined {
    if (this.#base === undefined) return undefined;
    const expected = this.#highest - this.#base + 1;
    const expectedInterval = expected - this.#expectedBefore;
    const lostInterval = expectedInterval - (this.received - this.#receivedBefore);
    this.#expectedBefore = expected;
    this.#receivedBefore = this.received;
    return {
      ssrc,
      fractionLost: expectedInterval <= 0 || lostInterval <= 0
        ? 0
        : Math.min(255, Math.floor(lostInterval * 256 / expectedInterval)),
      cumulativeLost: expected - this.received,
      extendedHighest: this.#highest,
      jitter: Math.round(this.#jitter),
      lastReport: this.#lastReport,
      delaySinceLastReport: this.#lastReport === 0
        ? 0
        : Math.round((nowMs - this.#lastReportAt) * 65.536),
    };
  }
}
