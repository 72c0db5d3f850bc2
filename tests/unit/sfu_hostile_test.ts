/**
 * What a member sends over RTCP to make the server stand still or swell, while two others go on: the server is a process of its own,
 * so that a test ends even when the server does not.
 */

import { strict as assert } from "node:assert";
import { Buffer } from "node:buffer";
import { after, test } from "node:test";
import { Child } from "../support/child.ts";
import { eventually, pause } from "../support/eventually.ts";
import { HostileMember } from "../support/hostile_peer.ts";
import type { Pulse } from "../support/hostile_server_program.ts";
import { TestClient, until } from "../support/sfu_client.ts";

const program = new URL("../support/hostile_server_program.ts", import.meta.url);

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
