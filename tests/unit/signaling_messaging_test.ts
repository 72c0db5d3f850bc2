/** Data channels of the user: labels that begin with `#`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync, inflateSync } from "node:zlib";
import { Scene } from "../support/signaling_scene.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

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

test("sendDataChannel sends bytes as binary and strings as text, and deflates where the offer requires it", async () => {
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

test("lost messages for users are counted, and end nothing", async () => {
  const scene = new Scene();
  await scene.switched(true, [{ label: "#chat", direction: "sendrecv", compress: false }]);
  scene.peer.events.onDataChannelMessagesDropped("#chat", 7);
  scene.peer.events.onDataChannelMessagesDropped("#chat", 3);
  assert.equal(scene.session.counters.droppedMessages, 10);
  assert.equal(scene.session.state, "connected");
});

test("messageLimit returns whose limit a message exceeds, in bytes as they are sent", async () => {
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
