/**
 * What a member sends over SCTP to make the server stand still, swell or forget the others. The member does the handshakes of ICE,
 * DTLS and SCTP, and everything behind that is made by hand.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import process from "node:process";
import { after, test } from "node:test";
import { eventually } from "../support/eventually.ts";
import { type Arena, limitOfAttack, SharedArena } from "../support/hostile_arena.ts";
import type { RawAssociation } from "../support/raw_association.ts";
import { RawClient } from "../support/raw_client.ts";
import {
  chunk,
  ChunkType,
  dataChunk,
  forwardTsnChunk,
  initChunk,
  openMessage,
  sackChunk,
  sctpPacket,
} from "../support/sctp_chunks.ts";

const shared = new SharedArena();
after(() => shared.close());

const LIMIT = { timeout: 60_000 } as const;

/** As many packets as the socket's buffer holds. */
const BURST = 40;

const DCEP = 50;
const BEGIN = 2;
const NO_BYTES = Buffer.alloc(0);
const zeroParameter = Buffer.from([0, 1, 0, 0]);

/** A member who sends messages to others on `#chat`. */
function join(arena: Arena, channel: string, initialTsn?: number): Promise<RawClient> {
  return RawClient.associated(arena.url, {
    channel_id: channel,
    audio: false,
    video: false,
    data_channels: [{ label: "#chat", direction: "sendrecv" }],
  }, initialTsn);
}

/** A message of a member still reaches the server. */
async function assertAlive({ association }: RawClient): Promise<void> {
  association!.send(association!.message(association!.streams.get("#chat")!, "still here"));
  await association!.acknowledges(association!.nextTsn - 1);
}

/** Sends packets as fast as the server reads them, until it ends the connection; how many. */
async function flood(member: RawClient, packets: Iterable<Buffer[]>): Promise<number> {
  let sent = 0;
  for (const chunks of packets) {
    member.association!.send(...chunks);
    if (++sent % BURST === 0) await member.roundTrip();
    if (member.closed !== undefined) return sent;
  }
  await member.roundTrip();
  return sent;
}

/** `count` packets of chunks. */
function* packetsOf(
  count: number,
  perPacket: number,
  make: (number: number) => Buffer,
): Iterable<Buffer[]> {
  for (let i = 0; i < count; i++) {
    yield Array.from({ length: perPacket }, (_, at) => make(i * perPacket + at));
  }
}

type Packets = (association: RawAssociation) => Iterable<Buffer[]>;

/** What one member after another sends. */
interface Attack {
  readonly name: string;
  readonly parts: readonly Packets[];
  /** Whether the server can only drop it, and the member goes on. */
  readonly dropped?: boolean;
}

const attacks: readonly Attack[] = [
  {
    name: "chunks of length 0, 1 and 3, and beyond their packet, and parameters of length 0",
    dropped: true,
    parts: [function* () {
      for (const type of Object.values(ChunkType)) {
        for (const claims of [0, 1, 3]) yield [chunk(type, NO_BYTES, claims)];
      }
    }, function* ({ nextTsn }) {
      for (const type of Object.values(ChunkType)) {
        for (const claims of [21, 1_000, 0xffff]) yield [chunk(type, Buffer.alloc(16), claims)];
      }
      yield [dataChunk({ tsn: nextTsn, data: "whole" }).subarray(0, 10)];
    }, function* () {
      for (const type of [ChunkType.heartbeat, ChunkType.error, ChunkType.reconfig]) {
        yield [chunk(type, zeroParameter)];
      }
      yield [initChunk(1, 1, zeroParameter)];
      yield [initChunk(1, 1, Buffer.concat([zeroParameter, zeroParameter]))];
    }],
  },
  {
    name:
      "hundreds of parameters in a chunk, hundreds of chunks in a packet, and chunks out of turn",
    parts: [function* () {
      const parameters = Buffer.alloc(1_000);
      for (let at = 0; at < parameters.length; at += 4) parameters.writeUInt32BE(0x10004, at);
      for (let i = 0; i < 200; i++) yield [chunk(ChunkType.heartbeat, parameters)];
      for (let i = 0; i < 50; i++) yield [chunk(ChunkType.reconfig, parameters)];
      for (let i = 0; i < 50; i++) yield [initChunk(1, 1, parameters)];
    }, function* () {
      const heartbeat = chunk(ChunkType.heartbeat, Buffer.from([0, 1, 0, 8, 1, 2, 3, 4]));
      for (let i = 0; i < 100; i++) yield Array.from({ length: 100 }, () => heartbeat);
    }, function* () {
      // Acknowledgements that nobody waits for, a shutdown half done, and types that there are not.
      for (const type of [2, 5, 8, 10, 11, 14, 15, 63, 64, 128, 129, 193, 255]) {
        for (let bytes = 0; bytes < 20; bytes++) yield [chunk(type, Buffer.alloc(bytes, bytes))];
      }
    }],
  },
  {
    name: "SACKs with 4,000 gap blocks, and of what was never sent",
    parts: [function* ({ serverTsn }) {
      const gaps = Array.from({ length: 4_000 }, () => [1, 0xffff] as const);
      for (let i = 0; i < 5; i++) yield [sackChunk(serverTsn, gaps)];
      // What fits into a packet that is not too large.
      for (let i = 0; i < 200; i++) yield [sackChunk(serverTsn, gaps.slice(0, 280))];
    }, function* ({ serverTsn }) {
      for (const ahead of [1, 1_000, 0x7fff_0000, 0x8000_0001]) {
        yield [sackChunk(serverTsn + ahead, [])];
      }
    }],
  },
  {
    name: "200 packets of 55 chunks of one byte, out of order or the same again",
    parts: [function* ({ nextTsn }) {
      const last = nextTsn + 200 * 55 * 2;
      yield* packetsOf(200, 55, (number) => dataChunk({ tsn: last - number * 2, streamId: 11 }));
    }, function* ({ nextTsn }) {
      yield* packetsOf(200, 55, () => dataChunk({ tsn: nextTsn - 1 }));
    }],
  },
  {
    name: "the beginnings of messages on 11,000 streams",
    parts: [function* ({ nextTsn }) {
      yield* packetsOf(
        200,
        55,
        (number) => dataChunk({ tsn: nextTsn + number, streamId: number, flags: BEGIN }),
      );
    }],
  },
  {
    name: "FORWARD-TSN far ahead and far behind",
    parts: [function* ({ nextTsn }) {
      const distances = [0x8000_0000, 0x9000_0000, 0xffff_0000, 1_000, 0x1000_0000, 0x7000_0000];
      for (const ahead of distances) {
        yield [forwardTsnChunk(nextTsn + ahead, [[1, 1], [0xffff, 0xffff]])];
        yield [dataChunk({ tsn: nextTsn + ahead + 2, flags: BEGIN })];
      }
      const streams = Array.from({ length: 250 }, (_, i) => [i * 250, 0xffff] as const);
      for (let i = 0; i < 200; i++) yield [forwardTsnChunk(nextTsn + 0x7000_0000 + i, streams)];
    }],
  },
  {
    name: "messages on streams that are not its own, and DATA_CHANNEL_OPEN with lying lengths",
    parts: [function* (association) {
      for (const streamId of [10, 13, 1_023, 1_024, 0x7fff, 0xfffe, 0xffff]) {
        for (const protocol of [0, DCEP, 51, 53, 56, 57, 0xffff_ffff]) {
          yield [association.message(streamId, "out of place", protocol)];
        }
      }
    }, function* (association) {
      const lies = [0, 1, 255, 0xffff];
      for (const streamId of [11, 12, 100]) {
        for (const labelBytes of lies) {
          for (const protocolBytes of lies) {
            const open = openMessage("#lie", { labelBytes, protocolBytes });
            for (const size of [undefined, 11, 1]) {
              yield [association.message(streamId, open.subarray(0, size), DCEP)];
            }
          }
        }
        for (let type = 0; type < 256; type++) {
          yield [association.message(streamId, Buffer.from([type]), DCEP)];
        }
      }
    }],
  },
  {
    name: "DATA_CHANNEL_OPEN on 65,535 streams",
    parts: [function* (association) {
      for (let streamId = 0; streamId < 0xffff; streamId += 30) {
        yield Array.from(
          { length: 30 },
          (_, at) => association.message(Math.min(streamId + at, 0xfffe), openMessage(""), DCEP),
        );
      }
    }],
  },
];

for (const { name, parts, dropped } of attacks) {
  test(`a member sends ${name}`, LIMIT, async () => {
    await shared.use(async (arena) => {
      const figures = await arena.survives(async () => {
        for (const packets of parts) {
          await using member = await join(arena, "hostile");
          await flood(member, packets(member.association!));
          if (dropped) await assertAlive(member);
        }
      });
      if (dropped) assert.ok(figures.dropped > 0, "what is dropped is counted");
      // Who comes next is served.
      await using newcomer = await join(arena, "newcomers");
      await assertAlive(newcomer);
    });
  });
}

test("a member floods the server with INITs", LIMIT, async () => {
  await shared.use(async (arena) => {
    const options = { channel_id: "hostile", audio: false, video: false };
    await arena.survives(async () => {
      await using before = await RawClient.connected(arena.url, options);
      await using after = await join(arena, "hostile");
      const association = before.prepare();
      for (let i = 0; i < 2_000; i++) {
        for (const member of [before, after]) {
          member.sendData(sctpPacket(0, [initChunk(i + 1, i * 7)]));
        }
        if (i % 20 === 0) await Promise.all([before.roundTrip(), after.roundTrip()]);
      }
      // Both have an association all the same.
      await association.open();
      await assertAlive(after);
    });
  });
});

/** The server ends the connection of a member after about as many; a row of `make stress` sends those of one after another. */
const fragments = Number(process.env["SORA_TEST_FRAGMENTS"] ?? 4_400);
const PER_PACKET = 55;
/** More than the server takes of one message. */
const MOST_FRAGMENTS = 60_500;
/** What one may take on a machine that is busy with others, with its share of the member's handshakes. */
const FRAGMENT_MS = 2;

test("members never finish messages of many fragments", {
  timeout: limitOfAttack(fragments * FRAGMENT_MS),
}, async () => {
  await shared.use(async (arena) => {
    await arena.survives(async () => {
      for (let left = fragments; left > 0;) {
        await using member = await join(arena, "hostile");
        const { nextTsn, streams } = member.association!;
        const streamId = streams.get("#chat")!;
        const packets = packetsOf(
          MOST_FRAGMENTS / PER_PACKET,
          PER_PACKET,
          (number) =>
            dataChunk({ tsn: nextTsn + number, streamId, flags: number === 0 ? BEGIN : 0 }),
        );
        left -= PER_PACKET * await flood(member, packets);
        // The server does not wait for the end of one.
        assert.ok(
          member.closed !== undefined,
          `${MOST_FRAGMENTS} fragments of one message are kept`,
        );
      }
    });
  });
});

/** Where TSNs wrap, and where they get another digit: sorted as text, they would swap. */
const boundaries = [0, 0x8000_0000, 1_000_000_000, 100_000, 10];

test("messages whose TSNs wrap and swap all come, in order", LIMIT, async () => {
  await shared.use(async (arena) => {
    await arena.survives(async () => {
      await using receiver = await join(arena, "wrapping");
      for (const boundary of boundaries) {
        receiver.association!.messages.length = 0;
        await using member = await join(arena, "wrapping", boundary - 20);
        const association = member.association!;
        const streamId = association.streams.get("#chat")!;
        const sent = Array.from({ length: 40 }, (_, i) => `${boundary} ${i}`);
        const chunks = sent.map((text) => association.message(streamId, text));
        // Each pair the other way round, so that two swap wherever the boundary is; the first half, in addition, after the second.
        for (
          const at of [20, 22, 24, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 26, 28, 30, 32, 34, 36, 38]
        ) {
          association.send(chunks[at + 1]!);
          association.send(chunks[at]!);
        }
        await association.acknowledges(association.nextTsn - 1);
        await eventually("all messages", () => texts(receiver).length === sent.length);
        assert.deepEqual(texts(receiver), sent);
      }
    });
  });
});

/** What a member got on `#chat`. */
function texts({ association }: RawClient): string[] {
  const streamId = association!.streams.get("#chat");
  return association!.messages.filter((message) => message.streamId === streamId)
    .map(({ data }) => data.toString());
}
