/** The latest packets of an outgoing stream, for retransmission on request. */
import type { RtpPacket } from "./packet.ts";

/** Packets kept per stream: two seconds of 5 Mbit/s. */
const CAPACITY = 1024;

export class SendHistory {
  readonly #packets: (RtpPacket | undefined)[] = new Array(CAPACITY);

  /** Keeps a packet in place of the one that was sent `CAPACITY` numbers before. */
  put(packet: RtpPacket): void {
    this.#packets[packet.sequenceNumber % CAPACITY] = packet;
  }

  /** The packet with this sequence number, if it is still kept. */
  get(sequenceNumber: number): RtpPacket | undefined {
    const packet = this.#packets[sequenceNumber % CAPACITY];
    return packet?.sequenceNumber === sequenceNumber ? packet : undefined;
  }
}
