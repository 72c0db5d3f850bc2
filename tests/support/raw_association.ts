/**
 * The client's side of an SCTP association (RFC 9260, RFC 8261), made by hand: it opens it, acknowledges what comes, and sends
 * whatever it is told, once and no more.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { eventually } from "./eventually.ts";
import { chunk, ChunkType, dataChunk, initChunk, sackChunk, sctpPacket } from "./sctp_chunks.ts";

/** A message of the server. */
export interface RawMessage {
  readonly streamId: number;
  readonly protocol: number;
  readonly data: Buffer;
}

/** A chunk of the server. */
interface Chunk {
  readonly type: number;
  readonly flags: number;
  readonly body: Buffer;
}

const STATE_COOKIE = 7;
const DCEP = 50;
const DCEP_OPEN = 3;
const WHOLE = 3;
const BEGIN = 2;
const END = 1;

/** One association. */
export class RawAssociation {
  /** What the server sent, DATA_CHANNEL_OPEN left out. */
  readonly messages: RawMessage[] = [];
  /** The stream of each label that the server opened a data channel for. */
  readonly streams = new Map<string, number>();
  /** The TSN that the server waits for, as long as all were sent in order. */
  nextTsn: number;
  /** The last TSN that the server has acknowledged. */
  acknowledged: number;
  /** The window that the server last told. */
  window = 0;
  /** INIT ACKs that came. */
  initAcks = 0;
  established = false;
  /** Whether the server ended it. */
  aborted = false;
  readonly #send: (packet: Buffer) => void;
  readonly #tag = randomBytes(4).readUInt32BE() | 1;
  readonly #sequences = new Map<number, number>();
  #serverTag = 0;
  #serverTsn = 0;
  #cookie: Buffer | undefined;
  #partial: Buffer[] = [];

  /**
   * @param send Sends one packet over DTLS.
   * @param initialTsn The first TSN of this side.
   */
  constructor(send: (packet: Buffer) => void, initialTsn: number) {
    this.#send = send;
    this.nextTsn = initialTsn >>> 0;
    this.acknowledged = (initialTsn - 1) >>> 0;
  }

  /** The last TSN of the server that came in order. */
  get serverTsn(): number {
    return this.#serverTsn;
  }

  /** Opens it. */
  async open(): Promise<void> {
    await this.#until("COOKIE ACK", () => this.established, () => {
      if (this.#cookie === undefined) this.#send(this.init());
      else this.send(chunk(ChunkType.cookieEcho, this.#cookie));
    });
  }

  /** A packet with the INIT of this association. */
  init(): Buffer {
    return sctpPacket(0, [initChunk(this.#tag, this.nextTsn)]);
  }

  /** Sends one packet of these chunks. */
  send(...chunks: Buffer[]): void {
    this.#send(sctpPacket(this.#serverTag, chunks));
  }

  /** The DATA chunk of a whole message with the next TSN and the stream's next number. */
  message(streamId: number, data: string | Buffer, protocol = 53): Buffer {
    const sequence = this.#sequences.get(streamId) ?? 0;
    this.#sequences.set(streamId, (sequence + 1) & 0xffff);
    const tsn = this.nextTsn;
    this.nextTsn = (tsn + 1) >>> 0;
    return dataChunk({ tsn, streamId, sequence, flags: WHOLE, protocol, data });
  }

  /** Waits until the server has acknowledged everything up to a TSN. */
  async acknowledges(tsn: number): Promise<void> {
    await eventually(`an acknowledgement of ${tsn >>> 0}`, () => {
      return ((this.acknowledged - tsn) | 0) >= 0;
    });
  }

  /** Takes one packet of the server. */
  receive(packet: Buffer): void {
    let data = false;
    for (const { type, flags, body } of chunksOf(packet)) {
      if (type === ChunkType.initAck) this.#onInitAck(body);
      else if (type === ChunkType.cookieAck) this.established = true;
      else if (type === ChunkType.abort) this.aborted = true;
      else if (type === ChunkType.heartbeat) this.send(chunk(ChunkType.heartbeatAck, body));
      else if (type === ChunkType.sack) {
        this.acknowledged = body.readUInt32BE(0);
        this.window = body.readUInt32BE(4);
      } else if (type === ChunkType.data) {
        data = true;
        this.#onData(flags, body);
      }
    }
    if (data) this.send(sackChunk(this.#serverTsn, []));
  }

  #onInitAck(body: Buffer): void {
    this.initAcks++;
    if (this.#cookie !== undefined) return;
    this.#serverTag = body.readUInt32BE(0);
    this.#serverTsn = (body.readUInt32BE(12) - 1) >>> 0;
    for (let at = 16; at + 4 <= body.length;) {
      const length = body.readUInt16BE(at + 2);
      if (body.readUInt16BE(at) === STATE_COOKIE) this.#cookie = body.subarray(at + 4, at + length);
      at += Math.ceil(length / 4) * 4;
    }
    if (this.#cookie !== undefined) this.send(chunk(ChunkType.cookieEcho, this.#cookie));
  }

  #onData(flags: number, body: Buffer): void {
    const tsn = body.readUInt32BE(0);
    // What comes out of order is left to be sent again: the server's messages are few.
    if (tsn !== (this.#serverTsn + 1) >>> 0) return;
    this.#serverTsn = tsn;
    if ((flags & BEGIN) !== 0) this.#partial = [];
    this.#partial.push(Buffer.from(body.subarray(12)));
    if ((flags & END) === 0) return;
    const message = {
      streamId: body.readUInt16BE(4),
      protocol: body.readUInt32BE(8),
      data: Buffer.concat(this.#partial),
    };
    if (message.protocol === DCEP && message.data[0] === DCEP_OPEN) this.#onOpen(message);
    else this.messages.push(message);
  }

  #onOpen({ streamId, data }: RawMessage): void {
    const label = data.subarray(12, 12 + data.readUInt16BE(8)).toString();
    this.streams.set(label, streamId);
    this.send(this.message(streamId, Buffer.from([2]), DCEP));
  }

  /** Does something again and again until a condition holds. */
  async #until(what: string, condition: () => boolean, act: () => void): Promise<void> {
    act();
    const timer = setInterval(act, 200);
    try {
      await eventually(what, condition);
    } finally {
      clearInterval(timer);
    }
  }
}

function* chunksOf(packet: Buffer): Iterable<Chunk> {
  for (let at = 12; at + 4 <= packet.length;) {
    const length = packet.readUInt16BE(at + 2);
    if (length < 4) return;
    const body = packet.subarray(at + 4, at + length);
    yield { type: packet[at]!, flags: packet[at + 1]!, body };
    at += Math.ceil(length / 4) * 4;
  }
}
