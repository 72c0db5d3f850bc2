/** Messages of data channels on the wire: compression, limits, order. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRawSync, deflateSync, gzipSync, inflateSync } from "node:zlib";
import { Channels, DEFAULT_CHANNEL_LIMITS } from "../../signaling/connection/framing.ts";
import {
  BUILT_IN_LABELS,
  connectionNotify,
  dataChannelOffer,
  Scene,
} from "../support/signaling_scene.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);
const json = (value: object) => utf8(JSON.stringify(value));

/** An offer whose channels are all compressed. */
const compressed = (labels: readonly string[]) => ({
  data_channels: labels.map((label) => ({ label, direction: "sendrecv", compress: true })),
});

test("compressed labels are inflated and deflated with zlib, others left alone", async () => {
  const scene = new Scene();
  await scene.switched(false, [], compressed(BUILT_IN_LABELS));
  const push = { type: "push", data: "x".repeat(1000) };
  await scene.peer.receiveData("push", deflateSync(json(push)));
  assert.deepEqual(scene.of("onPush")[0]![1], push);
  await scene.peer.receiveData("signaling", deflateSync(json({ type: "re-offer", sdp: "new" })));
  const sent = inflateSync(scene.peer.sentData.at(-1)!.data);
  assert.deepEqual(JSON.parse(sent.toString()), { type: "re-answer", sdp: "answer 2" });
});

test("compressed messages that are broken or bombs are dropped and counted", async () => {
  const scene = new Scene();
  await scene.switched(false, [], compressed([...BUILT_IN_LABELS, "#chat"]));
  const push = json({ type: "push", data: "x" });
  const whole = deflateSync(push);
  const bomb = deflateSync(new Uint8Array(64 * 1024 * 1024));
  assert.ok(bomb.byteLength < 70_000);
  const broken = [
    push,
    new Uint8Array(0),
    whole.subarray(0, whole.length - 6),
    deflateRawSync(push),
    gzipSync(push),
    bomb,
    deflateSync(Uint8Array.of(0xff, 0xfe, 0x80)),
  ];
  scene.events.length = 0;
  for (const data of broken) await scene.peer.receiveData("push", data);
  await scene.peer.receiveData("#chat", bomb);
  assert.equal(scene.session.counters.invalidMessages, broken.length + 1);
  assert.deepEqual(scene.events, []);
  await scene.peer.receiveData("push", whole);
  assert.equal(scene.of("onPush").length, 1);
});

test("messages that are longer than the limit are dropped and counted", async () => {
  const scene = new Scene({}, { maxSignalingBytes: 100, maxMessageBytes: 50 });
  await scene.switched(false, [{ label: "#chat", direction: "sendrecv", compress: false }]);
  await scene.peer.receiveData("push", { type: "push", data: "x".repeat(100) });
  await scene.peer.receiveData("#chat", new Uint8Array(51));
  assert.equal(scene.session.counters.invalidMessages, 2);
  await scene.peer.receiveData("#chat", new Uint8Array(50));
  assert.equal(scene.of("onMessage").length, 1);
});

test("a newcomer's connection.created may carry 2 MiB of everybody's metadata, over either transport", async () => {
  const data = ["A", "B"].map((connection_id) => ({
    connection_id,
    authn_metadata: connection_id.repeat(1024 * 1024),
  }));
  const created = connectionNotify("created", { data });
  const scene = new Scene();
  const data_channels = ["signaling", "notify", "push", "stats", "rpc"]
    .map((label) => ({ label, direction: "sendrecv", compress: true }));
  await scene.switched(false, [], { data_channels });
  const before = scene.of("onNotify").length;
  await scene.socket.receive(created);
  await scene.peer.receiveData("notify", deflateSync(JSON.stringify(created)));
  const received = scene.of("onNotify").slice(before).map(([, message]) => message);
  assert.deepEqual(received, [created, created]);
  assert.equal(scene.session.counters.invalidMessages, 0);
});

test("labels that the offer does not name are not remembered", () => {
  const limits = DEFAULT_CHANNEL_LIMITS;
  const channels = new Channels([{ label: "#a", direction: "sendrecv", compress: false }], limits);
  assert.equal(channels.opened("#b"), false);
  assert.equal(channels.opened("#a"), true);
  channels.closed("#a");
  assert.equal(channels.opened("#a"), false);
  assert.equal(channels.isAwaited("#b"), false);
});

test("messages are handed over in the order they came, compressed or not", async () => {
  const scene = new Scene();
  const labels = ["#a", "#b"];
  const changes = {
    data_channels: [
      { label: "signaling", direction: "sendrecv", compress: false },
      { label: "#a", direction: "sendrecv", compress: true },
      { label: "#b", direction: "sendrecv", compress: false },
    ],
  };
  await scene.connected(dataChannelOffer([], changes));
  for (const label of labels) await scene.peer.openChannel(label);
  for (let i = 0; i < 200; i++) {
    const data = new Uint8Array(i % 7 === 0 ? 100_000 : 1).fill(i);
    const label = labels[i % 2]!;
    scene.peer.events.onDataChannelMessage(label, i % 2 === 0 ? deflateSync(data) : data, true);
  }
  const seen = scene.of("onMessage").map(([, , data]) => (data as Uint8Array)[0]);
  assert.deepEqual(seen, Array.from({ length: 200 }, (_, i) => i));
});
