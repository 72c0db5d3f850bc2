/** The subscription to a track: one layer at a time, whose numbers go on. */

import { strict as assert } from "node:assert";
import { test } from "node:test";
import type { RequestRid } from "../../sfu/sdp/rids.ts";
import { parseHeader } from "../support/fake_transport.ts";
import {
  DESCRIPTOR,
  layersScene,
  pictureOf,
  R0,
  R1,
  R2,
  type Sent,
} from "../support/layers_scene.ts";

test("Subscription: sequence numbers and picture ids go on, for this subscription alone", () => {
  const { send, subscribe, report } = layersScene();
  const [switching, staying] = [subscribe("r1"), subscribe("r0")];
  // Both layers count the same time: at 1 s of the common clock they are at their first frame.
  report(R1, 0, R1.timestamp);
  report(R0, 0, R0.timestamp);
  send(R1, 0, { key: true });
  send(R0, 0, { key: true });
  report(R1, 0, R1.timestamp);
  report(R0, 0, R0.timestamp);
  send(R1, 2);
  send(R1, 1);
  switching.subscriber.request("r0");
  send(R1, 3);
  for (const number of [1, 2, 3]) send(R0, number);
  for (const number of [4, 5]) send(R0, number, { key: number === 4 });
  switching.subscriber.request("r1");
  send(R1, 10, { key: true });
  send(R0, 6);
  assert.deepEqual(switching.texts(), [
    "r1 0",
    "r1 2",
    "r1 1",
    "r1 3",
    "r0 4",
    "r0 5",
    "r1 10",
  ]);
  assert.deepEqual(switching.numbers(), [
    [1_000, 90_000],
    [1_002, 96_000],
    [1_001, 93_000],
    [1_003, 99_000],
    [1_004, 102_000],
    [1_005, 105_000],
    [1_006, 120_000],
  ]);
  assert.deepEqual(staying.numbers().map(([sequence]) => sequence), [
    65_534,
    65_535,
    0,
    1,
    2,
    3,
    4,
  ]);
  const pictures = switching.transport.packets.map(({ payload }) => pictureOf(payload));
  // Those of r1 are 32,766 to 32,769, and wrap. The key frame of r0 is behind all of both layers.
  assert.deepEqual(pictures.slice(0, 4), [32_766, 0, 32_767, 1]);
  const [, , , last, key, next, back] = pictures;
  assert.ok(key! > last! && next === key! + 1 && back! > next!, `${pictures}`);
});

test("Subscription: a layer that falls silent gives way to the next lower one, and gets back", () => {
  const { send, subscribe } = layersScene(["r0", "r1", "r2"]);
  const { subscriber, texts, switches } = subscribe("r2");
  for (const layer of [R2, R1, R0]) send(layer, 0, { key: true, atMs: 0 });
  send(R2, 1, { atMs: 33 });
  for (const layer of [R1, R0]) send(layer, 1, { atMs: 2_000 });
  subscriber.tick(performance.now());
  send(R1, 2, { key: true, atMs: 2_020 });
  assert.deepEqual(texts(), ["r2 0", "r2 1"], "silent for less than 2 s");
  for (const layer of [R1, R0]) send(layer, 3, { atMs: 2_040 });
  subscriber.tick(performance.now());
  send(R1, 4, { key: true, atMs: 2_060 });
  send(R1, 5, { atMs: 2_090 });
  send(R2, 2, { key: true, atMs: 2_100 });
  send(R1, 6, { atMs: 2_120 });
  send(R2, 3, { atMs: 2_130 });
  assert.deepEqual(texts(), ["r2 0", "r2 1", "r1 4", "r1 5", "r2 2", "r2 3"]);
  const expected = { senderId: "A", requested: "r2", trigger: "sender" };
  assert.deepEqual(switches, [
    { ...expected, current: "r1", previous: "r2" },
    { ...expected, current: "r2", previous: "r1" },
  ]);
});

test("Subscription: all layers may pause together, without a switch", () => {
  const { send, subscribe } = layersScene();
  const { subscriber, texts, switches } = subscribe("r1");
  for (const layer of [R1, R0]) send(layer, 0, { key: true, atMs: 0 });
  subscriber.tick(performance.now());
  for (const layer of [R0, R1]) send(layer, 1, { atMs: 60_000 });
  subscriber.tick(performance.now());
  for (const layer of [R0, R1]) send(layer, 2, { atMs: 120_000 });
  assert.deepEqual(texts(), ["r1 0", "r1 1", "r1 2"]);
  assert.deepEqual(switches, []);
});

const choices: [requested: RequestRid, there: Sent[], forwarded: string][] = [
  ["r1", [R0, R2], "r0"],
  ["r0", [R1, R2], "r1"],
  ["r2", [R0, R1], "r1"],
  ["r2", [R0], "r0"],
  ["r1", [R2], "r2"],
];
for (const [requested, there, forwarded] of choices) {
  const rids = there.map(({ rid }) => rid);
  test(`Subscription: of ${rids} it is ${forwarded} when ${requested} is requested`, () => {
    const { send, subscribe } = layersScene(["r0", "r1", "r2"]);
    for (const layer of there) send(layer, 0, { key: true });
    const { subscriber, texts } = subscribe(requested);
    for (const layer of there) send(layer, 1, { key: true, atMs: 510 });
    subscriber.tick(performance.now());
    for (const layer of there) send(layer, 2, { key: true, atMs: 533 });
    assert.equal(texts().at(-1), `${forwarded} 2`);
    assert.ok(texts().every((text) => text.startsWith(forwarded)), `${texts()}`);
  });
}

test("Subscription.limit: urgently, the layer above it ends at once, and nothing of it is sent again", () => {
  const { send, subscribe, track } = layersScene();
  const { transport, subscriber, texts } = subscribe("r1");
  send(R1, 0, { key: true });
  send(R0, 0);
  send(R1, 1);
  const [one] = subscriber.subscriptions;
  one!.limit("r0", true);
  send(R1, 2);
  send(R0, 2);
  assert.deepEqual(texts(), ["r1 0", "r1 1"], "not before a key frame");
  subscriber.onRtcp({ kind: "nack", ssrc: track.ssrc, sequenceNumbers: [1_000] });
  assert.equal(transport.packets.length, 2);
  send(R0, 3, { key: true });
  assert.deepEqual(texts(), ["r1 0", "r1 1", "r0 3"]);
  subscriber.onRtcp({ kind: "nack", ssrc: track.ssrc, sequenceNumbers: [1_001, 1_002] });
  assert.equal(transport.packets.length, 4, "what came since");
  one!.limit("r2", true);
  send(R0, 4);
  assert.deepEqual(texts().at(-1), "r0 4", "a larger layer is not urgent");
});

test("Subscription: packets of both layers are sent again under the numbers they had", () => {
  const { send, subscribe, track } = layersScene();
  const { transport, subscriber, texts } = subscribe("r1");
  send(R1, 0, { key: true });
  send(R0, 0);
  subscriber.request("r0");
  send(R0, 1, { key: true });
  subscriber.onRtcp({ kind: "nack", ssrc: track.ssrc, sequenceNumbers: [1_000, 1_001, 65_534] });
  assert.deepEqual(texts().slice(0, 2), ["r1 0", "r0 1"]);
  const again = transport.packets.slice(2);
  assert.deepEqual(
    again.map(({ header, payload }) => [
      parseHeader(header).ssrc === track.rtxSsrc,
      payload.readUInt16BE(0),
      payload.subarray(2 + DESCRIPTOR).toString(),
      parseHeader(header).timestamp,
    ]),
    [[true, 1_000, "r1 0", 90_000], [true, 1_001, "r0 1", 90_000 + 33 * 90]],
  );
});

test("Subscription: sender reports are those of the forwarded layer, in its new timestamps", () => {
  const { track, send, subscribe, report } = layersScene();
  const { transport, subscriber } = subscribe("r1");
  send(R1, 0, { key: true });
  send(R0, 0);
  report(R1, 0, 90_000);
  // A quarter of a second later.
  report(R0, 0x4000_0000, R0.timestamp + 1_500);
  subscriber.request("r0");
  assert.deepEqual(transport.of("senderReport").map(({ ntpLow }) => ntpLow), [0]);
  send(R0, 9, { key: true });
  const [r1, r0] = transport.of("senderReport");
  const expected = { kind: "senderReport", ssrc: track.ssrc, ntpHigh: 1 };
  assert.deepEqual(r1, { ...expected, ntpLow: 0, rtpTimestamp: 90_000 });
  assert.deepEqual(r0, { ...expected, ntpLow: 0x4000_0000, rtpTimestamp: 90_000 + 22_500 });
});

for (const rids of [[], ["r0", "r1"]] as const) {
  const what = rids.length > 0 ? "of two layers" : "without simulcast";
  test(`Subscription: ${what}, who joins soon after a key frame begins with it, and nobody is asked`, () => {
    const { send, subscribe, keyFrameRequests } = layersScene(rids);
    subscribe("r0");
    send(R0, 0, { key: true, atMs: 0 });
    for (const number of [1, 2, 4]) send(R0, number, { atMs: number });
    const asked = keyFrameRequests().length;
    const late = subscribe("r0");
    assert.deepEqual(late.texts(), ["r0 0", "r0 1", "r0 2", "r0 4"]);
    send(R0, 3, { atMs: 5 });
    send(R0, 5, { atMs: 6 });
    assert.deepEqual(late.texts().slice(4), ["r0 3", "r0 5"]);
    assert.deepEqual(late.numbers().map(([number]) => number), [65_534, 65_535, 0, 2, 1, 3]);
    assert.equal(keyFrameRequests().length, asked);
    assert.equal(late.subscriber.subscriptions[0]?.packets, 6);
  });

  test(`Subscription: ${what}, who joins later asks for a key frame`, () => {
    const { send, subscribe, keyFrameRequests } = layersScene(rids);
    subscribe("r0");
    send(R0, 0, { key: true, atMs: -400 });
    send(R0, 1, { atMs: -300 });
    const asked = keyFrameRequests().length;
    const late = subscribe("r0");
    assert.deepEqual(late.texts(), []);
    assert.equal(keyFrameRequests().length, asked + 1);
  });
}
