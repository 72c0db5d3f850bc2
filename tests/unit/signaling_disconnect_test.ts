/** Ends that this side starts: each row of section 3.4 of the protocol notes, and what must hold besides. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { settle } from "../support/signaling_fakes.ts";
import { dataChannelOffer, offerMessage, Scene } from "../support/signaling_scene.ts";

const CANCELED = "Operation canceled";
const TIMEOUT = ["onWsClose", 4999, "DISCONNECT-WAIT-TIMEOUT-ERROR"];

function disconnectMessages(scene: Scene): unknown[] {
  const overData = scene.peer.sentData
    .filter(({ label }) => label === "signaling")
    .map(({ data }) => ["signaling", JSON.parse(new TextDecoder().decode(data))]);
  const overSocket = scene.network.sockets
    .flatMap(({ messages }) => messages)
    .filter(({ type }) => type === "disconnect")
    .map((message) => ["WebSocket", message]);
  return [...overSocket, ...overData];
}

test("disconnect() over the WebSocket alone, server closes", async () => {
  const scene = new Scene();
  await scene.connected();
  const done = scene.session.disconnect();
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
  assert.deepEqual(disconnectMessages(scene), [
    ["WebSocket", { type: "disconnect", reason: "NO-ERROR" }],
  ]);
});

test("disconnect() over the WebSocket alone, server silent", async () => {
  const scene = new Scene({ webSocketCloseTimeoutMs: 700 });
  await scene.connected();
  const done = scene.session.disconnect();
  await scene.clock.advance(699);
  assert.deepEqual(scene.ends, []);
  await scene.clock.advance(1);
  await done;
  assert.deepEqual(scene.ends, [
    TIMEOUT,
    [
      "onDisconnect",
      "CLOSE_FAILED",
      `Failed to close WebSocket: ec=${CANCELED} wscode=4999 wsreason=DISCONNECT-WAIT-TIMEOUT-ERROR`,
    ],
  ]);
  assert.equal(scene.socket.terminated, true);
});

test("disconnect() over the WebSocket alone, which breaks meanwhile", async () => {
  const scene = new Scene();
  await scene.connected();
  const done = scene.session.disconnect();
  await scene.socket.end({ code: 0, reason: "", error: new Error("read ECONNRESET") });
  await done;
  assert.deepEqual(scene.ends, [
    ["onWsClose", 0, ""],
    [
      "onDisconnect",
      "CLOSE_FAILED",
      "Failed to close WebSocket: ec=read ECONNRESET wscode=0 wsreason=",
    ],
  ]);
});

for (const how of ["WebSocket", "WebSocket and DataChannel"]) {
  test(`disconnect() after the server has begun to close (${how}) keeps the server's code and reason`, async () => {
    const scene = new Scene({ webSocketCloseTimeoutMs: 700 });
    if (how === "WebSocket") await scene.connected();
    else await scene.switched(false);
    scene.socket.isEnding = true;
    const done = scene.session.disconnect();
    await settle();
    assert.deepEqual(scene.ends, []);
    await scene.socket.end({ code: 1000, reason: "DISCONNECTED-API" });
    await done;
    assert.deepEqual(scene.ends, [
      ["onWsClose", 1000, "DISCONNECTED-API"],
      [
        "onDisconnect",
        "CLOSE_SUCCEEDED",
        `Succeeded to close ${how} from server: ec=The WebSocket stream was gracefully closed at ` +
        "both endpoints wscode=1000 wsreason=DISCONNECTED-API",
      ],
    ]);
    assert.deepEqual(disconnectMessages(scene), []);
    assert.equal(scene.clock.pending, 0);
  });
}

test("disconnect() after the server has begun to close, which never ends", async () => {
  const scene = new Scene({ webSocketCloseTimeoutMs: 700 });
  await scene.connected();
  scene.socket.isEnding = true;
  const done = scene.session.disconnect();
  await scene.clock.advance(1_400);
  await done;
  assert.deepEqual(scene.ends.map(([name, code]) => [name, code]), [
    ["onWsClose", 4999],
    ["onDisconnect", "CLOSE_FAILED"],
  ]);
  assert.equal(scene.socket.terminated, true);
});

test("disconnect() over the WebSocket alone, which cannot be written to", async () => {
  const scene = new Scene();
  await scene.connected();
  scene.socket.writable = false;
  await scene.session.disconnect();
  const [[, code, message]] = scene.ends as [[string, string, string]];
  assert.equal(code, "CLOSE_FAILED");
  assert.match(message, /^Failed to write disconnect message to close WebSocket: ec=/);
  assert.equal(scene.clock.pending, 0);
});

test("disconnect() in hybrid mode, server closes", async () => {
  const scene = new Scene();
  await scene.switched(false);
  const done = scene.session.disconnect();
  for (const label of [...scene.peer.openLabels]) await scene.peer.closeChannel(label);
  assert.deepEqual(scene.ends, []);
  await scene.socket.end({ code: 1000, reason: "TYPE-DISCONNECT" });
  await done;
  assert.deepEqual(scene.ends, [
    ["onWsClose", 1000, "TYPE-DISCONNECT"],
    ["onDisconnect", "CLOSE_SUCCEEDED", "Succeeded to close Websocket (DC signaling is enabled)"],
  ]);
  assert.deepEqual(disconnectMessages(scene), [
    ["signaling", { type: "disconnect", reason: "NO-ERROR" }],
  ]);
});

test("disconnect() in hybrid mode, server silent", async () => {
  const scene = new Scene({ disconnectWaitTimeoutMs: 800 });
  await scene.switched(false);
  const done = scene.session.disconnect();
  await scene.clock.advance(799);
  assert.deepEqual(scene.ends, []);
  await scene.clock.advance(1);
  await done;
  assert.deepEqual(scene.ends, [
    TIMEOUT,
    [
      "onDisconnect",
      "CLOSE_FAILED",
      `Failed to close WebSocket (Close timeout): ec=${CANCELED} wscode=4999 wsreason=DISCONNECT-WAIT-TIMEOUT-ERROR`,
    ],
  ]);
});

test("disconnect() in hybrid mode without the channel signaling informs the server over the WebSocket and waits for nothing", async () => {
  const scene = new Scene({ disconnectWaitTimeoutMs: 800 });
  await scene.switched(false);
  await scene.peer.closeChannel("signaling");
  const done = scene.session.disconnect();
  assert.deepEqual(disconnectMessages(scene), [
    ["WebSocket", { type: "disconnect", reason: "NO-ERROR" }],
  ]);
  await done;
  assert.equal(scene.clock.now(), 0);
  assert.equal(scene.socket.terminated, true);
  assert.deepEqual(scene.ends, [
    TIMEOUT,
    [
      "onDisconnect",
      "CLOSE_FAILED",
      `Failed to close WebSocket (Close timeout): ec=${CANCELED} wscode=4999 wsreason=DISCONNECT-WAIT-TIMEOUT-ERROR`,
    ],
  ]);
});

test("disconnect() after switched, but before the channel signaling is open, goes the way of the WebSocket", async () => {
  const scene = new Scene();
  await scene.connected(dataChannelOffer());
  await scene.socket.receive({ type: "switched", ignore_disconnect_websocket: false });
  const done = scene.session.disconnect();
  await scene.socket.end({ code: 1000, reason: "TYPE-DISCONNECT" });
  await done;
  assert.deepEqual(scene.of("onDisconnect"), [[
    "onDisconnect",
    "CLOSE_SUCCEEDED",
    "Succeeded to close WebSocket (DC signaling is not enabled)",
  ]]);
});

test("disconnect() over data channels alone, server closes them all", async () => {
  const scene = new Scene();
  await scene.switched(true);
  assert.deepEqual(scene.socket.closed, { code: 1000, reason: "" });
  await scene.socket.end({ code: 1000, reason: "" });
  assert.deepEqual(scene.ends, [["onWsClose", 1000, "SELF-CLOSED"]]);
  const done = scene.session.disconnect();
  const labels = [...scene.peer.openLabels];
  for (const label of labels.slice(1)) await scene.peer.closeChannel(label);
  assert.equal(scene.ends.length, 1);
  await scene.peer.closeChannel(labels[0]!);
  await done;
  assert.deepEqual(scene.ends.slice(1), [
    ["onDisconnect", "CLOSE_SUCCEEDED", "Succeeded to close DataChannel"],
  ]);
  assert.deepEqual(disconnectMessages(scene), [
    ["signaling", { type: "disconnect", reason: "NO-ERROR" }],
  ]);
});

test("disconnect() over data channels alone, server silent", async () => {
  const scene = new Scene({ disconnectWaitTimeoutMs: 900 });
  await scene.switched(true);
  await scene.socket.end({ code: 1000, reason: "" });
  const done = scene.session.disconnect();
  await scene.clock.advance(900);
  await done;
  assert.deepEqual(scene.ends.slice(1), [
    ["onDisconnect", "CLOSE_FAILED", `Failed to close DataChannel: ec=${CANCELED}`],
  ]);
});

test("disconnect() with data channel signaling asked for, but not switched yet", async () => {
  const scene = new Scene({ dataChannelSignaling: true });
  await scene.connected(offerMessage({ data_channel_signaling: true, data_channels: [] }));
  const done = scene.session.disconnect();
  await scene.socket.end({ code: 1000, reason: "TYPE-DISCONNECT" });
  await done;
  assert.deepEqual(scene.ends.at(-1), [
    "onDisconnect",
    "CLOSE_SUCCEEDED",
    "Succeeded to close WebSocket (DC signaling is not enabled)",
  ]);
  assert.equal(scene.clock.pending, 0);
});

test("disconnect() when both transports are gone", async () => {
  const scene = new Scene();
  await scene.connected(offerMessage({ data_channel_signaling: true, data_channels: [] }));
  await scene.socket.receive({ type: "switched", ignore_disconnect_websocket: true });
  await scene.socket.end({ code: 1000, reason: "gone" });
  await scene.session.disconnect();
  assert.deepEqual(scene.ends, [
    ["onWsClose", 1000, "gone"],
    ["onDisconnect", "INTERNAL_ERROR", "Unknown state. WS and DC is already released."],
  ]);
});

test("disconnect() while connecting", async () => {
  const scene = new Scene();
  const connected = scene.connect();
  await settle();
  await scene.session.disconnect();
  await assert.rejects(connected, {
    code: "CLOSE_SUCCEEDED",
    message: "Close was called in connecting",
  });
  assert.deepEqual(scene.ends, [
    ["onDisconnect", "CLOSE_SUCCEEDED", "Close was called in connecting"],
  ]);
  assert.equal(scene.socket.terminated, true);
  assert.equal(scene.clock.pending, 0);
});

test("disconnect() before the first socket is made", async () => {
  const scene = new Scene();
  scene.connect();
  await scene.session.disconnect();
  assert.equal(scene.network.sockets.length, 0);
  assert.equal(scene.ends.length, 1);
});

test("disconnect() while redirecting cuts both sockets", async () => {
  const scene = new Scene();
  await scene.opened();
  await scene.socket.receive({ type: "redirect", location: "ws://other.example/signaling" });
  await scene.session.disconnect();
  assert.deepEqual(scene.ends, [
    ["onDisconnect", "CLOSE_SUCCEEDED", "Close was called in connecting"],
  ]);
  assert.equal(scene.socket.terminated, true);
  assert.equal(scene.clock.pending, 0);
});

test("disconnect() between connect and offer goes the way of the WebSocket", async () => {
  const scene = new Scene();
  await scene.opened();
  const done = scene.session.disconnect();
  await scene.socket.receive(offerMessage());
  assert.equal(scene.peers.length, 0);
  await scene.socket.end({ code: 1000, reason: "TYPE-DISCONNECT" });
  await done;
  await assert.rejects(scene.connecting, { code: "CLOSE_SUCCEEDED" });
});

test("disconnect() while an answer is being made sends no answer and no candidates", async () => {
  const scene = new Scene();
  const answer = Promise.withResolvers<string>();
  scene.onPeer = (peer) => peer.onCreateAnswer = () => answer.promise;
  await scene.answered();
  void scene.session.disconnect();
  scene.peer.events.onIceCandidate({ candidate: "candidate:1", sdpMid: "0", sdpMLineIndex: 0 });
  answer.resolve("too late");
  await settle();
  assert.deepEqual(scene.socket.types, ["connect", "disconnect"]);
});

test("disconnect() inside any handler ends the connection once", async () => {
  const names = [
    "onSetOffer",
    "onNotify",
    "onPush",
    "onSignalingMessage",
    "onSwitched",
    "onDataChannel",
    "onMessage",
    "onWsClose",
    "onDisconnect",
  ] as const;
  for (const name of names) {
    const scene = new Scene({ dataChannels: [{ label: "#chat", direction: "sendrecv" }] });
    let calls = 0;
    const record = scene.handlers[name] as (...args: unknown[]) => unknown;
    scene.handlers[name] = (...args: unknown[]) => {
      record(...args);
      if (calls++ === 0) void scene.session.disconnect();
    };
    const whole = (async () => {
      await scene.switched(true, [{ label: "#chat", direction: "sendrecv", compress: false }]);
      await scene.socket.receive({ type: "push", data: 1 });
      await scene.peer.receiveData("push", { type: "push", data: 1 });
      await scene.peer.receiveData("#chat", "hello");
      await scene.socket.end({ code: 1000, reason: "" });
    })();
    whole.catch(() => {});
    for (let i = 0; i < 50; i++) await settle();
    await scene.clock.advance(60_000);
    const done = scene.session.disconnect();
    await scene.clock.advance(60_000);
    await done;
    assert.equal(scene.of("onDisconnect").length, 1, name);
    assert.equal(scene.events.at(-1)![0], "onDisconnect", name);
    assert.equal(scene.clock.pending, 0, name);
    assert.deepEqual(scene.errors, [], name);
  }
});

test("disconnect() gives up on a peer connection that does not close", async () => {
  const scene = new Scene();
  scene.onPeer = (peer) => peer.onClose = () => new Promise(() => {});
  await scene.connected();
  const done = scene.session.disconnect();
  await scene.socket.end({ code: 1000, reason: "TYPE-DISCONNECT" });
  assert.equal(scene.of("onDisconnect").length, 0);
  await scene.clock.advance(5_000);
  await done;
  assert.equal(scene.of("onDisconnect").length, 1);
});

test("onDisconnect is called even when closing the peer connection throws", async () => {
  const scene = new Scene();
  scene.onPeer = (peer) =>
    peer.onClose = () => {
      throw new Error("broken");
    };
  await scene.connected();
  await scene.socket.end({ code: 1000, reason: "DISCONNECTED-API" });
  assert.equal(scene.of("onDisconnect").length, 1);
  assert.equal(scene.clock.pending, 0);
});
