/** The latest packets of an outgoing stream, for retransmission on request. */
import type { RtpPacket } from "./packet.ts";

/** Packets kept per stream: two seconds of 5 Mbit/s. */
const CAPACITY = 1024;

/** Time between two retransmissions of one packet. */
const MIN_INTERVAL_MS = 10;

export class SendHistory {
  readonly #packets: (RtpPacket | undefined)[] = new Array(CAPACITY);
  readonly #takenAt = new Float64Array(CAPACITY);

  /** Keeps a packet in place of the one that was sent `CAPACITY` numbers before. */
  put(packet: RtpPacket): void {
    const slot = packet.sequenceNumber % CAPACITY;
    this.#packets[slot] = packet;
    this.#takenAt[slot] = -Infinity;
  }

  /**
   * The packet with this sequence number, if it is still kept and was not taken just before:
   * repeated requests must not multiply the traffic.
   */
  take(sequenceNumber: number, nowMs: number): RtpPacket | undefined {
    const slot = sequenceNumber % CAPACITY;
    const packet = this.#packets[slot];
    if (packet?.sequenceNumber !== sequenceNumber) return undefined;
    if (nowMs - this.#takenAt[slot]! < MIN_INTERVAL_MS) return undefined;
    this.#takenAt[slot] = nowMs;
    return packet;
  }
}
