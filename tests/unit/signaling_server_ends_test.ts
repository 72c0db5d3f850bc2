/** Ends that the server starts: each row of section 3.5 of the protocol notes. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Scene } from "../support/signaling_scene.ts";

const GRACEFUL = "The WebSocket stream was gracefully closed at both endpoints";

for (const reason of ["DISCONNECTED-API", "LIFETIME-EXPIRED"]) {
  test(`server closes the only WebSocket with 1000 ${reason}`, async () => {
    const scene = new Scene();
    await scene.connected();
    await scene.socket.end({ code: 1000, reason });
    assert.deepEqual(scene.ends, [
      ["onWsClose", 1000, reason],
      [
        "onDisconnect",
        "CLOSE_SUCCEEDED",
        `Succeeded to close WebSocket from server: ec=${GRACEFUL} wscode=1000 wsreason=${reason}`,
      ],
    ]);
  });
}

test("server ends a hybrid connection: close message, then the WebSocket's close", async () => {
  const expected = [
    ["onWsClose", 1000, "DISCONNECTED-API"],
    [
      "onDisconnect",
      "CLOSE_SUCCEEDED",
      `Succeeded to close WebSocket and DataChannel from server: ec=${GRACEFUL} wscode=1000 wsreason=DISCONNECTED-API`,
    ],
  ];
  for (const announced of [true, false]) {
    const scene = new Scene();
    await scene.switched(false);
    const close = { type: "close", code: 1000, reason: "DISCONNECTED-API" };
    if (announced) await scene.peer.receiveData("signaling", close);
    await scene.socket.end({ code: 1000, reason: "DISCONNECTED-API" });
    assert.deepEqual(scene.ends, expected);
    assert.equal(scene.clock.pending, 0);
  }
});

test("server announces the end of a hybrid connection and then does nothing", async () => {
  const scene = new Scene({ disconnectWaitTimeoutMs: 400 });
  await scene.switched(false);
  await scene.peer.receiveData("signaling", { type: "close", code: 1000, reason: "X" });
  await scene.clock.advance(400);
  assert.deepEqual(scene.ends, [
    ["onWsClose", 4999, "DISCONNECT-WAIT-TIMEOUT-ERROR"],
    [
      "onDisconnect",
      "CLOSE_FAILED",
      "Failed to close WebSocket (Close timeout): ec=Operation canceled wscode=4999 wsreason=DISCONNECT-WAIT-TIMEOUT-ERROR",
    ],
  ]);
});

const dataChannelEnds = [
  [1000, "DISCONNECTED-API", "Succeeded to close DataChannel: reason=DISCONNECTED-API"],
  [4490, "SOMETHING", "Failed to close DataChannel: code=4490 ec=Success"],
] as const;
for (const [code, reason, message] of dataChannelEnds) {
  test(`server ends a connection over data channels alone with ${code}`, async () => {
    const scene = new Scene();
    await scene.switched(true);
    await scene.socket.end({ code: 1000, reason: "" });
    await scene.peer.receiveData("signaling", { type: "close", code, reason });
    assert.equal(scene.session.state, "disconnecting");
    for (const label of [...scene.peer.openLabels]) await scene.peer.closeChannel(label);
    assert.deepEqual(scene.ends, [
      ["onWsClose", 1000, "SELF-CLOSED"],
      ["onDisconnect", "CLOSE_SUCCEEDED", message],
    ]);
    assert.deepEqual(scene.of("onSignalingMessage").at(-1), [
      "onSignalingMessage",
      "DATACHANNEL",
      "RECEIVED",
      JSON.stringify({ type: "close", code, reason }),
    ]);
  });
}

test("server announces the end over data channels alone and then does nothing", async () => {
  const scene = new Scene({ disconnectWaitTimeoutMs: 400 });
  await scene.switched(true);
  await scene.socket.end({ code: 1000, reason: "" });
  await scene.peer.receiveData("signaling", { type: "close", code: 1000, reason: "X" });
  const done = scene.session.disconnect();
  await scene.clock.advance(400);
  await done;
  assert.deepEqual(scene.ends.at(-1), [
    "onDisconnect",
    "CLOSE_FAILED",
    "Failed to close DataChannel: ec=Operation canceled",
  ]);
});

test("server closes all data channels without a word", async () => {
  const scene = new Scene();
  await scene.switched(true);
  await scene.socket.end({ code: 1000, reason: "" });
  for (const label of [...scene.peer.openLabels]) await scene.peer.closeChannel(label);
  assert.deepEqual(scene.ends.at(-1), [
    "onDisconnect",
    "CLOSE_FAILED",
    "All DataChannels were closed by the server without a close message",
  ]);
});

test("a single data channel that closes ends nothing", async () => {
  const scene = new Scene();
  await scene.switched(true);
  await scene.socket.end({ code: 1000, reason: "" });
  await scene.peer.closeChannel("push");
  assert.equal(scene.session.state, "connected");
});
