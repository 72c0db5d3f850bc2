/** Ends that the server starts: each row of section 3.5 of the protocol notes. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { BUILT_IN_LABELS, dataChannelOffer, Scene } from "../support/signaling_scene.ts";

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

for (const how of ["WebSocket", "WebSocket and DataChannel"]) {
  // The answer to a `disconnect` that was never sent, and what a proxy between the two says.
  for (const reason of ["TYPE-DISCONNECT", ""]) {
    test(`1000 "${reason}" that nobody asked for is no success (${how})`, async () => {
      const scene = new Scene();
      if (how === "WebSocket") await scene.connected();
      else await scene.switched(false);
      await scene.socket.end({ code: 1000, reason });
      assert.deepEqual(scene.ends, [
        ["onWsClose", 1000, reason],
        [
          "onDisconnect",
          "WEBSOCKET_ONCLOSE",
          `Failed to read WebSocket: ec=${GRACEFUL} wscode=1000 wsreason=${reason}`,
        ],
      ]);
    });
  }
}

test("a close message with another code than 1000 counts, whatever the WebSocket's close frame has", async () => {
  const scene = new Scene();
  await scene.switched(false);
  await scene.peer.receiveData("signaling", { type: "close", code: 4490, reason: "SOMETHING" });
  await scene.socket.end({ code: 1000, reason: "SOMETHING" });
  assert.deepEqual(scene.ends.map(([name, code]) => [name, code]), [
    ["onWsClose", 1000],
    ["onDisconnect", "WEBSOCKET_ONCLOSE"],
  ]);
});

/** Both transports, and then the loss of the SCTP association: every data channel closes, the WebSocket stays. */
async function loseAssociation(options: object = {}, ignore = false): Promise<Scene> {
  const scene = new Scene({ disconnectWaitTimeoutMs: 400, ...options });
  await scene.switched(ignore);
  for (const label of [...scene.peer.openLabels]) await scene.peer.closeChannel(label);
  return scene;
}

test("a lost SCTP association ends a hybrid connection about which the server reports nothing", async () => {
  const scene = await loseAssociation();
  await scene.clock.advance(399);
  assert.equal(scene.ends.length, 0);
  assert.equal(scene.session.state, "connected");
  await scene.clock.advance(1);
  assert.deepEqual(scene.ends.map((call) => call.slice(0, 2)), [
    ["onWsClose", 4999],
    ["onDisconnect", "CLOSE_FAILED"],
  ]);
  const message = scene.ends[1]![2] as string;
  assert.match(message, /^All DataChannels were lost .+ within 400 ms, internal_message=/);
  assert.deepEqual(scene.socket.messages.at(-1), { type: "disconnect", reason: "INTERNAL-ERROR" });
  assert.equal(scene.clock.pending, 0);
});

test("a lost SCTP association: what the server reports in time is how it ends", async () => {
  const rows = [
    [{ code: 4490, reason: "TRANSPORT-ERROR" }, "WEBSOCKET_ONCLOSE"],
    [{ code: 1000, reason: "TYPE-DISCONNECT" }, "WEBSOCKET_ONCLOSE"],
    [{ code: 0, reason: "", error: new Error("read ECONNRESET") }, "WEBSOCKET_ONERROR"],
    [{ code: 1000, reason: "DISCONNECTED-API" }, "CLOSE_SUCCEEDED"],
  ] as const;
  for (const [end, code] of rows) {
    const scene = await loseAssociation();
    await scene.clock.advance(399);
    await scene.socket.end(end);
    assert.deepEqual(scene.ends.map((call) => call[1]), [end.code, code]);
    assert.equal(scene.clock.pending, 0);
  }
});

test("a lost SCTP association: disconnect() is not kept waiting, and is the user's wish", async () => {
  const scene = await loseAssociation();
  await scene.session.disconnect();
  assert.equal(scene.clock.now(), 0);
  assert.deepEqual(scene.ends.map((call) => call[1]), [4999, "CLOSE_FAILED"]);
  assert.equal(scene.clock.pending, 0);
});

test("an SCTP association that is lost before switched is lost after it as well", async () => {
  const scene = new Scene({ disconnectWaitTimeoutMs: 400 });
  await scene.connected(dataChannelOffer());
  for (const label of BUILT_IN_LABELS) await scene.peer.openChannel(label);
  for (const label of BUILT_IN_LABELS) await scene.peer.closeChannel(label);
  await scene.socket.receive({ type: "switched", ignore_disconnect_websocket: true });
  await scene.clock.advance(400);
  assert.deepEqual(scene.ends.map((call) => call[1]), [4999, "CLOSE_FAILED"]);
});

test("data channels that are open again in time are not lost", async () => {
  const scene = await loseAssociation();
  await scene.peer.openChannel("signaling");
  await scene.clock.advance(1_000);
  assert.deepEqual(scene.ends, []);
  assert.equal(scene.clock.pending, 0);
});

test("the loss of the WebSocket after that of all data channels is an end, also with ignore_disconnect_websocket", async () => {
  const scene = new Scene();
  await scene.connected(dataChannelOffer());
  await scene.peer.openChannel("notify");
  await scene.socket.receive({ type: "switched", ignore_disconnect_websocket: true });
  await scene.peer.closeChannel("notify");
  await scene.socket.end({ code: 1000, reason: "" });
  assert.deepEqual(scene.ends.map((call) => call[1]), [1000, "WEBSOCKET_ONCLOSE"]);
  assert.equal(scene.clock.pending, 0);
});

const dataChannelEnds = [
  [
    1000,
    "DISCONNECTED-API",
    "CLOSE_SUCCEEDED",
    "Succeeded to close DataChannel: reason=DISCONNECTED-API",
  ],
  [4490, "SOMETHING", "CLOSE_FAILED", "Failed to close DataChannel: code=4490 ec=Success"],
] as const;
for (const [code, reason, expected, message] of dataChannelEnds) {
  test(`server ends a connection over data channels alone with ${code}`, async () => {
    const scene = new Scene();
    await scene.switched(true);
    await scene.socket.end({ code: 1000, reason: "" });
    await scene.peer.receiveData("signaling", { type: "close", code, reason });
    assert.equal(scene.session.state, "disconnecting");
    for (const label of [...scene.peer.openLabels]) await scene.peer.closeChannel(label);
    assert.deepEqual(scene.ends, [
      ["onWsClose", 1000, "SELF-CLOSED"],
      ["onDisconnect", expected, message],
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

test("server closes all data channels without a close message", async () => {
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
