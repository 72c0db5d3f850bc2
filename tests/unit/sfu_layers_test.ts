/** The layers of a published track: each on its own, and one at a time for each subscription. */

import { strict as assert } from "node:assert";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { Publisher } from "../../sfu/media/publisher.ts";
import { Subscriber } from "../../sfu/media/subscriber.ts";
import { CodecTable } from "../../sfu/sdp/codecs.ts";
import { FakeTransport, parseHeader, received } from "../support/fake_transport.ts";
import { reportBlocks } from "../support/rtcp.ts";

const vp8 = new CodecTable().video("VP8", "")!;

/** What the publisher sends: two layers under two rids, with their own numbers. */
const R1 = { rid: "r1", ssrc: 101, rtxSsrc: 201, sequence: 1_000, timestamp: 90_000 };
const R0 = { rid: "r0", ssrc: 100, rtxSsrc: 200, sequence: 65_534, timestamp: 4_294_967_000 };
type Sent = typeof R1;

function packet(layer: Sent, number: number, options: { rtx?: boolean } = {}): Buffer {
  // One-byte extensions: transport-wide number, mid "v", rid or repaired rid.
  const header = Buffer.from(
    "906000000000000000000000bede0002310000407651 7230".replace(" ", ""),
    "hex",
  );
  const sequence = (layer.sequence + number) & 0xffff;
  header[1] = options.rtx === true ? vp8.rtxPayloadType! : vp8.payloadType;
  header.writeUInt16BE(options.rtx === true ? number : sequence, 2);
  header.writeUInt32BE((layer.timestamp + number * 3_000) >>> 0, 4);
  header.writeUInt32BE(options.rtx === true ? layer.rtxSsrc : layer.ssrc, 8);
  if (options.rtx === true) header[21] = 0x61;
  header.write(layer.rid, 22);
  const original = Buffer.alloc(options.rtx === true ? 2 : 0);
  if (options.rtx === true) original.writeUInt16BE(sequence, 0);
  return Buffer.concat([header, original, Buffer.from(`${layer.rid} ${number}`)]);
}

function scene() {
  const ingress = new FakeTransport();
  const publisher = new Publisher(ingress, "A");
  publisher.setSections([{
    kind: "video",
    mid: "v",
    rejected: false,
    direction: "sendonly",
    payloadTypes: [vp8.payloadType, vp8.rtxPayloadType!],
    streams: [],
    rids: ["r1", "r0"],
  }], () => vp8);
  const track = publisher.tracks[0]!;
  const [r1, r0] = track.layers as [typeof track.layers[0], typeof track.layers[0]];
  const send = (layer: Sent, number: number, options = {}) => {
    publisher.onRtp(received(packet(layer, number, options)));
  };
  const subscribe = () => {
    const transport = new FakeTransport();
    const subscriber = new Subscriber(transport);
    subscriber.setPresent([track]);
    subscriber.setTracks([track]);
    subscriber.start();
    const texts = () => transport.packets.map(({ payload }) => payload.toString());
    return { transport, subscriber, texts };
  };
  return { ingress, publisher, track, r1, r0, send, subscribe };
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

test("Subscription: the best layer is forwarded unless another is chosen, and no other", () => {
  const { r1, r0, send, subscribe, track } = scene();
  const [best, low] = [subscribe(), subscribe()];
  low.subscriber.choose(r0);
  for (const number of [0, 1]) {
    send(R1, number);
    send(R0, number);
  }
  assert.deepEqual(best.texts(), ["r1 0", "r1 1"]);
  assert.deepEqual(low.texts(), ["r0 0", "r0 1"]);
  for (const { transport } of [best, low]) {
    assert.ok(transport.packets.every(({ ssrc }) => ssrc === track.ssrc));
  }
  assert.deepEqual([r1.rid, r0.rid], ["r1", "r0"]);
  assert.deepEqual(low.transport.packets.map(({ sequenceNumber }) => sequenceNumber), [
    65_534,
    65_535,
  ]);
});

test("Publisher: packets of a rid that nobody offered are counted, and nobody gets them", () => {
  const { publisher, send, subscribe } = scene();
  const { texts } = subscribe();
  send({ ...R1, rid: "r9" }, 0);
  assert.equal(publisher.unknownPackets, 1);
  assert.deepEqual(texts(), []);
});

test("Publisher: each layer has its own reports, NACKs and key frame requests", () => {
  const { ingress, publisher, r0, send, subscribe } = scene();
  for (const layer of [R1, R0]) send(layer, 0);
  send(R1, 3);
  send(R0, 1);
  assert.deepEqual(ingress.of("nack"), [{
    kind: "nack",
    ssrc: R1.ssrc,
    sequenceNumbers: [1_001, 1_002],
  }]);
  const { subscriber } = subscribe();
  subscriber.choose(r0);
  const asked = ingress.of("keyFrameRequest").flatMap(({ ssrcs }) => ssrcs);
  assert.deepEqual(asked, [R1.ssrc, R0.ssrc], "by the subscription, and by its choice");
  publisher.tick(performance.now() + 100);
  // Of four packets of one layer two are missing, of two of the other none.
  assert.deepEqual(
    reportBlocks(ingress.rtcpPackets).map(({ ssrc, cumulativeLost }) => [ssrc, cumulativeLost]),
    [[R1.ssrc, 2], [R0.ssrc, 0]],
  );
});

test("Publisher: a retransmission is one of the layer whose repaired rid it carries", () => {
  const { r0, send, subscribe } = scene();
  const [best, low] = [subscribe(), subscribe()];
  low.subscriber.choose(r0);
  for (const layer of [R1, R0]) {
    send(layer, 0);
    send(layer, 2);
  }
  send(R0, 1, { rtx: true });
  assert.deepEqual(best.texts(), ["r1 0", "r1 2"]);
  assert.deepEqual(low.texts(), ["r0 0", "r0 2", "r0 1"]);
});

test("Subscription.choose: numbers and timestamps go on, for this subscription alone", () => {
  const { r1, r0, send, subscribe } = scene();
  const [switching, staying] = [subscribe(), subscribe()];
  staying.subscriber.choose(r0);
  send(R1, 0);
  send(R1, 2);
  send(R1, 1);
  switching.subscriber.choose(r0);
  send(R1, 3);
  for (const number of [0, 1, 2]) send(R0, number);
  switching.subscriber.choose(r1);
  send(R1, 10);
  assert.deepEqual(switching.texts(), ["r1 0", "r1 2", "r1 1", "r0 0", "r0 1", "r0 2", "r1 10"]);
  const numbers = ({ transport }: typeof switching) =>
    transport.packets.map(({ header, sequenceNumber }) => {
      const parsed = parseHeader(header);
      assert.equal(parsed.sequenceNumber, sequenceNumber, "encrypted under what the header says");
      return [sequenceNumber, parsed.timestamp];
    });
  assert.deepEqual(numbers(switching), [
    [1_000, 90_000],
    [1_002, 96_000],
    [1_001, 93_000],
    [1_003, 99_000],
    [1_004, 102_000],
    [1_005, 105_000],
    [1_006, 108_000],
  ]);
  assert.deepEqual(numbers(staying), [[65_534, 4_294_967_000], [65_535, 2_704], [0, 5_704]]);
});

test("Subscription.choose: packets of both layers are sent again under the numbers they had", () => {
  const { r0, send, subscribe, track } = scene();
  const { transport, subscriber, texts } = subscribe();
  send(R1, 0);
  subscriber.choose(r0);
  send(R0, 0);
  subscriber.onRtcp({ kind: "nack", ssrc: track.ssrc, sequenceNumbers: [1_000, 1_001, 65_534] });
  assert.deepEqual(texts().slice(0, 2), ["r1 0", "r0 0"]);
  const again = transport.packets.slice(2);
  assert.deepEqual(
    again.map(({ header, payload }) => [
      parseHeader(header).ssrc === track.rtxSsrc,
      payload.readUInt16BE(0),
      payload.subarray(2).toString(),
      parseHeader(header).timestamp,
    ]),
    [[true, 1_000, "r1 0", 90_000], [true, 1_001, "r0 0", 93_000]],
  );
});

test("Subscription.choose: sender reports are those of the chosen layer, in its new timestamps", () => {
  const { publisher, track, r0, send, subscribe } = scene();
  const { transport, subscriber } = subscribe();
  const report = (layer: Sent, rtpTimestamp: number) =>
    publisher.onRtcp({
      kind: "senderReport",
      ssrc: layer.ssrc,
      ntpHigh: 1,
      ntpLow: layer.ssrc,
      rtpTimestamp,
    });
  send(R1, 0);
  send(R0, 0);
  report(R1, 90_500);
  report(R0, 4_294_967_100);
  subscriber.choose(r0);
  assert.deepEqual(transport.of("senderReport").map(({ ntpLow }) => ntpLow), [R1.ssrc]);
  send(R0, 1);
  // The packet of timestamp 2,704 became 93,000, and the report is of 2,900 before it.
  assert.deepEqual(transport.of("senderReport"), [
    { kind: "senderReport", ssrc: track.ssrc, ntpHigh: 1, ntpLow: R1.ssrc, rtpTimestamp: 90_500 },
    { kind: "senderReport", ssrc: track.ssrc, ntpHigh: 1, ntpLow: R0.ssrc, rtpTimestamp: 90_100 },
  ]);
});
