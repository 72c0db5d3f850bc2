/**
 * How far ahead of the missing chunk others may be, and the acknowledgements of those that are.
 *
 * Takes the place of methods of werift's SCTP that sort all misordered chunks, as text, for each chunk that comes, and that have
 * no bound. What is too far ahead is dropped, and comes again.
 */
import { Buffer } from "node:buffer";
import {
  forgetIncomplete,
  type Message,
  quickenReassembly,
  type WeriftStream,
} from "./reassembly.ts";
import { distance } from "./sctp_guard.ts";

/** A FORWARD TSN chunk, with the number of the last message that is given up on each stream. */
interface ForwardTsnChunk {
  readonly cumulativeTsn: number;
  readonly streams: readonly (readonly [streamId: number, sequenceNumber: number])[];
}

/** The parts of werift's class that are used here. */
export interface WeriftReceiver {
  readonly isStopped: boolean;
  advertisedRwnd: number;
  lastReceivedTsn: number | undefined;
  sackMisOrdered: Set<number>;
  sackDuplicates: number[];
  sackNeeded: boolean;
  sackPacketCount: number;
  sackImmediate: boolean;
  readonly inboundStreams: Readonly<Record<number, WeriftStream>>;
  getInboundStream(streamId: number): WeriftStream;
  markReceived(tsn: number): boolean;
  receiveForwardTsnChunk(chunk: ForwardTsnChunk): void;
  receive(...message: Message): void;
  sendSack(): Promise<void>;
  sendChunk(chunk: { readonly bytes: Buffer }): Promise<void>;
}

/** Chunks ahead of the first missing one: 1 MiB, the window that is advertised, in chunks of 1,200 bytes, and some more. */
const MAX_AHEAD = 1024;

/** Chunks of messages that are not complete: one message of 256 KiB in small fragments, and those ahead. */
const MAX_WAITING = 2 * MAX_AHEAD;

/** Gap blocks and duplicates that one SACK tells of; both are hints (RFC 9260, 3.3.4). */
const MAX_GAPS = 256;
const MAX_DUPLICATES = 16;

const SACK = 3;

export class ReceiveWindow {
  /** Chunks that were too far ahead. */
  dropped = 0;
  readonly #sctp: WeriftReceiver;

  constructor(sctp: WeriftReceiver) {
    this.#sctp = sctp;
    sctp.markReceived = (tsn) => this.#mark(tsn);
    sctp.sendSack = () => this.#sendSack();
    const streamOf = sctp.getInboundStream.bind(sctp);
    sctp.getInboundStream = (id) => {
      const known = sctp.inboundStreams[id];
      if (known !== undefined) return known;
      const stream = streamOf(id);
      quickenReassembly(stream);
      return stream;
    };
    sctp.receiveForwardTsnChunk = (chunk) => this.#forward(chunk);
  }

  /** Whether more chunks wait for the rest of their message than a peer has reason to send. */
  get overrun(): boolean {
    let waiting = 0;
    for (const id in this.#sctp.inboundStreams) {
      waiting += this.#sctp.inboundStreams[id]!.reassembly.length;
    }
    return waiting > MAX_WAITING;
  }

  /** Forgets what is ahead: the peer begins anew. */
  clear(): void {
    this.#sctp.sackMisOrdered.clear();
  }

  /** Notes that a chunk came. Returns true when it is not to be kept. */
  #mark(tsn: number): boolean {
    const sctp = this.#sctp;
    const ahead = distance(sctp.lastReceivedTsn!, tsn);
    if (ahead <= 0 || sctp.sackMisOrdered.has(tsn)) {
      if (sctp.sackDuplicates.length < MAX_DUPLICATES) sctp.sackDuplicates.push(tsn);
      return true;
    }
    if (ahead > MAX_AHEAD) {
      this.dropped++;
      return true;
    }
    sctp.sackMisOrdered.add(tsn);
    sctp.lastReceivedTsn = this.#inOrder(sctp.lastReceivedTsn!);
    return false;
  }

  /** The last of the TSNs that follow `tsn` without a gap; they are no longer ahead. */
  #inOrder(tsn: number): number {
    let last = tsn;
    for (let next = after(last); this.#sctp.sackMisOrdered.delete(next); next = after(last)) {
      last = next;
    }
    return last;
  }

  /** Passes over the chunks that the peer gives up (RFC 3758, 3.6). */
  #forward({ cumulativeTsn, streams }: ForwardTsnChunk): void {
    const sctp = this.#sctp;
    sctp.sackNeeded = sctp.sackImmediate = true;
    if (distance(sctp.lastReceivedTsn!, cumulativeTsn) <= 0) return;
    for (const tsn of sctp.sackMisOrdered) {
      if (distance(cumulativeTsn, tsn) <= 0) sctp.sackMisOrdered.delete(tsn);
    }
    sctp.lastReceivedTsn = this.#inOrder(cumulativeTsn);
    sctp.sackDuplicates = [];
    for (const id in sctp.inboundStreams) {
      sctp.advertisedRwnd += forgetIncomplete(sctp.inboundStreams[id]!, cumulativeTsn);
    }
    const passed = new Set<WeriftStream>();
    for (const [id, sequence] of streams) {
      const stream = sctp.getInboundStream(id);
      stream.streamSequenceNumber = (sequence + 1) & 0xffff;
      passed.add(stream);
    }
    for (const stream of passed) {
      for (const message of stream.popMessages()) {
        sctp.advertisedRwnd += message[2].length;
        sctp.receive(...message);
      }
    }
  }

  async #sendSack(): Promise<void> {
    const sctp = this.#sctp;
    if (sctp.isStopped || !sctp.sackNeeded) return;
    const bytes = this.#sack(this.#gaps(), sctp.sackDuplicates);
    sctp.sackDuplicates = [];
    sctp.sackNeeded = false;
    sctp.sackPacketCount = 0;
    sctp.sackImmediate = false;
    await sctp.sendChunk({ bytes });
  }

  /** First and last of each run of chunks that are ahead, counted from the last in order. */
  #gaps(): number[] {
    const { sackMisOrdered, lastReceivedTsn } = this.#sctp;
    const gaps: number[] = [];
    let left = sackMisOrdered.size;
    let open = false;
    for (let at = 1; left > 0 && at <= MAX_AHEAD; at++) {
      const present = sackMisOrdered.has((lastReceivedTsn! + at) >>> 0);
      if (!present) {
        open = false;
        continue;
      }
      left--;
      if (open) gaps[gaps.length - 1] = at;
      else if (gaps.length === MAX_GAPS * 2) break;
      else gaps.push(at, at);
      open = true;
    }
    return gaps;
  }

  #sack(gaps: readonly number[], duplicates: readonly number[]): Buffer {
    const bytes = Buffer.alloc(16 + gaps.length * 2 + duplicates.length * 4);
    bytes[0] = SACK;
    bytes.writeUInt16BE(bytes.length, 2);
    bytes.writeUInt32BE(this.#sctp.lastReceivedTsn!, 4);
    bytes.writeUInt32BE(Math.max(0, this.#sctp.advertisedRwnd), 8);
    bytes.writeUInt16BE(gaps.length / 2, 12);
    bytes.writeUInt16BE(duplicates.length, 14);
    let at = 16;
    for (const position of gaps) at = bytes.writeUInt16BE(position, at);
    for (const tsn of duplicates) at = bytes.writeUInt32BE(tsn, at);
    return bytes;
  }
}

function after(tsn: number): number {
  return (tsn + 1) >>> 0;
}
