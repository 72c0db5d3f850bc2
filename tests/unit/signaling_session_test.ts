import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeSocket, settle } from "../support/signaling_fakes.ts";
import { connectionNotify, offerMessage, Scene } from "../support/signaling_scene.ts";

test("SignalingSession sends connect once the WebSocket is open, and nothing before", async () => {
  const scene = new Scene();
  scene.connect();
  await settle();
  assert.equal(scene.session.state, "connecting");
  assert.equal(scene.network.sockets.length, 1);
  assert.equal(scene.socket.request.url, "ws://sora.example/signaling");
  assert.deepEqual(scene.socket.sent, []);
  await scene.socket.open();
  assert.deepEqual(scene.socket.messages, [{
    type: "connect",
    role: "sendrecv",
    channel_id: "channel",
    sora_client: "Sora FFI SDK 0.0.0",
    video: true,
    audio: true,
  }]);
});

test("SignalingSession answers an offer: setRemoteOffer, onSetOffer, createAnswer, answer", async () => {
  const scene = new Scene();
  const order: string[] = [];
  scene.handlers.onSetOffer = () => void order.push(...scene.peer.calls, "onSetOffer");
  await scene.answered();
  assert.deepEqual(order, ["setRemoteOffer offer sdp", "onSetOffer"]);
  assert.deepEqual(scene.peer.calls, ["setRemoteOffer offer sdp", "createAnswer"]);
  assert.deepEqual(scene.socket.messages.slice(1), [{ type: "answer", sdp: "answer 1" }]);
});

test("SignalingSession hands the parsed offer and its text to onSetOffer", async () => {
  const scene = new Scene();
  const offer = offerMessage({ something_new: [1, 2] });
  await scene.answered(offer);
  assert.deepEqual(scene.of("onSetOffer"), [["onSetOffer", offer, JSON.stringify(offer)]]);
  assert.deepEqual(scene.session.offer, offer);
});

test("SignalingSession keeps candidates until the answer is out, then sends them in order", async () => {
  const scene = new Scene();
  const answer = Promise.withResolvers<string>();
  scene.onPeer = (peer) => peer.onCreateAnswer = () => answer.promise;
  await scene.answered();
  const gathered = (candidate: string) =>
    scene.peer.events.onIceCandidate({ candidate, sdpMid: "0", sdpMLineIndex: 0 });
  gathered("candidate:1");
  gathered("candidate:2");
  await settle();
  assert.deepEqual(scene.socket.types, ["connect"]);
  answer.resolve("late answer");
  await settle();
  gathered("candidate:3");
  assert.deepEqual(scene.socket.messages.slice(1), [
    { type: "answer", sdp: "late answer" },
    { type: "candidate", candidate: "candidate:1" },
    { type: "candidate", candidate: "candidate:2" },
    { type: "candidate", candidate: "candidate:3" },
  ]);
});

test("connect() resolves only when both the own connection.created and the peer's connected have come", async () => {
  for (const createdFirst of [true, false]) {
    const scene = new Scene();
    let resolved = false;
    scene.connect().then(() => resolved = true);
    await settle();
    await scene.socket.open();
    await scene.socket.receive(offerMessage());
    const created = () => scene.socket.receive(connectionNotify("created"));
    const connected = async () => {
      scene.peer.events.onConnectionStateChange("connected");
      await settle();
    };
    const [first, second] = createdFirst ? [created, connected] : [connected, created];
    await first();
    assert.equal(resolved, false);
    assert.equal(scene.session.state, "connecting");
    await second();
    assert.equal(resolved, true);
    assert.equal(scene.session.state, "connected");
    assert.equal(scene.clock.pending, 0);
  }
});

test("connect() resolves 2 s after the peer connection is connected when the server announces nobody", async () => {
  const scene = new Scene();
  await scene.answered();
  let resolved = false;
  scene.connecting.then(() => resolved = true);
  scene.peer.events.onConnectionStateChange("connected");
  await scene.clock.advance(1_900);
  // The time counts from the last moment that it is connected.
  scene.peer.events.onConnectionStateChange("disconnected");
  await scene.clock.advance(1_900);
  scene.peer.events.onConnectionStateChange("connected");
  await scene.clock.advance(1_999);
  assert.equal(resolved, false);
  await scene.clock.advance(1);
  assert.equal(resolved, true);
  assert.equal(scene.session.state, "connected");
  assert.equal(scene.clock.pending, 0);
});

test("connect() does not resolve for another connection's connection.created", async () => {
  const scene = new Scene();
  let resolved = false;
  scene.connect().then(() => resolved = true);
  await settle();
  await scene.socket.open();
  await scene.socket.receive(offerMessage());
  scene.peer.events.onConnectionStateChange("connected");
  await scene.socket.receive(connectionNotify("created", { connection_id: "SOMEBODY" }));
  assert.equal(resolved, false);
});

test("SignalingSession answers re-offers one after the other, in order", async () => {
  const scene = new Scene();
  await scene.connected();
  const gate = Promise.withResolvers<void>();
  scene.peer.onSetRemoteOffer = (sdp) => sdp === "second" ? gate.promise : Promise.resolve();
  await scene.socket.receive({ type: "re-offer", sdp: "second" });
  await scene.socket.receive({ type: "re-offer", sdp: "third" });
  assert.equal(scene.peer.calls.at(-1), "setRemoteOffer second");
  gate.resolve();
  await settle();
  assert.deepEqual(scene.peer.calls.slice(2), [
    "setRemoteOffer second",
    "createAnswer",
    "setRemoteOffer third",
    "createAnswer",
  ]);
  assert.deepEqual(scene.socket.messages.slice(2), [
    { type: "re-answer", sdp: "answer 2" },
    { type: "re-answer", sdp: "answer 3" },
  ]);
});

test("SignalingSession answers update, the old name of re-offer, with update", async () => {
  const scene = new Scene();
  await scene.connected();
  await scene.socket.receive({ type: "update", sdp: "new" });
  assert.deepEqual(scene.socket.messages.at(-1), { type: "update", sdp: "answer 2" });
});

test("SignalingSession answers ping with pong, and with statistics when they are asked for", async () => {
  const scene = new Scene();
  await scene.connected();
  await scene.socket.receive({ type: "ping" });
  assert.equal(scene.socket.sent.at(-1), `{"type":"pong"}`);
  await scene.socket.receive({ type: "ping", stats: true });
  assert.deepEqual(scene.socket.messages.at(-1), {
    type: "pong",
    stats: [{ type: "transport", id: "T1", timestamp: 1 }],
  });
});

test("SignalingSession answers pings without statistics while those are being collected, or fail", async () => {
  const scene = new Scene();
  await scene.connected();
  const stats = Promise.withResolvers<string>();
  scene.peer.onGetStats = () => stats.promise;
  await scene.socket.receive({ type: "ping", stats: true });
  assert.equal(scene.socket.types.at(-1), "answer");
  await scene.socket.receive({ type: "ping", stats: true });
  assert.equal(scene.socket.sent.at(-1), `{"type":"pong"}`);
  stats.reject(new Error("no"));
  await settle();
  assert.deepEqual(scene.socket.types.slice(-2), ["pong", "pong"]);
});

test("SignalingSession hands notify and push over, parsed and as text, unknown events included", async () => {
  const scene = new Scene();
  await scene.connected();
  scene.events.length = 0;
  const destroyed = connectionNotify("destroyed", { channel_connections: 0 });
  const unknown = { type: "notify", event_type: "recording.started", anything: { a: [1] } };
  const push = { type: "push", data: { some: "thing" } };
  for (const message of [destroyed, unknown, push]) await scene.socket.receive(message);
  assert.deepEqual(scene.events, [
    ["onNotify", destroyed, JSON.stringify(destroyed)],
    ["onNotify", unknown, JSON.stringify(unknown)],
    ["onPush", push, JSON.stringify(push)],
  ]);
});

test("onSignalingMessage reports connect, offer, answer, candidate, re-offer, re-answer, disconnect only", async () => {
  const scene = new Scene();
  await scene.connected();
  scene.peer.events.onIceCandidate({ candidate: "candidate:1", sdpMid: "0", sdpMLineIndex: 0 });
  await scene.socket.receive({ type: "re-offer", sdp: "new" });
  await scene.socket.receive({ type: "ping" });
  await scene.socket.receive({ type: "push", data: 1 });
  await scene.socket.receive({ type: "invented" });
  void scene.session.disconnect();
  await settle();
  // This one comes too late to be taken.
  await scene.socket.receive({ type: "re-offer", sdp: "late" });
  const reported = scene.of("onSignalingMessage").map(([, transport, direction, text]) => {
    assert.equal(transport, "WEBSOCKET");
    return `${direction} ${JSON.parse(text as string).type}`;
  });
  assert.deepEqual(reported, [
    "SENT connect",
    "RECEIVED offer",
    "SENT answer",
    "SENT candidate",
    "RECEIVED re-offer",
    "SENT re-answer",
    "SENT disconnect",
  ]);
});

test("a re-offer before the offer is counted and reported to nobody", async () => {
  const scene = new Scene();
  await scene.opened();
  await scene.socket.receive({ type: "re-offer", sdp: "early" });
  assert.equal(scene.session.counters.ignoredMessages, 1);
  assert.deepEqual(
    scene.of("onSignalingMessage").map(([, , , text]) => JSON.parse(text as string).type),
    ["connect"],
  );
});

test("a connect that the WebSocket cannot take ends the connection, which reports why", async () => {
  const scene = new Scene({ metadata: "x".repeat(5_000_000) });
  scene.connecting = scene.connect();
  await settle();
  const { socket } = scene;
  socket.send = (text) =>
    text.length < 4 * 1024 * 1024 && FakeSocket.prototype.send.call(socket, text);
  await socket.open();
  await socket.end({ code: 1000, reason: "TYPE-DISCONNECT" });
  await assert.rejects(scene.connecting, {
    code: "INTERNAL_ERROR",
    message: /^Failed to send connect: its 5000\d\d\d bytes, metadata included, are more than /,
  });
  assert.equal(scene.session.counters.unsentMessages, 1);
});

test("a connect that cannot be sent because the server has closed ends as the server reported", async () => {
  const scene = new Scene();
  scene.connecting = scene.connect();
  await settle();
  scene.socket.isEnding = true;
  await scene.socket.open();
  await scene.socket.end({ code: 4490, reason: "FULL" });
  await assert.rejects(scene.connecting, {
    code: "WEBSOCKET_ONCLOSE",
    message: /wscode=4490 wsreason=FULL$/,
  });
});

test("disconnect() sends disconnect, waits for the server's close and reports the end once", async () => {
  const scene = new Scene();
  await scene.connected();
  let ended = false;
  const done = scene.session.disconnect().then(() => ended = true);
  void scene.session.disconnect();
  await settle();
  assert.deepEqual(scene.socket.messages.at(-1), { type: "disconnect", reason: "NO-ERROR" });
  assert.equal(scene.socket.types.filter((type) => type === "disconnect").length, 1);
  assert.equal(scene.session.state, "disconnecting");
  assert.equal(ended, false);
  await scene.socket.end({ code: 1000, reason: "TYPE-DISCONNECT" });
  await done;
  assert.deepEqual(scene.ends, [
    ["onWsClose", 1000, "TYPE-DISCONNECT"],
    [
      "onDisconnect",
      "CLOSE_SUCCEEDED",
      "Succeeded to close WebSocket (DC signaling is not enabled)",
    ],
  ]);
  assert.equal(scene.session.state, "disconnected");
  assert.equal(scene.peer.closed, true);
  assert.equal(scene.clock.pending, 0);
});

test("disconnect() before connect() and after the end does nothing", async () => {
  const scene = new Scene();
  await scene.session.disconnect();
  assert.deepEqual(scene.events, []);
  await scene.connected();
  await scene.socket.end({ code: 1000, reason: "DISCONNECTED-API" });
  const before = scene.events.length;
  await scene.session.disconnect();
  assert.equal(scene.events.length, before);
});

test("connect() refuses to run twice at once, with INVALID_STATE", async () => {
  const scene = new Scene();
  await scene.connected();
  await assert.rejects(scene.session.connect(), { name: "SoraError", code: "INVALID_STATE" });
  assert.deepEqual(scene.ends, []);
});

test("connect() works again after an end, and hears nothing of the attempt before", async () => {
  const scene = new Scene();
  await scene.connected();
  const [oldSocket, oldPeer] = [scene.socket, scene.peer];
  await oldSocket.end({ code: 1000, reason: "LIFETIME-EXPIRED" });
  scene.events.length = 0;
  await scene.connected(offerMessage({ sdp: "again" }));
  const before = [...scene.events];
  await oldSocket.receive({ type: "push", data: "old" });
  await oldSocket.end({ code: 4490, reason: "old" });
  oldPeer.events.onConnectionStateChange("failed");
  oldPeer.events.onIceCandidate({ candidate: "candidate:old", sdpMid: "0", sdpMLineIndex: 0 });
  await oldPeer.receiveData("#chat", "old");
  assert.deepEqual(scene.events, before);
  assert.equal(scene.session.state, "connected");
  assert.deepEqual(scene.socket.types, ["connect", "answer"]);
});

test("connect() may be called from inside onDisconnect", async () => {
  const scene = new Scene();
  await scene.connected();
  let again: Promise<void> | undefined;
  scene.handlers.onDisconnect = () => {
    again ??= scene.connect();
  };
  await scene.socket.end({ code: 0, reason: "", error: new Error("read ECONNRESET") });
  assert.equal(scene.network.sockets.length, 2);
  await scene.socket.open();
  await scene.socket.receive(offerMessage());
  scene.peer.events.onConnectionStateChange("connected");
  await scene.socket.receive(connectionNotify("created"));
  await again;
  assert.equal(scene.session.state, "connected");
});
