/** What a member of a spotlight is sent of the others: audio of those in focus, and the layer that the focus says. */

import { strict as assert } from "node:assert";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import fc from "fast-check";
import { Publisher } from "../../sfu/media/publisher.ts";
import { Subscriber } from "../../sfu/media/subscriber.ts";
import { CodecTable } from "../../sfu/sdp/codecs.ts";
import { SpotlightRids } from "../../sfu/spotlight/rids.ts";
import { FakeTransport, parseHeader, received } from "../support/fake_transport.ts";

const { opus } = new CodecTable();
const SSRC = 7;
/** A frame of 20 ms without data (RFC 6716, 3.1): hybrid, fullband, one channel, one frame. */
const SILENT = 0b01111_0_00;

/** A packet of Opus of 20 ms. */
function audio(number: number): Buffer {
  const packet = Buffer.alloc(13);
  packet[0] = 0x80;
  packet[1] = opus.payloadType;
  packet.writeUInt16BE((65_530 + number) & 0xffff, 2);
  packet.writeUInt32BE(number * 960, 4);
  packet.writeUInt32BE(SSRC, 8);
  packet[12] = number & 0xff;
  return packet;
}

/** A publisher of audio, and a receiver who hears it or not. */
function scene() {
  const publisher = new Publisher(new FakeTransport(), "A");
  publisher.setSections([{
    kind: "audio",
    mid: "a",
    rejected: false,
    direction: "sendonly",
    payloadTypes: [opus.payloadType],
    streams: [{ ssrc: SSRC }],
  }], () => opus);
  const transport = new FakeTransport();
  const switched: unknown[] = [];
  const startMs = performance.now();
  let focused = false;
  const subscriber = new Subscriber(transport, {
    rid: "r0",
    onSwitched: (change) => switched.push(change),
    focus: { hears: (senderId) => senderId === "A" && focused, rid: () => "r0" },
  });
  subscriber.setPresent(publisher.tracks);
  subscriber.setTracks(publisher.tracks);
  subscriber.start();
  return {
    switched,
    publish: (from: number, to: number) => {
      for (let number = from; number < to; number++) {
        const packet = received(audio(number));
        packet.arrivedMs = packet.nowMs = startMs + number * 20;
        publisher.onRtp(packet);
      }
    },
    focus: (is: boolean) => {
      focused = is;
      subscriber.applyFocus();
    },
    /** What was sent: the number of the packet, its sequence number, timestamp and marker. */
    take: () =>
      transport.packets.splice(0).map(({ header, payload, sequenceNumber }) => ({
        number: payload[0],
        sequenceNumber,
        timestamp: parseHeader(header).timestamp,
        marker: (header[1]! & 0x80) !== 0,
      })),
  };
}

test("Subscriber: audio out of focus is not sent, and goes on in focus without a gap in the numbers", () => {
  const { publish, focus, take, switched } = scene();
  publish(0, 10);
  assert.deepEqual(take(), []);
  focus(true);
  publish(10, 12);
  assert.deepEqual(take(), [
    { number: 10, sequenceNumber: 4, timestamp: 9_600, marker: false },
    { number: 11, sequenceNumber: 5, timestamp: 10_560, marker: false },
  ]);
  focus(false);
  publish(12, 200);
  // An empty frame, for a decoder not to miss any.
  assert.deepEqual(take(), [
    { number: SILENT, sequenceNumber: 6, timestamp: 11_520, marker: false },
  ]);
  focus(false);
  assert.deepEqual(take(), []);
  focus(true);
  publish(200, 202);
  // No packet is missing, and the silence is as long as it was.
  assert.deepEqual(take(), [
    { number: 200, sequenceNumber: 7, timestamp: 192_000, marker: true },
    { number: 201, sequenceNumber: 8, timestamp: 192_960, marker: false },
  ]);
  assert.deepEqual(switched, [], "audio has no layers");
});

test("Subscriber: what was sent out of focus and comes late is not sent in focus", () => {
  const { publish, focus, take } = scene();
  focus(true);
  publish(0, 2);
  focus(false);
  publish(2, 8);
  publish(9, 10);
  focus(true);
  publish(10, 11);
  publish(8, 9);
  publish(11, 12);
  assert.deepEqual(take().map(({ number, sequenceNumber }) => [number, sequenceNumber]), [
    [0, 65_530],
    [1, 65_531],
    [SILENT, 65_532],
    [10, 65_533],
    [11, 65_534],
  ]);
});

test("Subscriber: a focus that ends before a packet came begins with the sender's own numbers later", () => {
  const { publish, focus, take } = scene();
  focus(true);
  focus(false);
  publish(0, 5);
  focus(true);
  publish(5, 6);
  assert.deepEqual(take(), [
    { number: 5, sequenceNumber: 65_535, timestamp: 4_800, marker: false },
  ]);
});

test("Subscriber: whatever the focus and the path do, numbers are used once and timestamps grow with them", () => {
  const step = fc.oneof(
    fc.record({ focused: fc.boolean() }),
    fc.record({ packets: fc.integer({ min: 1, max: 60 }), swaps: fc.boolean() }),
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    const { publish, focus, take } = scene();
    let number = 0;
    let pauses = 0;
    for (const one of steps) {
      if ("focused" in one) {
        focus(one.focused);
        if (!one.focused) pauses++;
        continue;
      }
      const end = number + one.packets * 2;
      for (; number < end; number += 2) {
        // Each two in turn, or the second one first.
        publish(number + (one.swaps ? 1 : 0), number + (one.swaps ? 2 : 1));
        publish(number + (one.swaps ? 0 : 1), number + (one.swaps ? 1 : 2));
      }
    }
    const sent = take();
    if (sent.length === 0) return;
    const first = sent[0]!.sequenceNumber;
    const byIndex = new Map(sent.map((one) => {
      const index = ((one.sequenceNumber - first) << 16) >> 16;
      return [index, one.timestamp] as const;
    }));
    assert.equal(byIndex.size, sent.length, "a number was used twice");
    const indices = [...byIndex.keys()].sort((a, b) => a - b);
    const holes = indices.at(-1)! - indices[0]! + 1 - indices.length;
    // Of two that were swapped, the first one may have come after the focus was gone.
    assert.ok(holes <= pauses, `${holes} numbers were left out in ${pauses} pauses`);
    const timestamps = indices.map((index) => byIndex.get(index)!);
    assert.ok(timestamps.every((one, i) => i === 0 || one > timestamps[i - 1]!), `${timestamps}`);
  }));
});

test("SpotlightRids: those of one sender before those of all before those of connect", () => {
  const rids = new SpotlightRids({ focus: "r1", unfocus: "r0" });
  const of = (senderId: string) => [rids.of(senderId, true), rids.of(senderId, false)];
  assert.deepEqual(of("a"), ["r1", "r0"]);
  rids.request({ focus: "r2", unfocus: "none" }, "a");
  assert.deepEqual([of("a"), of("b")], [["r2", "none"], ["r1", "r0"]]);
  rids.request({ focus: "r0", unfocus: "r0" });
  assert.deepEqual([of("a"), of("b")], [["r0", "r0"], ["r0", "r0"]]);
  rids.request({ focus: "r2", unfocus: "r2" }, "b");
  rids.reset("a");
  assert.deepEqual([of("a"), of("b")], [["r0", "r0"], ["r2", "r2"]]);
  rids.reset();
  assert.deepEqual([of("a"), of("b")], [["r1", "r0"], ["r1", "r0"]]);
  rids.request({ focus: "r2", unfocus: "r2" }, "b");
  rids.retain((senderId) => senderId !== "b");
  assert.deepEqual(of("b"), ["r1", "r0"], "a sender who left");
});
