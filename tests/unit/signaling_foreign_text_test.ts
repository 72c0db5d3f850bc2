/** What the server says never reaches an error or a message with control characters in it, nor at any length. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { nativeError } from "../../ffi/result.ts";
import { cannotEncode } from "../../sdk/peer/answer.ts";
import { settle } from "../support/signaling_fakes.ts";
import { Scene } from "../support/signaling_scene.ts";

/** Ends a line, begins another, clears a terminal. */
const NASTY = "bye\r\n2026 ERROR forged\u001b[2J\u0000\u009b";
const ESCAPED = "bye\\r\\n2026 ERROR forged\\u001b[2J\\u0000\\u009b";
const CONTROL = /[\p{Cc}\u2028\u2029]/u;

/** The message that a connection ended with. */
function endOf(scene: Scene): string {
  const message = scene.of("onDisconnect")[0]![2] as string;
  assert.doesNotMatch(message, CONTROL);
  assert.ok(message.length < 1_000);
  return message;
}

for (const code of [1000, 4490]) {
  test(`the reason of a WebSocket's close with ${code} is escaped; onWsClose gets it unmodified`, async () => {
    const scene = new Scene();
    const connected = scene.connect();
    await settle();
    await scene.socket.open();
    await scene.socket.end({ code, reason: NASTY });
    await assert.rejects(connected, (error: Error) => error.message === endOf(scene));
    assert.ok(endOf(scene).endsWith(`wsreason=${ESCAPED}`));
    assert.deepEqual(scene.of("onWsClose"), [["onWsClose", code, NASTY]]);
  });
}

for (
  const [name, reason, expected] of [
    ["control characters", NASTY, ESCAPED],
    ["a mebibyte", "x".repeat(1_000_000), `${"x".repeat(500)}…`],
  ] as const
) {
  test(`the reason of a close message with ${name} is bounded and escaped`, async () => {
    const scene = new Scene();
    await scene.switched(true);
    await scene.socket.end({ code: 1000, reason: "" });
    await scene.peer.receiveData("signaling", { type: "close", code: 1000, reason });
    for (const label of [...scene.peer.openLabels]) await scene.peer.closeChannel(label);
    assert.equal(endOf(scene), `Succeeded to close DataChannel: reason=${expected}`);
  });
}

test("onReconnecting's message is escaped, too", async () => {
  const scene = new Scene({ reconnect: {} });
  let message = "";
  scene.handlers.onReconnecting = (event) => void (message = event.message);
  await scene.connected();
  await scene.socket.end({ code: 4000, reason: NASTY });
  assert.ok(message.endsWith(`wsreason=${ESCAPED}`), message);
  await scene.session.disconnect();
});

test("an error that quotes the offer's SDP is escaped, and so is its cause", async () => {
  const scene = new Scene();
  scene.onPeer = (peer) => {
    peer.onSetRemoteOffer = () => Promise.reject(nativeError(-1, `Expects line: a=${NASTY}`));
  };
  await scene.answered();
  await scene.socket.end({ code: 1000, reason: "TYPE-DISCONNECT" });
  assert.ok(endOf(scene).includes(ESCAPED));
  await assert.rejects(scene.connecting, (error: Error) => {
    assert.doesNotMatch((error.cause as Error).message, CONTROL);
    return true;
  });
});

test("the codecs that an offer asks for are escaped and bounded", () => {
  const lines = ["a=mid:v", "a=rtpmap:9 H264/90000", `a=fmtp:9 x=${"\u001b[2J".repeat(1_000)}`];
  const sdp = ["v=0", "m=video 9 UDP/TLS/RTP/SAVPF 9", ...lines, ""].join("\r\n");
  const { message } = cannotEncode(sdp, "v");
  assert.doesNotMatch(message, CONTROL);
  assert.match(message, /^the server asks for H264 \(x=(\\u001b\[2J)+/);
  assert.ok(message.length < 1_000);
});

test("the location of a redirect is escaped and bounded", async () => {
  for (const location of [`wss://${NASTY}/`, `nonsense${"y".repeat(100_000)}`]) {
    const scene = new Scene();
    await scene.opened();
    await scene.socket.receive({ type: "redirect", location });
    await scene.socket.end({ code: 1000, reason: "" });
    assert.match(endOf(scene), /^Invalid URL: url=/);
  }
});

test("the error answer of a remote procedure call is escaped and bounded; its data is not changed", async () => {
  for (const text of [NASTY, "z".repeat(100_000)]) {
    const scene = new Scene();
    await scene.switched(false);
    const call = scene.session.rpc("method");
    await settle();
    const error = { code: -1, message: text, data: text };
    await scene.peer.receiveData("rpc", { jsonrpc: "2.0", id: 1, error });
    await assert.rejects(call, (error: Error & { data: unknown }) => {
      assert.doesNotMatch(error.message, CONTROL);
      assert.ok(error.message.length < 1_000);
      assert.equal(error.data, text);
      return true;
    });
  }
});
