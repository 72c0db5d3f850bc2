/** What is kept of packets that went out, so that they can be sent again. */

import { Buffer } from "node:buffer";
import { strict as assert } from "node:assert";
import { test } from "node:test";
import type { RtpPacket } from "../../sfu/rtp/packet.ts";
import { PacketHistory } from "../../sfu/rtp/packet_history.ts";
import { RepeatLimit } from "../../sfu/rtp/repeat_limit.ts";
import { SentNumbers } from "../../sfu/rtp/sent_numbers.ts";
import { parseHeader } from "../support/fake_transport.ts";

/** A packet with a number in its payload. */
function numbered(number: number, size = 4): RtpPacket {
  const data = Buffer.alloc(12 + size);
  data[0] = 0x80;
  data.writeUInt16BE(number & 0xffff, 2);
  data.writeUInt32BE(number, 12);
  return parseHeader(data);
}

/** The number in the payload of a packet that a history has. */
function numberIn(history: PacketHistory, sequenceNumber: number): number | undefined {
  const found = history.find(sequenceNumber);
  return found &&
    Buffer.from(found.bytes.buffer, found.offset + found.headerLength).readUInt32BE(0);
}

test("PacketHistory keeps the latest 1,024 packets", () => {
  const history = new PacketHistory();
  for (let number = 65_000; number < 67_000; number++) history.put(numbered(number));
  for (const number of [66_999, 66_000, 65_976]) {
    assert.equal(numberIn(history, number & 0xffff), number);
  }
  assert.equal(numberIn(history, 65_975 & 0xffff), undefined);
  assert.equal(numberIn(history, 5_000), undefined);
});

test("PacketHistory keeps as many bytes as it has room for, each packet whole", () => {
  const history = new PacketHistory();
  const size = (number: number) => 1000 + number * 7 % 1000;
  for (let number = 0; number < 3000; number++) history.put(numbered(number, size(number)));
  let kept = 0;
  for (let number = 0; number < 3000; number++) {
    if (numberIn(history, number) === undefined) continue;
    kept++;
    assert.equal(numberIn(history, number), number);
    assert.equal(history.find(number)!.size, 12 + size(number));
  }
  assert.ok(kept > 800 && kept < 1024, `${kept}`);
  assert.equal(numberIn(history, 2999), 2999);
});

test("RepeatLimit gives a packet ten times, not more often than each 10 ms", () => {
  const limit = new RepeatLimit();
  assert.equal(limit.take(1, 0), true);
  assert.equal(limit.take(1, 9), false);
  assert.equal(limit.take(2, 9), true);
  let times = 1;
  for (let i = 1; i < 100; i++) if (limit.take(1, i * 10)) times++;
  assert.equal(times, 10);
});

test("RepeatLimit remembers 1,024 packets", () => {
  const limit = new RepeatLimit();
  for (let index = 0; index < 1025; index++) assert.equal(limit.take(index, 0), true);
  assert.equal(limit.take(1024, 0), false);
  assert.equal(limit.take(1, 0), false);
  assert.equal(limit.take(0, 0), true, "the oldest was forgotten");
});

test("SentNumbers takes each number once, over the wrap, and none that is too old", () => {
  const numbers = new SentNumbers();
  const taken = (list: number[]) => list.filter((number) => numbers.take(number));
  assert.deepEqual(taken([65_533, 65_535, 65_534, 1, 0, 2]), [65_533, 65_535, 65_534, 1, 0, 2]);
  assert.deepEqual(taken([65_533, 65_535, 65_534, 1, 0, 2]), []);
  assert.equal(numbers.find(65_535), 65_535);
  assert.equal(numbers.find(2), 65_538);
  assert.equal(numbers.find(3), -1);
  assert.deepEqual(taken([2 + 1023, 2, 3, 1, 4]), [1025, 3, 4]);
  assert.deepEqual(taken([5000, 3976, 3977, 6000, 5000]), [5000, 3977, 6000]);
  assert.equal(numbers.find(3977), -1, "older than 1,024 numbers");
  assert.deepEqual(taken([40_000]), [], "what is far away counts as old");
  const fresh = new SentNumbers();
  assert.equal(fresh.take(10), true);
  assert.equal(fresh.take(65_000), false, "before the first rollover there is none");
});
