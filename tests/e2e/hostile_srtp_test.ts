/**
 * What a member, or somebody who has seen his packets, sends over SRTP to have packets forwarded again, or the stream end, or the
 * server stand still. The member does the handshakes of ICE and DTLS, and makes the packets by hand.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { after, test } from "node:test";
import { SharedArena } from "../support/hostile_arena.ts";
import { Mutator } from "../support/mutations.ts";
import { rtcp, Speaker, SSRC } from "../support/speaker.ts";

const shared = new SharedArena();
after(() => shared.close());

const LIMIT = { timeout: 60_000 } as const;

const SENDER_REPORT = 200;
const NACK = 205;
/** Bytes of the authentication tag. */
const TAG = 16;

const senderReport = rtcp(SENDER_REPORT, 0, [1, 2, 3, 4, 5]);

test("packets that are repeated are forwarded once", LIMIT, () =>
  shared.use(async (arena) => {
    await using speaker = await Speaker.join(arena.url, "replays", 65_400);
    const datagrams: Buffer[] = [];
    // Beyond the end of the sequence numbers, and longer than any window.
    for (let i = 0; i < 300; i++) {
      datagrams.push(speaker.datagram(++speaker.number, `number ${i}`));
    }
    await speaker.flood(datagrams);
    await speaker.isHeard("first");
    const { dropped } = await arena.survives(async () => {
      for (let round = 0; round < 5; round++) await speaker.flood(datagrams);
      await speaker.flood(Array<Buffer>(500).fill(datagrams.at(-1)!));
    });
    await speaker.isHeard("second");
    assert.ok(dropped >= 1_900, `${dropped} were dropped`);
    const heard = new Set(speaker.texts);
    assert.ok(heard.size > 250, `${heard.size} were heard`);
    for (let i = 0; i < 300; i++) assert.ok(speaker.heard(`number ${i}`) <= 1);
  }));

test(
  "packets with wrong tags, and mutated ones, are not forwarded",
  LIMIT,
  () =>
    shared.use(async (arena) => {
      await using speaker = await Speaker.join(arena.url, "tags");
      const said = () => speaker.datagram(speaker.number + 1, "forged");
      const sealed = said();
      const reports = speaker.srtp.rtcp(senderReport, 1);
      const mutator = new Mutator(61);
      const forged = [...Array(3_000)].map(() => mutator.bytes([sealed, reports]))
        .filter((datagram) => !datagram.equals(sealed) && !datagram.equals(reports));
      const bits = [...Array(TAG * 8)].map((_, bit) => {
        const datagram = Buffer.from(sealed);
        datagram[datagram.length - 1 - (bit >> 3)]! ^= 1 << (bit & 7);
        return datagram;
      });
      const cut = [...Array(sealed.length)].map((_, length) => sealed.subarray(0, length));
      const { dropped } = await arena.survives(() => speaker.flood([...bits, ...cut, ...forged]));
      assert.ok(dropped >= 2_000, `${dropped} were dropped`);
      assert.deepEqual(speaker.texts.filter((text) => text !== "hello"), []);
      await speaker.isHeard("still here");
    }),
);

test("rollover counters that jump do not end a stream", LIMIT, () =>
  shared.use(async (arena) => {
    await using speaker = await Speaker.join(arena.url, "rollovers", 65_500);
    const { dropped } = await arena.survives(async () => {
      const wrong = function* () {
        for (const jump of [1, 2, 0x7fff, 0xffff, 0xffff_ffff]) {
          for (let ahead = 1; ahead <= 40; ahead++) {
            const number = speaker.number + ahead;
            const rollovers = Math.floor(number / 0x1_0000) + jump;
            yield speaker.srtp.rtp(speaker.packet(number, "from another age"), rollovers);
          }
        }
      };
      await speaker.flood(wrong());
      await speaker.isHeard("before the end of the numbers");
      await speaker.passesEnd(1);
      await speaker.flood(wrong());
      // As far ahead as numbers can tell from far behind; the listener takes no such jump over their end.
      for (const jump of [1_000, 20_000, 30_000]) {
        speaker.number += jump;
        await speaker.isHeard(`number ${speaker.number}`);
      }
      await speaker.passesEnd(2);
    });
    assert.ok(dropped >= 300, `${dropped} were dropped`);
    assert.equal(speaker.heard("from another age"), 0);
  }));

test(
  "RTCP that is repeated, forged, or whose index jumps, does not end a stream",
  LIMIT,
  () =>
    shared.use(async (arena) => {
      await using speaker = await Speaker.join(arena.url, "reports");
      const { dropped } = await arena.survives(async () => {
        const reports = [...Array(300)].map((_, i) => speaker.srtp.rtcp(senderReport, i + 1));
        for (let round = 0; round < 3; round++) await speaker.flood(reports);
        const forged = reports.map((datagram, i) => {
          const copy = Buffer.from(datagram);
          copy[datagram.length - 1 - i % (TAG + 4)]! ^= 1 << i % 8;
          return copy;
        });
        await speaker.flood(forged);
        const indexes = [0x7fff_ffff, 0, 1, 0x3fff_ffff, 0x7fff_fffe, 0x7fff_ffff];
        await speaker.flood(indexes.map((index) => speaker.srtp.rtcp(senderReport, index)));
        await speaker.isHeard("still here");
      });
      assert.ok(dropped >= 800, `${dropped} were dropped`);
    }),
);

test(
  "authentic packets whose contents are mutated do no harm",
  LIMIT,
  () =>
    shared.use(async (arena) => {
      await using speaker = await Speaker.join(arena.url, "contents");
      const mutator = new Mutator(62);
      const extended = Buffer.concat([
        speaker.packet(0, "").fill(0x90, 0, 1),
        Buffer.from("bede00041031aaaaaa31123440612000cccccc00000000", "hex"),
        Buffer.from("payload"),
      ]);
      const twoBytes = Buffer.concat([
        speaker.packet(0, "").fill(0x90, 0, 1),
        Buffer.from("100000020302123404016100", "hex"),
        Buffer.from("payload"),
      ]);
      const compounds = [
        senderReport,
        rtcp(NACK, 1, [SSRC, 0x0001_ffff, 0xffff_ffff]),
        rtcp(NACK + 1, 1, [SSRC]),
        Buffer.concat([senderReport, rtcp(NACK + 1, 4, [0, SSRC, 0x0100_0000])]),
      ];
      const media = function* () {
        for (let i = 0; i < 2_000; i++) {
          const packet = mutator.bytes([extended, twoBytes, speaker.packet(0, "payload")]);
          if (packet.length < 12 || packet.length > 1_200) continue;
          packet[0] = (packet[0]! & 0x3f) | 0x80;
          packet.writeUInt16BE(++speaker.number & 0xffff, 2);
          packet.writeUInt32BE(SSRC, 8);
          yield speaker.srtp.rtp(packet, Math.floor(speaker.number / 0x1_0000));
        }
      };
      const reports = function* () {
        for (let i = 0; i < 2_000; i++) {
          const packet = mutator.bytes(compounds);
          if (packet.length < 8 || packet.length > 1_200) continue;
          packet[0] = (packet[0]! & 0x3f) | 0x80;
          packet[1] = mutator.pick([200, 201, 202, 203, 204, 205, 206, 207]);
          packet.writeUInt32BE(SSRC, 4);
          yield speaker.srtp.rtcp(packet, ++speaker.index);
        }
      };
      await arena.survives(async () => {
        await speaker.flood(media());
        await speaker.flood(reports());
      });
      await speaker.isHeard("still here");
    }),
);
