/** The latest packets of an outgoing stream, for retransmission on request. */
import type { RtpPacket } from "./packet.ts";

/** Packets kept per stream: two seconds of 5 Mbit/s. */
const CAPACITY = 1024;

/** Time between two retransmissions of one packet. */
const MIN_INTERVAL_MS = 10;

/** Retransmissions of one packet, as many as real receivers request: a request costs its sender next to nothing. */
const MAX_TAKES = 10;

export class SendHistory {
  readonly #packets: (RtpPacket | undefined)[] = new Array(CAPACITY);
  readonly #takenAt = new Float64Array(CAPACITY);
  readonly #takes = new Uint8Array(CAPACITY);

  /** Keeps a packet in place of the one sent `CAPACITY` numbers before. */
  put(packet: RtpPacket): void {
    const slot = packet.sequenceNumber % CAPACITY;
    this.#packets[slot] = packet;
    this.#takenAt[slot] = -Infinity;
    this.#takes[slot] = 0;
  }

  /**
   * The packet with this sequence number, if it is still kept and was not taken just before or too
   * often: repeated requests must not multiply the traffic.
   */
  take(sequenceNumber: number, nowMs: number): RtpPacket | undefined {
    const slot = sequenceNumber % CAPACITY;
    const packet = this.#packets[slot];
    if (packet?.sequenceNumber !== sequenceNumber) return undefined;
    if (nowMs - this.#takenAt[slot]! < MIN_INTERVAL_MS) return undefined;
    if (this.#takes[slot]! >= MAX_TAKES) return undefined;
    this.#takenAt[slot] = nowMs;
    this.#takes[slot]!++;
    return packet;
  }
}
