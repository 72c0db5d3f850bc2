import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRawSync, deflateSync, gzipSync, inflateSync } from "node:zlib";
import { Channels, DEFAULT_CHANNEL_LIMITS } from "../../signaling/connection/framing.ts";
import { settle } from "../support/signaling_fakes.ts";
import {
  BUILT_IN_LABELS,
  connectionNotify,
  dataChannelOffer,
  offerMessage,
  Scene,
} from "../support/signaling_scene.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);
const json = (value: object) => utf8(JSON.stringify(value));
const sentText = (scene: Scene) => new TextDecoder().decode(scene.peer.sentData.at(-1)!.data);

/** An offer whose channels are all compressed. */
const compressed = (labels: readonly string[]) => ({
  data_channels: labels.map((label) => ({ label, direction: "sendrecv", compress: true })),
});

test("switched without ignore keeps both transports and tells onSwitched", async () => {
  const scene = new Scene();
  await scene.switched(false);
  const message = { type: "switched", ignore_disconnect_websocket: false };
  assert.deepEqual(scene.of("onSwitched"), [["onSwitched", message, JSON.stringify(message)]]);
  assert.equal(scene.socket.closed, undefined);
  await scene.clock.advance(200_000);
  assert.equal(scene.session.state, "connected");
  assert.equal(scene.clock.pending, 0);
});

test("switched with ignore closes the WebSocket with 1000 and reports SELF-CLOSED", async () => {
  const scene = new Scene();
  await scene.switched(true);
  assert.deepEqual(scene.socket.closed, { code: 1000, reason: "" });
  assert.deepEqual(scene.ends, []);
  await scene.socket.end({ code: 1000, reason: "" });
  assert.deepEqual(scene.ends, [["onWsClose", 1000, "SELF-CLOSED"]]);
  assert.equal(scene.session.state, "connected");
  assert.equal(scene.clock.pending, 0);
});

test("switched with ignore reports 4999 SELF-CLOSED when the WebSocket does not close in order", async () => {
  const slow = new Scene({ webSocketCloseTimeoutMs: 300 });
  await slow.switched(true);
  await slow.clock.advance(300);
  assert.equal(slow.socket.terminated, true);
  assert.deepEqual(slow.ends, [["onWsClose", 4999, "SELF-CLOSED"]]);
  const broken = new Scene();
  await broken.switched(true);
  await broken.socket.end({ code: 0, reason: "", error: new Error("reset") });
  assert.deepEqual(broken.ends, [["onWsClose", 4999, "SELF-CLOSED"]]);
  assert.equal(broken.session.state, "connected");
});

test("switched with ignore waits for the channel signaling before it closes the WebSocket", async () => {
  const scene = new Scene();
  await scene.connected(dataChannelOffer());
  await scene.socket.receive({ type: "switched", ignore_disconnect_websocket: true });
  assert.equal(scene.socket.closed, undefined);
  await scene.peer.openChannel("notify");
  assert.equal(scene.socket.closed, undefined);
  await scene.peer.openChannel("signaling");
  assert.deepEqual(scene.socket.closed, { code: 1000, reason: "" });
});

test("a WebSocket that is lost after switched with ignore ends nothing", async () => {
  const scene = new Scene();
  await scene.connected(dataChannelOffer());
  await scene.peer.openChannel("notify");
  await scene.socket.receive({ type: "switched", ignore_disconnect_websocket: true });
  await scene.socket.end({ code: 0, reason: "", error: new Error("reset") });
  assert.deepEqual(scene.ends, [["onWsClose", 0, ""]]);
  assert.equal(scene.session.state, "connected");
});

test("a second switched is ignored", async () => {
  const scene = new Scene();
  await scene.switched(false);
  await scene.socket.receive({ type: "switched", ignore_disconnect_websocket: true });
  assert.equal(scene.of("onSwitched").length, 1);
  assert.equal(scene.socket.closed, undefined);
  assert.equal(scene.session.counters.ignoredMessages, 1);
});

test("connect() resolves when connection.created comes over the channel notify", async () => {
  const scene = new Scene();
  await scene.answered(dataChannelOffer());
  scene.peer.events.onConnectionStateChange("connected");
  await scene.peer.openChannel("notify");
  await scene.peer.receiveData("notify", connectionNotify("created"));
  await scene.connecting;
});

test("re-offers that come over the channel are answered there, once switched", async () => {
  const scene = new Scene();
  await scene.switched(false);
  await scene.peer.receiveData("signaling", { type: "re-offer", sdp: "new" });
  assert.deepEqual(JSON.parse(sentText(scene)), { type: "re-answer", sdp: "answer 2" });
  assert.equal(scene.peer.sentData.at(-1)!.label, "signaling");
  assert.equal(scene.peer.sentData.at(-1)!.binary, true);
  const reported = scene.of("onSignalingMessage").slice(-2);
  assert.deepEqual(reported.map((event) => event.slice(1, 3)), [
    ["DATACHANNEL", "RECEIVED"],
    ["DATACHANNEL", "SENT"],
  ]);
});

test("re-offers are answered over the WebSocket until switched", async () => {
  const scene = new Scene();
  await scene.connected(dataChannelOffer());
  await scene.peer.openChannel("signaling");
  await scene.peer.receiveData("signaling", { type: "re-offer", sdp: "new" });
  assert.deepEqual(scene.socket.messages.at(-1), { type: "re-answer", sdp: "answer 2" });
});

test("candidates go over the channel once the WebSocket is gone", async () => {
  const scene = new Scene();
  await scene.switched(true);
  await scene.socket.end({ code: 1000, reason: "" });
  scene.peer.events.onIceCandidate({ candidate: "candidate:9", sdpMid: "0", sdpMLineIndex: 0 });
  assert.deepEqual(JSON.parse(sentText(scene)), { type: "candidate", candidate: "candidate:9" });
});

test("req-stats is answered with stats on its channel", async () => {
  const scene = new Scene();
  await scene.switched(false);
  await scene.peer.receiveData("stats", { type: "req-stats" });
  assert.equal(scene.peer.sentData.at(-1)!.label, "stats");
  assert.deepEqual(JSON.parse(sentText(scene)), {
    type: "stats",
    reports: [{ type: "transport", id: "T1", timestamp: 1 }],
  });
  assert.equal(scene.of("onSignalingMessage").at(-1)![1], "WEBSOCKET");
});

test("notify and push come over their channels; types on the wrong channel are ignored", async () => {
  const scene = new Scene();
  await scene.switched(false);
  scene.events.length = 0;
  const notify = connectionNotify("updated");
  const push = { type: "push", data: 1 };
  await scene.peer.receiveData("notify", notify);
  await scene.peer.receiveData("push", push);
  assert.deepEqual(scene.events, [
    ["onNotify", notify, JSON.stringify(notify)],
    ["onPush", push, JSON.stringify(push)],
  ]);
  await scene.peer.receiveData("push", notify);
  await scene.peer.receiveData("notify", { type: "re-offer", sdp: "x" });
  await scene.peer.receiveData("signaling", { type: "ping" });
  await scene.peer.receiveData("unheard", push);
  assert.deepEqual(scene.of("onNotify", "onPush").length, 2);
  assert.equal(scene.session.counters.ignoredMessages, 4);
});

test("onSignalingMessage reports all that comes on the channel signaling, unknown types and rubbish too", async () => {
  const scene = new Scene();
  await scene.switched(false);
  scene.events.length = 0;
  await scene.peer.receiveData("signaling", { type: "invented" });
  await scene.peer.receiveData("signaling", "not json");
  assert.deepEqual(scene.events, [
    ["onSignalingMessage", "DATACHANNEL", "RECEIVED", `{"type":"invented"}`],
    ["onSignalingMessage", "DATACHANNEL", "RECEIVED", "not json"],
  ]);
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

test("lost messages for users are counted, and end nothing", async () => {
  const scene = new Scene();
  await scene.switched(true, [{ label: "#chat", direction: "sendrecv", compress: false }]);
  scene.peer.events.onDataChannelMessagesDropped("#chat", 7);
  scene.peer.events.onDataChannelMessagesDropped("#chat", 3);
  assert.equal(scene.session.counters.droppedMessages, 10);
  assert.equal(scene.session.state, "connected");
});

for (const label of ["signaling", "notify", "push", "stats", "rpc"]) {
  test(`a lost message of the channel ${label} ends the connection, which says so`, async () => {
    const scene = new Scene();
    await scene.switched(false);
    scene.peer.events.onDataChannelMessagesDropped(label, 1);
    scene.peer.events.onDataChannelMessagesDropped(label, 4);
    await scene.socket.end({ code: 1000, reason: "TYPE-DISCONNECT" });
    await settle();
    const [, code, message] = scene.of("onDisconnect")[0]!;
    assert.equal(code, "INTERNAL_ERROR");
    assert.ok(
      (message as string).startsWith(`Messages on the data channel ${label} were lost: `),
      message as string,
    );
    assert.equal(scene.session.counters.droppedMessages, 5);
  });
}

test("messageLimit says whose limit a message is over, in bytes as they are sent", async () => {
  const scene = new Scene();
  const text = "語".repeat(100);
  assert.equal(scene.session.messageLimit("#plain", text), undefined);
  await scene.switched(true, [
    { label: "#plain", direction: "sendrecv", compress: false },
    { label: "#zlib", direction: "sendrecv", compress: true },
  ]);
  const limit = (label: string) => scene.session.messageLimit(label, text);
  assert.equal(limit("#plain"), undefined);
  scene.peer.maxBufferedBytes = 299;
  assert.deepEqual(limit("#plain"), { bytes: 300, limit: 299, whose: "client" });
  scene.peer.maxMessageBytes = 299;
  assert.deepEqual(limit("#plain"), { bytes: 300, limit: 299, whose: "server" });
  assert.equal(limit("#zlib"), undefined);
  const bytes = deflateSync(text).byteLength;
  scene.peer.maxMessageBytes = bytes - 1;
  assert.deepEqual(limit("#zlib"), { bytes, limit: bytes - 1, whose: "server" });
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

test("onDataChannel is called once for each label of messaging that the offer names", async () => {
  const scene = new Scene();
  await scene.switched(false, [{ label: "#chat", direction: "sendrecv", compress: false }]);
  await scene.peer.openChannel("#uninvited");
  await scene.peer.closeChannel("#chat");
  await scene.peer.openChannel("#chat");
  assert.deepEqual(scene.of("onDataChannel"), [["onDataChannel", "#chat"]]);
});

test("onMessage gets the bytes, text or binary alike", async () => {
  const scene = new Scene();
  await scene.switched(false, [{ label: "#chat", direction: "sendrecv", compress: false }]);
  scene.peer.events.onDataChannelMessage("#chat", utf8("text"), false);
  scene.peer.events.onDataChannelMessage("#chat", Uint8Array.of(0, 255), true);
  scene.peer.events.onDataChannelMessage("#chat", new Uint8Array(0), true);
  assert.deepEqual(scene.of("onMessage"), [
    ["onMessage", "#chat", utf8("text"), {}],
    ["onMessage", "#chat", Uint8Array.of(0, 255), {}],
    ["onMessage", "#chat", new Uint8Array(0), {}],
  ]);
});

test("onMessage gets the sender's connection id split off where the header has it", async () => {
  const id = "0123456789ABCDEFGHJKMNPQRS";
  const header = [{ type: "sender_connection_id", length: 26 }];
  const newer = [{ type: "timestamp", length: 8 }, { type: "sender_connection_id" }];
  const scene = new Scene();
  const channel = { direction: "sendrecv", compress: false };
  await scene.switched(false, [
    { ...channel, label: "#plain", header },
    { ...channel, label: "#zlib", header, compress: true },
    { ...channel, label: "#newer", header: newer },
    { ...channel, label: "#none", header: [] },
  ]);
  const message = utf8(`${id}hello`);
  await scene.peer.receiveData("#plain", message);
  await scene.peer.receiveData("#zlib", deflateSync(message));
  await scene.peer.receiveData("#newer", utf8(`12345678${id}hello`));
  await scene.peer.receiveData("#plain", utf8(id));
  await scene.peer.receiveData("#none", message);
  assert.deepEqual(scene.of("onMessage"), [
    ["onMessage", "#plain", utf8("hello"), { senderConnectionId: id }],
    ["onMessage", "#zlib", utf8("hello"), { senderConnectionId: id }],
    ["onMessage", "#newer", utf8("hello"), { senderConnectionId: id }],
    ["onMessage", "#plain", new Uint8Array(0), { senderConnectionId: id }],
    ["onMessage", "#none", message, {}],
  ]);
  await scene.peer.receiveData("#plain", utf8("too short"));
  assert.equal(scene.session.counters.invalidMessages, 1);
});

test("sendDataChannel sends bytes as binary and strings as text, and deflates where the offer says so", async () => {
  const scene = new Scene();
  assert.equal(scene.session.sendDataChannel("#a", utf8("x")), false);
  const channel = { direction: "sendrecv", compress: false };
  await scene.switched(false, [
    { ...channel, label: "#a" },
    { ...channel, label: "#zlib", compress: true },
  ]);
  const { session, peer } = scene;
  assert.equal(session.sendDataChannel("#a", Uint8Array.of(1)), true);
  assert.deepEqual(peer.sentData.at(-1), {
    label: "#a",
    data: Uint8Array.of(1),
    binary: true,
  });
  assert.equal(session.sendDataChannel("#a", "é"), true);
  assert.deepEqual(peer.sentData.at(-1), { label: "#a", data: utf8("é"), binary: false });
  assert.equal(session.sendDataChannel("#zlib", "é"), true);
  const { data, binary } = peer.sentData.at(-1)!;
  assert.deepEqual([inflateSync(data).toString(), binary], ["é", true]);
  assert.equal(session.sendDataChannel("#unknown", "x"), false);
  await peer.closeChannel("#a");
  assert.equal(session.sendDataChannel("#a", "x"), false);
});

test("bufferedAmount and isDataChannelOpen ask the peer, and need no connection", async () => {
  const scene = new Scene();
  assert.equal(scene.session.bufferedAmount("#a"), 0);
  assert.equal(scene.session.isDataChannelOpen("#a"), false);
  await scene.switched(false, [{ label: "#a", direction: "sendrecv", compress: false }]);
  scene.peer.buffered = 7;
  assert.equal(scene.session.bufferedAmount("#a"), 7);
  assert.equal(scene.session.isDataChannelOpen("#a"), true);
  assert.equal(scene.session.isDataChannelOpen("#b"), false);
});

test("labels from prototypes are labels like others", async () => {
  const scene = new Scene();
  await scene.connected(offerMessage());
  for (const label of ["__proto__", "constructor", "#__proto__"]) {
    await scene.peer.openChannel(label);
    await scene.peer.receiveData(label, "x");
  }
  await settle();
  assert.deepEqual(scene.of("onMessage").map(([, label]) => label), ["#__proto__"]);
  assert.equal(scene.session.state, "connected");
});
