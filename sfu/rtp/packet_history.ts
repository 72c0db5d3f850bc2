/** The latest packets of a layer, for retransmission to any of its subscribers. */
import type { RtpPacket } from "./packet.ts";

/** Packets kept: two seconds of 5 Mbit/s. A power of two, so that places go on where sequence numbers wrap. */
const CAPACITY = 1024;

/** Bytes kept: that many packets of usual size. */
const BYTES = 1280 * CAPACITY;

/** A packet that is kept, until the next one is found. */
export interface KeptPacket {
  /** The memory, and where the packet is. */
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly size: number;
  readonly headerLength: number;
  readonly timestamp: number;
  readonly transportSequenceOffset: number;
}

export class PacketHistory {
  readonly #bytes = new Uint8Array(BYTES);
  /** Bytes written so far, those that were skipped at the end of the memory included. */
  #written = 0;
  /** By sequence number, modulo the capacity; -1: none. */
  readonly #numbers = new Int32Array(CAPACITY).fill(-1);
  readonly #starts = new Float64Array(CAPACITY);
  readonly #sizes = new Uint16Array(CAPACITY);
  readonly #headerLengths = new Uint16Array(CAPACITY);
  readonly #timestamps = new Uint32Array(CAPACITY);
  readonly #sequenceOffsets = new Uint16Array(CAPACITY);
  readonly #found = {
    bytes: this.#bytes,
    offset: 0,
    size: 0,
    headerLength: 0,
    timestamp: 0,
    transportSequenceOffset: 0,
  };

  /** Keeps a copy of a packet, in place of the oldest ones. */
  put(packet: RtpPacket): void {
    const { offset, size, sequenceNumber } = packet;
    const free = BYTES - this.#written % BYTES;
    if (size > free) this.#written += free;
    this.#bytes.set(packet.bytes.subarray(offset, offset + size), this.#written % BYTES);
    const place = sequenceNumber % CAPACITY;
    this.#numbers[place] = sequenceNumber;
    this.#starts[place] = this.#written;
    this.#sizes[place] = size;
    this.#headerLengths[place] = packet.headerLength;
    this.#timestamps[place] = packet.timestamp;
    this.#sequenceOffsets[place] = packet.transportSequenceOffset;
    this.#written += size;
  }

  /** The packet with this number, if it is still kept. */
  find(sequenceNumber: number): KeptPacket | undefined {
    const place = sequenceNumber % CAPACITY;
    const start = this.#starts[place]!;
    if (this.#numbers[place] !== sequenceNumber || this.#written - start > BYTES) return undefined;
    const found = this.#found;
    found.offset = start % BYTES;
    found.size = this.#sizes[place]!;
    found.headerLength = this.#headerLengths[place]!;
    found.timestamp = this.#timestamps[place]!;
    found.transportSequenceOffset = this.#sequenceOffsets[place]!;
    return found;
  }
}
