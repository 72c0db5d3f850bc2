/**
 * The memory in which media packets come in and go out. All transports of a server share it, so that
 * a packet is forwarded where it lies.
 */

/** Bytes for packets that come in. */
const INCOMING_BYTES = 256 * 1024;

/** Bytes for packets of this side, which are sent at the end of a turn, or before more are written than fit. */
const OUTGOING_BYTES = 256 * 1024;

export class PacketMemory {
  readonly bytes = new Uint8Array(INCOMING_BYTES + OUTGOING_BYTES);
  /** Where packets come in. Those there are forwarded, or copied, before the next ones come. */
  readonly incoming = this.bytes.subarray(0, INCOMING_BYTES);
  readonly #onFull: () => void;
  #next = INCOMING_BYTES;

  /** @param onFull sends what was written, so that it need not be kept */
  constructor(onFull: () => void) {
    this.#onFull = onFull;
  }

  /** Takes room for one packet of this side, which is to be sent before another one is written. */
  allocate(size: number): number {
    if (this.#next + size > this.bytes.length) {
      this.#onFull();
      this.reset();
    }
    const at = this.#next;
    this.#next += size;
    return at;
  }

  /** Everything that was written has been sent. */
  reset(): void {
    this.#next = INCOMING_BYTES;
  }
}
