/** Signaling over data channels: the switch, and what each built-in channel carries. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { settle } from "../support/signaling_fakes.ts";
import {
  connectionNotify,
  dataChannelOffer,
  offerMessage,
  Scene,
} from "../support/signaling_scene.ts";

const sentText = (scene: Scene) => new TextDecoder().decode(scene.peer.sentData.at(-1)!.data);

test("switched without ignore keeps both transports and calls onSwitched", async () => {
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

test("onSignalingMessage reports all that comes on the channel signaling, unknown types and malformed text too", async () => {
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

for (const label of ["signaling", "notify", "push", "stats", "rpc"]) {
  test(`a lost message of the channel ${label} ends the connection, which reports it`, async () => {
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
