/** Malformed messages harm nobody: a session drops and counts them and goes on, whatever phase it is in. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  BROKEN_COMPRESSED,
  EXCESSIVE,
  INVALID_MESSAGES,
  NOT_JSON,
} from "../support/signaling_corpus.ts";
import { BUILT_IN_LABELS, offerMessage, Scene } from "../support/signaling_scene.ts";

/** Everything that comes as text: its name, the text, and whether it is an offer. */
const texts: readonly (readonly [string, string, boolean])[] = [
  ...INVALID_MESSAGES.map(([message, path, problem]) => {
    const { type } = (message ?? {}) as { type?: unknown };
    const name = `${String(type)}: ${path || "(all)"} ${problem.source}`;
    return [name, JSON.stringify(message), type === "offer"] as const;
  }),
  ...NOT_JSON.map((text) => [JSON.stringify(text), text, false] as const),
  ...EXCESSIVE.map(([name, text]) => [name, text, false] as const),
];

/** What is still answered shows that a session is alive. */
async function answersPing(scene: Scene): Promise<void> {
  const before = scene.socket.sent.length;
  await scene.socket.receive({ type: "ping" });
  assert.deepEqual(scene.socket.sent.slice(before), [`{"type":"pong"}`]);
}

for (const [name, text, isOffer] of texts) {
  test(`before the offer, over the WebSocket: ${name}`, async () => {
    const scene = new Scene();
    await scene.opened();
    await scene.socket.receive(text);
    assert.equal(scene.session.counters.invalidMessages, 1);
    if (isOffer) {
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
    // The size is looked at before the label, so that rpc counts, too.
    const expected = new TextEncoder().encode(text).byteLength > 1024 * 1024 ? 5 : 4;
    assert.equal(invalidMessages, expected);
    assert.deepEqual(scene.ends, []);
  });
}

for (const [name, bytes] of BROKEN_COMPRESSED) {
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
    // What inflates to something is told to those who take any bytes, but is no message to signaling.
    assert.ok(seen.every(([event]) => event === "onSignalingMessage" || event === "onRpc"), name);
    assert.ok(scene.session.counters.invalidMessages >= 4, name);
  });
}

for (
  const [name, bytes] of [
    ["no UTF-8", Uint8Array.of(0xc3, 0x28)],
    ["a byte order mark and rubbish", Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b)],
    ["zlib on a channel without compression", BROKEN_COMPRESSED[3]![1]],
  ] as const
) {
  test(`connected, over each data channel: ${name}`, async () => {
    const scene = new Scene();
    await scene.switched(false);
    for (const label of BUILT_IN_LABELS) await scene.peer.receiveData(label, bytes);
    await answersPing(scene);
    assert.ok(scene.session.counters.invalidMessages >= 4);
  });
}

test("a second offer is ignored", async () => {
  const scene = new Scene();
  await scene.connected();
  await scene.socket.receive(offerMessage({ connection_id: "ANOTHER" }));
  assert.equal(scene.peers.length, 1);
  assert.equal(scene.session.counters.ignoredMessages, 1);
  await answersPing(scene);
});

test("binary WebSocket messages are ignored", async () => {
  const scene = new Scene();
  await scene.connected();
  await scene.socket.receiveBinary();
  assert.equal(scene.session.counters.ignoredMessages, 1);
  await answersPing(scene);
});

test("all but offer, redirect and ping is ignored before the offer", async () => {
  const scene = new Scene();
  await scene.opened();
  const early = [
    { type: "re-offer", sdp: "x" },
    { type: "update", sdp: "x" },
    { type: "notify", event_type: "anything" },
    { type: "push", data: 1 },
    { type: "switched", ignore_disconnect_websocket: true },
    { type: "req-stats" },
    { type: "close", code: 1000, reason: "x" },
    { type: "answer", sdp: "x" },
  ];
  for (const message of early) await scene.socket.receive(message);
  assert.equal(scene.session.counters.ignoredMessages, early.length);
  assert.deepEqual(scene.of("onNotify", "onPush", "onSwitched"), []);
  await scene.socket.receive(offerMessage());
  assert.deepEqual(scene.socket.types, ["connect", "answer"]);
});
