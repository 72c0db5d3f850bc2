/** Malformed messages do no harm: a session drops and counts them and goes on, in any phase. */

import assert from "node:assert/strict";
import process from "node:process";
import { test as nodeTest } from "node:test";
import { BROKEN_COMPRESSED, NOT_TEXT } from "../corpus/bytes.ts";
import { INVALID_MESSAGES } from "../corpus/invalid_messages.ts";
import { EXCESSIVE, NOT_JSON } from "../corpus/texts.ts";
import { UNTIMELY } from "../corpus/untimely.ts";
import { BUILT_IN_LABELS, offerMessage, Scene } from "../support/signaling_scene.ts";

/** Most processor time for one case, in milliseconds: more counts as a hang. What runs beside it does not count. */
const HANG_MS = 1_000;

function test(name: string, act: () => Promise<void>): void {
  nodeTest(name, async () => {
    const start = process.cpuUsage();
    await act();
    const { user, system } = process.cpuUsage(start);
    const ms = (user + system) / 1000;
    assert.ok(ms <= HANG_MS, `it took ${ms.toFixed()} ms`);
  });
}

/** Asserts that a session is alive. */
async function answersPing(scene: Scene): Promise<void> {
  const before = scene.socket.sent.length;
  await scene.socket.receive({ type: "ping" });
  assert.deepEqual(scene.socket.sent.slice(before), [`{"type":"pong"}`]);
}

const dropped = [...NOT_JSON, ...EXCESSIVE].map((text) => ({ ...text, endsOffer: false }));
for (const { name, text, endsOffer } of [...INVALID_MESSAGES, ...dropped]) {
  test(`before the offer, over the WebSocket: ${name}`, async () => {
    const scene = new Scene();
    await scene.opened();
    await scene.socket.receive(text);
    assert.equal(scene.session.counters.invalidMessages, 1);
    if (endsOffer) {
      assert.equal(scene.socket.types.at(-1), "disconnect");
      await scene.socket.end({ code: 1000, reason: "TYPE-DISCONNECT" });
      const [, code, message] = scene.ends.at(-1)!;
      assert.equal(code, "INTERNAL_ERROR");
      assert.match(message as string, /^Invalid offer message: [a-z]/);
    } else {
      await scene.socket.receive(offerMessage());
      assert.deepEqual(scene.socket.types, ["connect", "answer"]);
    }
  });

  test(`connected, over the WebSocket: ${name}`, async () => {
    const scene = new Scene();
    await scene.connected();
    await scene.socket.receive(text);
    await answersPing(scene);
    assert.equal(scene.session.counters.invalidMessages, 1);
    assert.deepEqual(scene.ends, []);
  });

  test(`connected, over each data channel: ${name}`, async () => {
    const scene = new Scene();
    await scene.switched(false);
    for (const label of BUILT_IN_LABELS) await scene.peer.receiveData(label, text);
    await answersPing(scene);
    const { invalidMessages } = scene.session.counters;
    // The size is checked before the label, so rpc counts as well.
    const expected = new TextEncoder().encode(text).byteLength > 1024 * 1024 ? 5 : 4;
    assert.equal(invalidMessages, expected);
    assert.deepEqual(scene.ends, []);
  });
}

for (const { name, bytes } of BROKEN_COMPRESSED) {
  test(`connected, over each compressed data channel: ${name}`, async () => {
    const scene = new Scene();
    const labels = [...BUILT_IN_LABELS, "#chat"];
    const data_channels = labels
      .map((label) => ({ label, direction: "sendrecv", compress: true }));
    await scene.switched(false, [{ label: "#chat" }], { data_channels });
    const before = scene.events.length;
    for (const label of labels) await scene.peer.receiveData(label, bytes);
    await answersPing(scene);
    assert.equal(scene.session.state, "connected");
    const seen = scene.events.slice(before).filter(([event]) => event !== "onMessage");
    // What inflates to something is reported to handlers of any bytes, but is no message of signaling.
    assert.ok(seen.every(([event]) => event === "onSignalingMessage" || event === "onRpc"), name);
    assert.ok(scene.session.counters.invalidMessages >= 4, name);
  });
}

for (const { name, bytes } of NOT_TEXT) {
  test(`connected, over each data channel: ${name}`, async () => {
    const scene = new Scene();
    await scene.switched(false);
    for (const label of BUILT_IN_LABELS) await scene.peer.receiveData(label, bytes);
    await answersPing(scene);
    assert.ok(scene.session.counters.invalidMessages >= 4);
  });
}

test("binary WebSocket messages are ignored", async () => {
  const scene = new Scene();
  await scene.connected();
  await scene.socket.receiveBinary();
  assert.equal(scene.session.counters.ignoredMessages, 1);
  await answersPing(scene);
});

for (const { name, phase, via, message } of UNTIMELY) {
  test(`ignored: ${name}`, async () => {
    const scene = new Scene();
    if (phase === "before the offer") await scene.opened();
    else if (phase === "connected") await scene.connected();
    else await scene.switched(false);
    const reported = ["onNotify", "onPush", "onSwitched", "onMessage", "onDisconnect"];
    const before = scene.of(...reported).length;
    if (via === "WebSocket") await scene.socket.receive(message);
    else await scene.peer.receiveData(via, message);
    assert.equal(scene.session.counters.ignoredMessages, 1);
    assert.equal(scene.session.counters.invalidMessages, 0);
    assert.equal(scene.of(...reported).length, before);
    if (phase === "before the offer") {
      await scene.socket.receive(offerMessage());
      assert.deepEqual(scene.socket.types, ["connect", "answer"]);
    } else {
      assert.equal(scene.peers.length, 1);
      await answersPing(scene);
    }
  });
}

test("a message that is shorter than the header of its channel is dropped, one of just its length is empty", async () => {
  const header = [{ type: "sender_connection_id", length: 26 }];
  const scene = new Scene();
  await scene.switched(false, [{ label: "#chat", direction: "recvonly", compress: false, header }]);
  const encoder = new TextEncoder();
  for (const length of [0, 1, 25]) {
    await scene.peer.receiveData("#chat", encoder.encode("X".repeat(length)));
  }
  assert.equal(scene.session.counters.invalidMessages, 3);
  await scene.peer.receiveData("#chat", encoder.encode("X".repeat(26)));
  assert.deepEqual(scene.of("onMessage"), [
    ["onMessage", "#chat", new Uint8Array(0), { senderConnectionId: "X".repeat(26) }],
  ]);
  await answersPing(scene);
});
