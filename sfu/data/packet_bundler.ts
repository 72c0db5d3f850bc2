/**
 * Puts several chunks into one SCTP packet (RFC 9260, 6.10). werift sends one packet a chunk,
 * which for small messages is ten times the packets, encryptions and system calls.
 */
import { Buffer } from "node:buffer";
import { crc32c } from "werift";

const HEADER_BYTES = 12;
const CHECKSUM_OFFSET = 8;

/** Bytes of one packet: it has to fit into a DTLS record within a 1,280 byte datagram. */
const MAX_PACKET_BYTES = 1191;

/** Chunk types that may share a packet: DATA and SACK. */
const BUNDLED_TYPES = new Set([0, 3]);

export class PacketBundler {
  readonly #send: (packet: Buffer) => void;
  #pending: Buffer[] = [];
  #bytes = HEADER_BYTES;
  #scheduled = false;
  readonly #onTurn = () => {
    this.#scheduled = false;
    this.flush();
  };

  constructor(send: (packet: Buffer) => void) {
    this.#send = send;
  }

  /** Takes one packet. It goes out at the end of this turn of the event loop at the latest. */
  push(packet: Buffer): void {
    if (!BUNDLED_TYPES.has(packet[HEADER_BYTES] ?? -1)) {
      this.flush();
      this.#send(packet);
      return;
    }
    const chunkBytes = packet.length - HEADER_BYTES;
    if (this.#bytes + chunkBytes > MAX_PACKET_BYTES) this.flush();
    this.#pending.push(packet);
    this.#bytes += chunkBytes;
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#onTurn);
  }

  /** Sends what waits. */
  flush(): void {
    const pending = this.#pending;
    const [first] = pending;
    if (first === undefined) return;
    this.#pending = [];
    this.#bytes = HEADER_BYTES;
    if (pending.length === 1) {
      this.#send(first);
      return;
    }
    const packet = Buffer.concat([
      first,
      ...pending.slice(1).map((other) => other.subarray(HEADER_BYTES)),
    ]);
    packet.writeUInt32LE(0, CHECKSUM_OFFSET);
    packet.writeUInt32LE(crc32c(packet) >>> 0, CHECKSUM_OFFSET);
    this.#send(packet);
  }
}
