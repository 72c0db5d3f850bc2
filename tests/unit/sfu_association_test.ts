/** The server's SCTP association, with a peer whose packets are made by hand. */

import { strict as assert } from "node:assert";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { crc32c } from "werift";
import { seededRandom } from "../../base/random.ts";
import { Association } from "../../sfu/data/association.ts";
import { chunk, dataChunk } from "../support/hostile_peer.ts";
import { until } from "../support/sfu_client.ts";

const [FIRST, LAST, UNORDERED] = [2, 1, 4];

class Peer {
  readonly messages: string[] = [];
  /** Chunks of the server by their type. */
  readonly chunks: Buffer[] = [];
  established = 0;
  ended: string | undefined;
  readonly association: Association;
  #tag = 0;

  constructor() {
    this.association = new Association({
      send: (packet) => this.#take(packet),
      onEstablished: () => this.established++,
      onMessage: (_stream, _protocol, data) => this.messages.push(data.toString()),
      onReset: () => {},
      onHandled: () => {},
      onEnd: (reason) => this.ended = reason,
    });
  }

  static async connect(initialTsn: number): Promise<Peer> {
    const peer = new Peer();
    const init = Buffer.alloc(16);
    init.writeUInt32BE(7, 0);
    init.writeUInt32BE(1 << 20, 4);
    init.writeUInt32BE(0x0400_0400, 8);
    init.writeUInt32BE(initialTsn, 12);
    peer.send(chunk(1, init));
    await until("INIT ACK", () => peer.of(2).length > 0);
    const [ack] = peer.of(2);
    peer.#tag = ack!.readUInt32BE(4);
    peer.send(peer.cookieEcho());
    await until("established", () => peer.established > 0);
    return peer;
  }

  /** COOKIE ECHO with the cookie that the server gave. */
  cookieEcho(): Buffer {
    const [ack] = this.of(2);
    for (let at = 20; at < ack!.length;) {
      const length = ack!.readUInt16BE(at + 2);
      if (ack!.readUInt16BE(at) === 7) return chunk(10, ack!.subarray(at + 4, at + length));
      at += Math.ceil(length / 4) * 4;
    }
    throw new Error("There is no cookie");
  }

  of(type: number): Buffer[] {
    return this.chunks.filter((one) => one[0] === type);
  }

  /** The last SACK: what it acknowledges, and its gap blocks. */
  get sack(): { cumulative: number; gaps: number[] } | undefined {
    const last = this.of(3).at(-1);
    if (last === undefined) return undefined;
    const gaps = Array.from(
      { length: last.readUInt16BE(12) * 2 },
      (_, i) => last.readUInt16BE(16 + i * 2),
    );
    return { cumulative: last.readUInt32BE(4), gaps };
  }

  #take(packet: Buffer): void {
    for (let at = 12; at < packet.length;) {
      const length = packet.readUInt16BE(at + 2);
      this.chunks.push(packet.subarray(at, at + length));
      at += Math.ceil(length / 4) * 4;
    }
  }

  send(...chunks: Buffer[]): void {
    const header = Buffer.alloc(12);
    header.writeUInt32BE(0x1388_1388, 0);
    header.writeUInt32BE(chunks[0]![0] === 1 ? 0 : this.#tag, 4);
    const packet = Buffer.concat([header, ...chunks]);
    packet.writeUInt32LE(crc32c(packet) >>> 0, 8);
    this.association.receive(packet);
  }
}

/** An order of the numbers from 0 to below `count`, the same each time. */
function shuffled(count: number, seed: number): number[] {
  const random = seededRandom(seed);
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const other = Math.floor(random() * (i + 1));
    [order[i], order[other]] = [order[other]!, order[i]!];
  }
  return order;
}

test("Association: a COOKIE ECHO that comes again is answered, and establishes nothing anew", async () => {
  const peer = await Peer.connect(1);
  for (let i = 0; i < 3; i++) peer.send(peer.cookieEcho());
  await until("answers", () => peer.of(11).length === 4);
  assert.equal(peer.established, 1);
  peer.association.close();
});

for (const initialTsn of [1, 999_999_998, 0xffff_fffe]) {
  test(`Association: SACKs report what is ahead of a missing chunk, from TSN ${initialTsn} on`, async () => {
    const peer = await Peer.connect(initialTsn);
    const at = (offset: number) => (initialTsn + offset) >>> 0;
    const data = (offset: number) =>
      dataChunk({ tsn: at(offset), flags: FIRST | LAST | UNORDERED, data: `${offset}` });
    for (const offset of [1, 4, 3]) peer.send(data(offset));
    await until("three", () => peer.messages.length === 3);
    await until("SACK", () => peer.sack?.gaps.length === 4);
    assert.deepEqual(peer.sack, { cumulative: at(-1), gaps: [2, 2, 4, 5] });
    peer.send(data(0));
    await until("SACK", () => peer.sack?.cumulative === at(1));
    assert.deepEqual(peer.sack?.gaps, [2, 3]);
    peer.send(data(2));
    await until("SACK", () => peer.sack?.cumulative === at(4));
    assert.deepEqual(peer.messages, ["1", "4", "3", "0", "2"]);
    peer.association.close();
  });

  test(`Association: messages in fragments are put together in any order, from TSN ${initialTsn} on`, async () => {
    const peer = await Peer.connect(initialTsn);
    const [messages, parts] = [60, 5];
    const chunks = Array.from({ length: messages * parts }, (_, i) => {
      const [message, part] = [Math.floor(i / parts), i % parts];
      // Every third message does not wait for its turn.
      const unordered = message % 3 === 2;
      const sequence = unordered ? 0 : message - Math.floor(message / 3);
      const flags = (part === 0 ? FIRST : 0) | (part === parts - 1 ? LAST : 0) |
        (unordered ? UNORDERED : 0);
      return dataChunk({ tsn: initialTsn + i, sequence, flags, data: `${message}.${part} ` });
    });
    for (const i of shuffled(chunks.length, 20_261_128)) peer.send(chunks[i]!);
    await until("all", () => peer.messages.length === messages);
    const number = (text: string) => Number(text.split(".")[0]);
    const whole = (message: number) =>
      [0, 1, 2, 3, 4].map((part) => `${message}.${part} `).join("");
    for (const text of peer.messages) assert.equal(text, whole(number(text)));
    const ordered = peer.messages.map(number).filter((message) => message % 3 !== 2);
    assert.deepEqual(ordered, ordered.toSorted((a, b) => a - b));
    assert.equal(new Set(peer.messages).size, messages);
    await until("SACK", () => peer.sack?.cumulative === (initialTsn + chunks.length - 1) >>> 0);
    assert.deepEqual(peer.sack?.gaps, []);
    peer.association.close();
  });
}

test("Association: what the peer gives up is passed over, and what waited for it comes", async () => {
  const peer = await Peer.connect(100);
  peer.send(dataChunk({ tsn: 101, sequence: 1, flags: FIRST, data: "half" }));
  peer.send(dataChunk({ tsn: 103, sequence: 2, flags: FIRST | LAST, data: "whole" }));
  // Gives up TSNs 100 to 102 and what was message 1.
  peer.send(chunk(192, Buffer.from("0000006600010001", "hex")));
  await until("the message", () => peer.messages.length === 1);
  await until("SACK", () => peer.sack?.cumulative === 103);
  assert.deepEqual(peer.messages, ["whole"]);
  assert.deepEqual(peer.sack?.gaps, []);
  peer.association.close();
});

test("Association: a chunk too far ahead is dropped, and taken when its turn comes", async () => {
  const peer = await Peer.connect(1);
  const data = (tsn: number) => dataChunk({ tsn, flags: FIRST | LAST | UNORDERED, data: `${tsn}` });
  peer.send(data(2000));
  await until("SACK", () => peer.sack !== undefined);
  assert.deepEqual(peer.sack, { cumulative: 0, gaps: [] });
  assert.equal(peer.association.dropped, 1);
  for (let tsn = 1; tsn <= 2000; tsn++) peer.send(data(tsn));
  await until("all", () => peer.messages.length === 2000);
  peer.association.close();
});

test("Association: fragments of a message that never ends end it", async () => {
  const peer = await Peer.connect(1);
  for (let tsn = 1; tsn <= 4000 && peer.ended === undefined; tsn++) {
    peer.send(dataChunk({ tsn, flags: tsn === 1 ? FIRST : 0 }));
  }
  await until("the end", () => peer.ended !== undefined);
  assert.match(peer.ended!, /more than its window/);
});
