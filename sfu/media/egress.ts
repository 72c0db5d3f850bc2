/** The transport of a subscriber, with its transport-wide sequence numbers. */
import type { Transport } from "../transport/transport.ts";

export class Egress {
  readonly transport: Transport;
  #next = 0;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  /** The next transport-wide sequence number of a packet that has one. */
  number(transportSequenceOffset: number): number {
    if (transportSequenceOffset === 0) return 0;
    const number = this.#next;
    this.#next = (number + 1) & 0xffff;
    return number;
  }
}
