/**
 * What a stranger or a member sends to the server's UDP socket to make it stand still or swell, while two others in another
 * channel go on: the server is a process of its own, so that a test ends even when the server does not.
 */

import { strict as assert } from "node:assert";
import { Buffer } from "node:buffer";
import { after, test } from "node:test";
import { Child } from "../support/child.ts";
import { eventually, pause } from "../support/eventually.ts";
import {
  chunk,
  clientHello,
  dataChunk,
  dtlsRecord,
  handshakeFragment,
  HostileMember,
  sackChunk,
  Stranger,
} from "../support/hostile_peer.ts";
import type { Pulse } from "../support/hostile_server_program.ts";
import { TestClient, until } from "../support/sfu_client.ts";

const program = new URL("../support/hostile_server_program.ts", import.meta.url);
const HANDSHAKE = 22;

/** Processor time at a stretch. What is tried here takes a few milliseconds, or took between seconds and for ever. */
const MAX_BUSY_MS = 500;
const MAX_GROWTH_MB = 256;

/** A server with two members who send each other video. */
class Arena implements AsyncDisposable {
  readonly url: string;
  readonly #server: Child;
  readonly #members: readonly [TestClient, TestClient];
  #round = 0;

  private constructor(url: string, server: Child, members: readonly [TestClient, TestClient]) {
    this.url = url;
    this.#server = server;
    this.#members = members;
  }

  static async open(): Promise<Arena> {
    const server = new Child(program);
    const url = await server.line("listening ");
    const connect = { role: "sendrecv", channel_id: "bystanders", video: { codec_type: "VP8" } };
    const a = await TestClient.join(url, connect);
    const b = await TestClient.join(url, connect);
    const arena = new Arena(url, server, [a, b]);
    await arena.exchange();
    return arena;
  }

  get #pulses(): Pulse[] {
    return this.#server.lines.filter((line) => line.startsWith("pulse "))
      .map((line) => JSON.parse(line.slice("pulse ".length)) as Pulse);
  }

  /** Media of both goes through. */
  async exchange(): Promise<void> {
    const text = `round ${++this.#round}`;
    const [a, b] = this.#members;
    const has = (client: TestClient, from: TestClient) =>
      client.packets.some(({ streamId, payload }) =>
        streamId === from.id && payload.toString() === text
      );
    await until(`media of others, ${text}`, () => {
      for (const client of [a, b]) client.sendRtp("video", Buffer.from(text));
      return has(a, b) && has(b, a);
    }, 10_000);
    for (const client of [a, b]) client.packets.length = 0;
  }

  /** Has a member send video, and waits until the other one has it. */
  async sendVideo(count: number): Promise<void> {
    const [a, b] = this.#members;
    const before = b.packets.length;
    for (let i = 0; i < count; i++) a.sendRtp("video", Buffer.from(`video ${i}`));
    await until("video", () => b.packets.length >= before + count);
  }

  /** Has something done to the server, and asserts that it neither stands still, nor swells, nor forgets the others. */
  async survives(attack: (before: Pulse) => Promise<void>): Promise<Pulse> {
    const first = this.#pulses.length;
    const before = await eventually("a pulse", () => this.#pulses.at(-1));
    await attack(before);
    await this.exchange();
    const seen = this.#pulses.length;
    // What was sent has been read by the time that two more pulses have come.
    const after = await eventually("pulses", () => this.#pulses[seen + 2]);
    const during = this.#pulses.slice(first);
    const busyMs = Math.max(...during.map((pulse) => pulse.busyMs));
    const growthMb = Math.max(...during.map((pulse) => pulse.rssMb)) - before.rssMb;
    assert.ok(busyMs < MAX_BUSY_MS, `was busy for ${busyMs} ms`);
    assert.ok(growthMb < MAX_GROWTH_MB, `grew by ${growthMb} MB`);
    return { ...after, dropped: after.dropped - before.dropped };
  }

  /** What the process holds, once that is as it should be. */
  resources(condition: (resources: number) => boolean): Promise<number> {
    return eventually("as many resources", () => {
      const { resources } = this.#pulses.at(-1) ?? { resources: Infinity };
      return condition(resources) && resources;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const member of this.#members) await member.cut();
    await this.#server[Symbol.asyncDispose]();
  }
}

let shared: Arena | undefined;

/** A server for a test; another one after a test that failed. */
async function inArena(use: (arena: Arena) => Promise<void>): Promise<void> {
  const arena = shared ??= await Arena.open();
  shared = undefined;
  try {
    await use(arena);
    shared = arena;
  } finally {
    if (shared === undefined) await arena[Symbol.asyncDispose]();
  }
}

/** An RTCP packet (RFC 3550, 6.1): its type, its count or format, and the words after the header. */
function rtcp(type: number, format: number, ...words: number[]): Buffer {
  const packet = Buffer.alloc(4 + words.length * 4);
  packet.writeUInt32BE(((0x80 | format) << 24 | type << 16 | words.length) >>> 0, 0);
  words.forEach((word, i) => packet.writeUInt32BE(word >>> 0, 4 + i * 4));
  return packet;
}

const again = "SoraServer sends a packet again ten times at most, however often a subscriber asks";
test(again, { timeout: 60_000 }, async () => {
  await inArena(async (arena) => {
    const member = await HostileMember.join(arena.url, "bystanders");
    await until("video is offered", () => member.offeredVideo.length > 0);
    // Packets come when the server has the answer.
    await eventually("video", async () => {
      await arena.sendVideo(1);
      return member.client.packets.length > 0;
    });
    await arena.sendVideo(50);
    await until("video", () => member.client.packets.length > 50);
    const nacks = member.offeredVideo.map((ssrc) => {
      const numbers = Array.from({ length: 60 }, (_, i) => (100 + i * 17) << 16 | 0xffff);
      return rtcp(205, 1, 1, ssrc, ...numbers);
    });
    let before = 0;
    const { retransmitted } = await arena.survives(async (pulse) => {
      before = pulse.retransmitted;
      for (let i = 0; i < 30; i++) {
        for (const packet of nacks) await member.sendRtcp(packet);
        // The server sends a packet again at most every 10 ms.
        await pause(11);
      }
    });
    const most = member.client.packets.length * 10;
    assert.ok(retransmitted - before > 50, "it does send again");
    assert.ok(retransmitted - before <= most, `${retransmitted - before}, not up to ${most}`);
    await member.close();
  });
});

test(
  "SoraServer keeps no ciphers and sockets of members who have left",
  { timeout: 60_000 },
  async () => {
    await inArena(async (arena) => {
      const before = await arena.resources(() => true);
      for (let i = 0; i < 2; i++) {
        const { client } = await HostileMember.join(arena.url, "leaving");
        client.sendRtp("audio", Buffer.from("sound"));
        await client.disconnect();
      }
      await arena.resources((now) => now <= before);
    });
  },
);

after(() => shared?.[Symbol.asyncDispose]());

/** A stranger's datagrams. */
const datagrams: [name: string, datagrams: () => Iterable<Buffer>][] = [
  ["two fragments that claim a handshake message of 16 MiB, again and again", function* () {
    const [length, body] = [0xff_ffff, Buffer.alloc(1)];
    for (let i = 0; i < 100; i++) {
      // A Certificate, a Finished, a type that there is not, and a ClientHello.
      const type = [11, 20, 99, 1][Math.floor(i / 25)]!;
      for (const offset of [0, length - 1]) {
        const fragment = handshakeFragment({ type, length, offset, body });
        yield dtlsRecord(HANDSHAKE, fragment, i);
      }
    }
  }],
  ["handshake fragments beyond the length of their message", function* () {
    for (let i = 0; i < 200; i++) {
      const body = Buffer.alloc(1000);
      const far = { type: 1, length: 1001, offset: 0xff_0000, body };
      yield dtlsRecord(HANDSHAKE, handshakeFragment(far), i);
      yield dtlsRecord(HANDSHAKE, handshakeFragment({ ...far, offset: 0, claims: 0xff_ffff }), i);
    }
  }],
  ["a thousand ClientHellos", function* () {
    const body = clientHello();
    for (let i = 0; i < 1000; i++) {
      yield dtlsRecord(HANDSHAKE, handshakeFragment({ type: 1, length: body.length, body }), i);
    }
  }],
];

for (const [name, attack] of datagrams) {
  test(`SoraServer goes on while a stranger sends ${name}`, { timeout: 60_000 }, async () => {
    await inArena(async (arena) => {
      const stranger = await Stranger.open(arena.url, "hostile");
      const { dropped } = await arena.survives(async () => {
        let sent = 0;
        for (const datagram of attack()) {
          stranger.send(datagram);
          // The socket's buffer holds a few hundred.
          if (++sent % 100 === 0) await pause(20);
        }
      });
      assert.ok(dropped > 0, "what is dropped is counted");
      await stranger.close();
    });
  });
}

const NO_BYTES = Buffer.alloc(0);
const zeroParameter = Buffer.from([0, 1, 0, 0]);

/** A member's SCTP packets, and how the server gets rid of them: dropped and counted, taken, or by ending the association. */
const packets: [
  name: string,
  packets: (member: HostileMember) => Iterable<Buffer[]>,
  fate?: "dropped" | "taken" | "ended",
][] = [
  ["chunks of length 0", function* () {
    for (const type of [0, 1, 3, 4, 6, 7, 9, 10, 11, 130, 192, 255]) {
      for (const claims of [0, 1, 3]) yield [chunk(type, NO_BYTES, claims)];
    }
  }],
  ["chunks longer than their packet", function* () {
    for (const type of [0, 3, 4, 9, 130, 192]) yield [chunk(type, Buffer.alloc(16), 0xffff)];
  }],
  ["parameters of length 0", function* () {
    const init = Buffer.alloc(16, 1);
    for (const type of [4, 5, 9, 130]) yield [chunk(type, zeroParameter)];
    yield [chunk(1, Buffer.concat([init, zeroParameter]))];
  }],
  ["thousands of parameters", function* () {
    const parameters = Buffer.alloc(16_000);
    for (let at = 0; at < parameters.length; at += 4) parameters.writeUInt32BE(0x10004, at);
    for (let i = 0; i < 20; i++) yield [chunk(4, parameters)];
  }],
  ["hundreds of heartbeats in a packet", function* () {
    const heartbeats = Array.from(
      { length: 250 },
      () => chunk(4, Buffer.from([0, 1, 0, 8, 1, 2, 3, 4])),
    );
    for (let i = 0; i < 20; i++) yield heartbeats;
  }],
  ["SACKs with 4,000 gap blocks", function* (member) {
    const gaps = Array.from({ length: 4000 }, () => [1, 0xffff] as const);
    for (let i = 0; i < 5; i++) yield [sackChunk(member.serverTsn, gaps)];
  }],
  ["SACKs of what was never sent", function* (member) {
    for (const ahead of [1, 1000, 0x7fff_0000]) yield [sackChunk(member.serverTsn + ahead, [])];
  }],
  ["chunks of one byte out of order", function* (member) {
    let tsn = member.nextTsn + 60 * 200 * 2;
    for (let i = 0; i < 60; i++) {
      yield Array.from({ length: 200 }, () => dataChunk({ tsn: tsn -= 2 }));
    }
  }],
  ["chunks ahead of a missing one, and passes over it little by little", function* (member) {
    const { nextTsn } = member;
    for (let ahead = 1020; ahead > 0; ahead -= 400) {
      yield Array.from({ length: 200 }, (_, i) => dataChunk({ tsn: nextTsn + ahead - i * 2 }));
    }
    for (let i = 0; i < 200; i++) yield [dataChunk({ tsn: nextTsn + 1020 })];
    const forward = Buffer.alloc(4);
    for (let i = 0; i < 200; i++) {
      forward.writeUInt32BE((nextTsn + i) >>> 0, 0);
      yield [chunk(192, Buffer.from(forward))];
    }
  }, "taken"],
  ["fragments of one byte that never end", function* (member) {
    let tsn = member.nextTsn;
    for (let i = 0; i < 60; i++) {
      yield Array.from(
        { length: 200 },
        (_, at) => dataChunk({ tsn: tsn++, flags: i + at === 0 ? 2 : 0 }),
      );
    }
  }, "ended"],
  ["the same chunk ten thousand times", function* (member) {
    const again = Array.from({ length: 200 }, () => dataChunk({ tsn: member.nextTsn - 1 }));
    for (let i = 0; i < 50; i++) yield again;
  }, "taken"],
  ["the beginnings of messages on 12,000 streams", function* (member) {
    let tsn = member.nextTsn;
    for (let i = 0; i < 60; i++) {
      yield Array.from(
        { length: 200 },
        (_, at) => dataChunk({ tsn: tsn++, streamId: i * 200 + at, flags: 2 }),
      );
    }
  }],
];

for (const [name, attack, fate = "dropped"] of packets) {
  test(`SoraServer goes on while a member sends ${name}`, { timeout: 60_000 }, async () => {
    await inArena(async (arena) => {
      const member = await HostileMember.join(arena.url, "hostile");
      const { dropped } = await arena.survives(async () => {
        let sent = 0;
        for (const chunks of attack(member)) {
          await member.send(...chunks);
          // The socket's buffer holds some of them.
          if (++sent % 10 === 0) await pause(5);
        }
      });
      if (fate === "dropped") assert.ok(dropped > 0, "what is dropped is counted");
      if (fate === "ended") await until("the end", () => member.client.closed !== undefined);
      await member.close();
    });
  });
}
