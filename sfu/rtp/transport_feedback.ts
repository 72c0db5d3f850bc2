/**
 * Transport-wide congestion control feedback
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01): one numbering over all streams of a
 * transport, arrival times reported in 250 µs steps.
 */
import { Buffer } from "node:buffer";
import { FeedbackType, RtcpType } from "./rtcp.ts";
import { SequenceUnwrapper } from "./sequence.ts";

/** Packets that one feedback message covers at most; the rest go into the next one. */
const MAX_COVERED = 1024;

/** Bytes of arrival times, which fit into a datagram with the rest. */
const MAX_DELTA_BYTES = 800;

/** Numbers over which the arrivals that wait may be spread; a power of two. */
const SPREAD = 2048;

/** Records arrivals and writes feedback about them. */
export class TransportFeedbackWriter {
  readonly #unwrapper = new SequenceUnwrapper();
  /** Arrival time in µs by extended sequence number, modulo the spread; NaN: none. */
  readonly #arrivals = new Float64Array(SPREAD).fill(NaN);
  /** How many wait, and the lowest and highest numbers of them. */
  #waiting = 0;
  #lowest = 0;
  #highest = -1;
  #next: number | undefined;
  #count = 0;
  readonly #symbols = new Uint8Array(MAX_COVERED);
  readonly #deltas = new Int16Array(MAX_COVERED);

  /** Records that the packet with this transport-wide number arrived at `timeUs`. */
  onPacket(sequenceNumber: number, timeUs: number): void {
    const extended = this.#unwrapper.unwrap(sequenceNumber);
    // Too late: its number was covered by feedback already.
    if (this.#next !== undefined && extended < this.#next) return;
    if (this.#waiting === 0) {
      this.#lowest = this.#highest = extended;
    } else {
      const lowest = Math.min(this.#lowest, extended);
      const highest = Math.max(this.#highest, extended);
      if (this.#waiting >= MAX_COVERED || highest - lowest >= SPREAD) return;
      if (!Number.isNaN(this.#arrivals[extended & (SPREAD - 1)])) return;
      this.#lowest = lowest;
      this.#highest = highest;
    }
    this.#arrivals[extended & (SPREAD - 1)] = timeUs;
    this.#waiting++;
  }

  /** Whether there is anything to report. */
  get pending(): boolean {
    return this.#waiting > 0;
  }

  /** The next feedback message, as a transport feedback packet, or undefined. */
  take(sender: number, media: number): Buffer | undefined {
    if (this.#waiting === 0) return undefined;
    let base = this.#next;
    if (base === undefined || this.#highest - base >= MAX_COVERED) base = this.#lowest;
    const end = Math.min(this.#highest, base + MAX_COVERED - 1);
    const symbols = this.#symbols;
    const deltas = this.#deltas;
    let covered = 0;
    let received = 0;
    let deltaBytes = 0;
    let reference: number | undefined;
    let previous = 0;
    for (let number = base; number <= end; number++) {
      const place = number & (SPREAD - 1);
      const time = number < this.#lowest ? NaN : this.#arrivals[place]!;
      if (Number.isNaN(time)) {
        symbols[covered++] = 0;
        continue;
      }
      if (reference === undefined) {
        reference = Math.floor(time / 64_000);
        previous = reference * 64_000;
      }
      const delta = Math.round((time - previous) / 250);
      // A delta out of range starts the next message, which has its own reference time.
      if (delta < -0x8000 || delta > 0x7fff || deltaBytes >= MAX_DELTA_BYTES) break;
      previous += delta * 250;
      const size = delta >= 0 && delta <= 0xff ? 1 : 2;
      symbols[covered++] = size;
      deltas[received++] = delta;
      deltaBytes += size;
      this.#arrivals[place] = NaN;
      this.#waiting--;
    }
    this.#next = base + covered;
    this.#lowest = Math.max(this.#lowest, this.#next);
    if (reference === undefined) return undefined;
    return this.#write(
      sender,
      media,
      base & 0xffff,
      reference,
      symbols.subarray(0, covered),
      deltas.subarray(0, received),
      deltaBytes,
    );
  }

  #write(
    sender: number,
    media: number,
    base: number,
    reference: number,
    symbols: Uint8Array,
    deltas: Int16Array,
    deltaBytes: number,
  ): Buffer {
    const chunks = encodeChunks(symbols);
    const length = 20 + chunks.length * 2 + deltaBytes;
    const padding = (4 - (length % 4)) % 4;
    const buffer = Buffer.alloc(length + padding);
    buffer[0] = 0x80 | (padding > 0 ? 0x20 : 0) | FeedbackType.transportWide;
    buffer[1] = RtcpType.transportFeedback;
    buffer.writeUInt16BE(buffer.length / 4 - 1, 2);
    buffer.writeUInt32BE(sender >>> 0, 4);
    buffer.writeUInt32BE(media >>> 0, 8);
    buffer.writeUInt16BE(base, 12);
    buffer.writeUInt16BE(symbols.length, 14);
    buffer.writeUIntBE(reference & 0xff_ffff, 16, 3);
    buffer[19] = this.#count++ & 0xff;
    let offset = 20;
    for (const chunk of chunks) offset = buffer.writeUInt16BE(chunk, offset);
    for (const delta of deltas) {
      offset = delta >= 0 && delta <= 0xff
        ? buffer.writeUInt8(delta, offset)
        : buffer.writeInt16BE(delta, offset);
    }
    if (padding > 0) buffer[buffer.length - 1] = padding;
    return buffer;
  }
}

/** Run length chunks for seven or more equal symbols, two-bit vectors for the rest. */
function encodeChunks(symbols: Uint8Array): number[] {
  const chunks: number[] = [];
  let at = 0;
  while (at < symbols.length) {
    const symbol = symbols[at]!;
    let run = 1;
    while (at + run < symbols.length && symbols[at + run] === symbol && run < 0x1fff) run++;
    if (run >= 7 || at + run === symbols.length) {
      chunks.push((symbol << 13) | run);
      at += run;
      continue;
    }
    let chunk = 0xc000;
    for (let i = 0; i < 7; i++) chunk |= (symbols[at + i] ?? 0) << (12 - i * 2);
    chunks.push(chunk);
    at += 7;
  }
  return chunks;
}
