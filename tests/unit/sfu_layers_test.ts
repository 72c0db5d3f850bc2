/** The layers of a published track: each on its own, and one at a time for each subscription. */

import { strict as assert } from "node:assert";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { Publisher } from "../../sfu/media/publisher.ts";
import { Subscriber } from "../../sfu/media/subscriber.ts";
import type { LayerSwitch } from "../../sfu/media/subscription.ts";
import { CodecTable } from "../../sfu/sdp/codecs.ts";
import type { RequestRid, Rid } from "../../sfu/sdp/rids.ts";
import { FakeTransport, parseHeader, received } from "../support/fake_transport.ts";
import { reportBlocks } from "../support/rtcp.ts";

const vp8 = new CodecTable().video("VP8", "")!;

/** What the publisher sends: layers under rids, with their own numbers, which wrap. */
const R2 = { rid: "r2", ssrc: 102, rtxSsrc: 202, sequence: 30_000, timestamp: 500, picture: 77 };
const R1 = {
  rid: "r1",
  ssrc: 101,
  rtxSsrc: 201,
  sequence: 1_000,
  timestamp: 90_000,
  picture: 32_766,
};
const R0 = {
  rid: "r0",
  ssrc: 100,
  rtxSsrc: 200,
  sequence: 65_534,
  timestamp: 4_294_967_000,
  picture: 9,
};
type Sent = typeof R1;

interface PacketOptions {
  readonly rtx?: boolean;
  readonly key?: boolean;
  /** How long after the scene began it comes, in ms. */
  readonly atMs?: number;
}

/** Bytes of the payload descriptor and of the frame before the text. */
const DESCRIPTOR = 5;

/** A frame of one packet. */
function packet(layer: Sent, number: number, { rtx = false, key = false }: PacketOptions): Buffer {
  // One-byte extensions: transport-wide number, mid "v", rid or repaired rid.
  const header = Buffer.from(
    "906000000000000000000000bede00023100004076517230",
    "hex",
  );
  const sequence = (layer.sequence + number) & 0xffff;
  header[1] = rtx ? vp8.rtxPayloadType! : vp8.payloadType;
  header.writeUInt16BE(rtx ? number : sequence, 2);
  header.writeUInt32BE((layer.timestamp + number * 3_000) >>> 0, 4);
  header.writeUInt32BE(rtx ? layer.rtxSsrc : layer.ssrc, 8);
  if (rtx) header[21] = 0x61;
  header.write(layer.rid, 22);
  const original = Buffer.alloc(rtx ? 2 : 0);
  if (rtx) original.writeUInt16BE(sequence, 0);
  const descriptor = Buffer.from([0x90, 0x80, 0, 0, key ? 0 : 1]);
  descriptor.writeUInt16BE(0x8000 | ((layer.picture + number) & 0x7fff), 2);
  return Buffer.concat([header, original, descriptor, Buffer.from(`${layer.rid} ${number}`)]);
}

const pictureOf = (payload: Buffer) => payload.readUInt16BE(2) & 0x7fff;

function scene(rids: readonly Rid[] = ["r0", "r1"]) {
  const startMs = performance.now();
  const ingress = new FakeTransport();
  const publisher = new Publisher(ingress, "A");
  publisher.setSections([{
    kind: "video",
    mid: "v",
    rejected: false,
    direction: "sendonly",
    payloadTypes: [vp8.payloadType, vp8.rtxPayloadType!],
    streams: [],
    rids,
  }], () => vp8);
  const track = publisher.tracks[0]!;
  const send = (layer: Sent, number: number, options: PacketOptions = {}) => {
    const one = received(packet(layer, number, options));
    one.nowMs = startMs + (options.atMs ?? number * 33);
    publisher.onRtp(one);
  };
  const subscribe = (rid: RequestRid = "r2") => {
    const transport = new FakeTransport();
    const switches: LayerSwitch[] = [];
    const subscriber = new Subscriber(transport, {
      rid,
      onSwitched: (change) => switches.push(change),
    });
    subscriber.setPresent([track]);
    subscriber.setTracks([track]);
    subscriber.start();
    const texts = () =>
      transport.packets.map(({ payload }) => payload.subarray(DESCRIPTOR).toString());
    const numbers = () =>
      transport.packets.map(({ header, sequenceNumber }) => {
        const parsed = parseHeader(header);
        assert.equal(parsed.sequenceNumber, sequenceNumber, "encrypted under what the header says");
        return [sequenceNumber, parsed.timestamp];
      });
    return { transport, subscriber, switches, texts, numbers };
  };
  const report = (layer: Sent, ntpLow: number, rtpTimestamp: number) =>
    publisher.onRtcp({
      kind: "senderReport",
      ssrc: layer.ssrc,
      ntpHigh: 1,
      ntpLow,
      rtpTimestamp: rtpTimestamp >>> 0,
    });
  const keyFrameRequests = () => ingress.of("keyFrameRequest").flatMap(({ ssrcs }) => ssrcs);
  return { ingress, publisher, track, send, subscribe, report, keyFrameRequests };
}

test("PublishedTrack: without rids one layer takes packets of any rid", () => {
  const publisher = new Publisher(new FakeTransport(), "A");
  publisher.setSections([{
    kind: "audio",
    mid: "a",
    rejected: false,
    direction: "sendonly",
    payloadTypes: [111],
    streams: [{ ssrc: 1 }],
  }], () => new CodecTable().opus);
  const [track] = publisher.tracks;
  assert.equal(track!.layers.length, 1);
  assert.equal(track!.layerOf("r0"), track!.layers[0]);
  assert.equal(track!.layerOf(undefined), track!.layers[0]);
});

test("Subscriber: the requested layer is forwarded from its first key frame on, and no other", () => {
  const { send, subscribe, track } = scene();
  const [best, low] = [subscribe("r2"), subscribe("r0")];
  for (const number of [0, 1, 2]) {
    send(R1, number, { key: number === 0 });
    send(R0, number, { key: number === 1 });
  }
  assert.deepEqual(best.texts(), ["r1 0", "r1 1", "r1 2"]);
  assert.deepEqual(low.texts(), ["r0 1", "r0 2"]);
  for (const { transport } of [best, low]) {
    assert.ok(transport.packets.every(({ ssrc }) => ssrc === track.ssrc));
  }
  assert.deepEqual(track.layers.map(({ rid }) => rid), ["r1", "r0"], "the best first");
  assert.deepEqual(low.numbers(), [[65_535, 2_704], [0, 5_704]]);
  assert.deepEqual([...best.switches, ...low.switches], [], "the first layer is no switch");
});

test("Publisher: packets of a rid that nobody offered are counted, and nobody gets them", () => {
  const { publisher, send, subscribe } = scene();
  const { texts } = subscribe();
  send({ ...R1, rid: "r9" }, 0, { key: true });
  assert.equal(publisher.unknownPackets, 1);
  assert.deepEqual(texts(), []);
});

test("Publisher: each layer has its own reports, NACKs and key frame requests", () => {
  const { ingress, publisher, send, subscribe, keyFrameRequests } = scene();
  for (const layer of [R1, R0]) send(layer, 0);
  send(R1, 3);
  send(R0, 1);
  assert.deepEqual(ingress.of("nack"), [{
    kind: "nack",
    ssrc: R1.ssrc,
    sequenceNumbers: [1_001, 1_002],
  }]);
  const { subscriber } = subscribe();
  subscriber.request("r0");
  assert.deepEqual(keyFrameRequests(), [R1.ssrc, R0.ssrc], "by the start, and by the request");
  publisher.tick(performance.now() + 100);
  // Of four packets of one layer two are missing, of two of the other none.
  assert.deepEqual(
    reportBlocks(ingress.rtcpPackets).map(({ ssrc, cumulativeLost }) => [ssrc, cumulativeLost]),
    [[R1.ssrc, 2], [R0.ssrc, 0]],
  );
});

test("Publisher: a retransmission is one of the layer whose repaired rid it carries", () => {
  const { send, subscribe } = scene();
  const [best, low] = [subscribe("r2"), subscribe("r0")];
  for (const layer of [R1, R0]) {
    send(layer, 0, { key: true });
    send(layer, 2);
  }
  send(R0, 1, { rtx: true });
  assert.deepEqual(best.texts(), ["r1 0", "r1 2"]);
  assert.deepEqual(low.texts(), ["r0 0", "r0 2", "r0 1"]);
  const [first, ...others] = low.transport.packets.map(({ payload }) => pictureOf(payload));
  assert.deepEqual(others.map((picture) => (picture - first!) & 0x7fff), [2, 1]);
});

test("Subscriber.request: the old layer goes on until a key frame of the new one comes, which is asked for again", () => {
  const { send, subscribe, keyFrameRequests } = scene();
  const { subscriber, texts } = subscribe("r1");
  send(R1, 0, { key: true });
  send(R0, 0, { key: true });
  subscriber.request("r0");
  for (const number of [1, 2]) {
    send(R1, number);
    send(R0, number);
  }
  assert.deepEqual(texts(), ["r1 0", "r1 1", "r1 2"]);
  assert.deepEqual(keyFrameRequests(), [R0.ssrc]);
  const nowMs = performance.now();
  subscriber.tick(nowMs + 200);
  assert.deepEqual(keyFrameRequests(), [R0.ssrc], "not every 100 ms");
  send(R0, 3, { key: true });
  send(R1, 3);
  send(R0, 4);
  assert.deepEqual(texts(), ["r1 0", "r1 1", "r1 2", "r0 3", "r0 4"]);
});

test("Subscription: sequence numbers and picture ids go on, for this subscription alone", () => {
  const { send, subscribe, report } = scene();
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
  const { send, subscribe } = scene(["r0", "r1", "r2"]);
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
  const { send, subscribe } = scene();
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
    const { send, subscribe } = scene(["r0", "r1", "r2"]);
    for (const layer of there) send(layer, 0, { key: true });
    const { subscriber, texts } = subscribe(requested);
    for (const layer of there) send(layer, 1, { key: true, atMs: 510 });
    subscriber.tick(performance.now());
    for (const layer of there) send(layer, 2, { key: true, atMs: 533 });
    assert.equal(texts().at(-1), `${forwarded} 2`);
    assert.ok(texts().every((text) => text.startsWith(forwarded)), `${texts()}`);
  });
}

test("Subscriber.request: none stops the video, and another rid starts it again without a gap", () => {
  const { send, subscribe } = scene();
  const { subscriber, texts, numbers, switches } = subscribe("r1");
  send(R1, 0, { key: true });
  send(R0, 0, { key: true });
  send(R1, 1);
  assert.equal(subscriber.request("none"), true);
  send(R1, 2);
  send(R0, 2);
  subscriber.tick(performance.now() + 1_000);
  send(R1, 3, { key: true });
  assert.equal(subscriber.request("r0", "A"), true);
  send(R0, 30, { key: true });
  assert.deepEqual(texts(), ["r1 0", "r1 1", "r0 30"]);
  // By arrival, as there are no sender reports: 29 frames of 33 ms later.
  assert.deepEqual(numbers(), [[1_000, 90_000], [1_001, 93_000], [1_002, 93_000 + 29 * 33 * 90]]);
  const expected = { senderId: "A", trigger: "receiver" };
  assert.deepEqual(switches, [
    { ...expected, requested: "none", current: "none", previous: "r1" },
    { ...expected, requested: "r0", current: "r0", previous: "none" },
  ]);
});

test("Subscriber.request: a video of one layer stops with none, too, and goes on", () => {
  const { send, subscribe } = scene([]);
  const { subscriber, texts, numbers } = subscribe("r0");
  send(R1, 0);
  subscriber.request("none");
  send(R1, 1);
  subscriber.request("r2");
  send(R1, 2);
  send(R1, 3);
  assert.deepEqual(texts(), ["r1 0", "r1 2", "r1 3"]);
  assert.deepEqual(numbers().map(([sequence]) => sequence), [1_000, 1_001, 1_002]);
});

test("Subscriber.request: a sender that is not there, or sends no video, has no layer", () => {
  const { subscribe } = scene();
  const { subscriber } = subscribe("r1");
  assert.equal(subscriber.request("r0", "B"), false);
  assert.equal(subscriber.request("r0", "A"), true);
  subscriber.setPresent([]);
  assert.equal(subscriber.request("r0", "A"), false);
});

test("Subscriber.limit: the ceiling holds, whatever is requested, until it is lifted", () => {
  const { send, subscribe } = scene(["r0", "r1", "r2"]);
  const all = [R2, R1, R0];
  const { subscriber, texts } = subscribe("r2");
  for (const layer of all) send(layer, 0, { key: true });
  for (const layer of all) send(layer, 1, { key: true });
  for (const one of subscriber.subscriptions) one.limit("r0");
  for (const layer of all) send(layer, 2, { key: true });
  subscriber.request("r1");
  for (const layer of all) send(layer, 3, { key: true });
  for (const one of subscriber.subscriptions) one.limit("r2");
  for (const layer of all) send(layer, 4, { key: true });
  assert.deepEqual(texts(), ["r2 0", "r2 1", "r2 2", "r0 2", "r0 3", "r1 4"]);
});

test("Subscription.limit: urgently, the layer above it ends at once, and nothing of it is sent again", () => {
  const { send, subscribe, track } = scene();
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
  const { send, subscribe, track } = scene();
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
  const { track, send, subscribe, report } = scene();
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
