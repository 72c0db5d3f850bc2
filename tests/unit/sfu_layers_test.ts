/** The layers of a published track: each on its own, and which of them a subscriber requests. */

import { strict as assert } from "node:assert";
import { test } from "node:test";
import { Publisher } from "../../sfu/media/publisher.ts";
import { CodecTable } from "../../sfu/sdp/codecs.ts";
import { FakeTransport } from "../support/fake_transport.ts";
import { layersScene, pictureOf, R0, R1, R2 } from "../support/layers_scene.ts";
import { reportBlocks } from "../support/rtcp.ts";

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
  const { send, subscribe, track } = layersScene();
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
  const { publisher, send, subscribe } = layersScene();
  const { texts } = subscribe();
  send({ ...R1, rid: "r9" }, 0, { key: true });
  assert.equal(publisher.unknownPackets, 1);
  assert.deepEqual(texts(), []);
});

test("Publisher: each layer has its own reports, NACKs and key frame requests", () => {
  const { ingress, publisher, send, subscribe, keyFrameRequests } = layersScene();
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
  const { send, subscribe } = layersScene();
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
  const { send, subscribe, keyFrameRequests } = layersScene();
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

test("Subscriber.request: none stops the video, and another rid starts it again without a gap", () => {
  const { send, subscribe } = layersScene();
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
  const { send, subscribe } = layersScene([]);
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
  const { subscribe } = layersScene();
  const { subscriber } = subscribe("r1");
  assert.equal(subscriber.request("r0", "B"), false);
  assert.equal(subscriber.request("r0", "A"), true);
  subscriber.setPresent([]);
  assert.equal(subscriber.request("r0", "A"), false);
});

test("Subscriber.limit: the ceiling holds, whatever is requested, until it is lifted", () => {
  const { send, subscribe } = layersScene(["r0", "r1", "r2"]);
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
