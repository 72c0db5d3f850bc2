import assert from "node:assert/strict";
import { test } from "node:test";
import { CHANGE_EFFECT_MS, MOVE_TIMEOUT_MS } from "../../signaling/connection/address_change.ts";
import { Scene } from "../support/signaling_scene.ts";

const host = (address: string) => ({
  candidate: `candidate:1 1 udp 2122260223 ${address} 49394 typ host`,
  sdpMid: "0",
  sdpMLineIndex: 0,
});
const candidate = host("192.0.2.2");

/** A connection that connects again at once. */
async function connected(): Promise<Scene> {
  const scene = new Scene({ reconnect: { initialDelayMs: 1, jitter: 0 } });
  scene.handlers.onReconnecting = ({ code }) =>
    void scene.events.push(["onReconnecting", code, scene.clock.now()]);
  await scene.connected();
  return scene;
}

test("a peer connection that does not come back from a new address is made again after 3 s", async () => {
  for (const order of ["candidate first", "loss first"]) {
    const scene = await connected();
    const { events } = scene.peer;
    const steps = [
      () => events.onIceCandidate(candidate),
      () => events.onConnectionStateChange("disconnected"),
    ];
    if (order === "loss first") steps.reverse();
    const start = scene.clock.now();
    for (const step of steps) step();
    await scene.clock.advance(MOVE_TIMEOUT_MS - 1);
    assert.equal(scene.session.state, "connected");
    await scene.clock.advance(1);
    assert.deepEqual(scene.of("onReconnecting"), [
      ["onReconnecting", "PEER_CONNECTION_STATE_FAILED", start + MOVE_TIMEOUT_MS],
    ], order);
    assert.ok(scene.peers[0]!.closed);
    await scene.clock.advance(1);
    assert.equal(scene.network.sockets.length, 2);
  }
});

test("a peer connection that is lost later than 3 s after a new address is made again at once", async () => {
  const scene = await connected();
  scene.peer.events.onIceCandidate(candidate);
  await scene.clock.advance(MOVE_TIMEOUT_MS + 1_000);
  const lost = scene.clock.now();
  scene.peer.events.onConnectionStateChange("disconnected");
  await scene.clock.advance(0);
  assert.deepEqual(scene.of("onReconnecting"), [
    ["onReconnecting", "PEER_CONNECTION_STATE_FAILED", lost],
  ]);
});

test("a peer connection that comes back from a new address goes on", async () => {
  const scene = await connected();
  const { events } = scene.peer;
  events.onIceCandidate(candidate);
  events.onConnectionStateChange("disconnected");
  await scene.clock.advance(MOVE_TIMEOUT_MS - 1);
  events.onConnectionStateChange("connected");
  await scene.clock.advance(10 * MOVE_TIMEOUT_MS);
  assert.deepEqual(scene.of("onReconnecting"), []);
  assert.equal(scene.clock.pending, 0);
});

test("a loss without a new address, or long after one, is waited for as before", async () => {
  const scene = await connected();
  const { events } = scene.peer;
  events.onConnectionStateChange("disconnected");
  await scene.clock.advance(2 * MOVE_TIMEOUT_MS);
  events.onConnectionStateChange("connected");
  events.onIceCandidate(candidate);
  await scene.clock.advance(CHANGE_EFFECT_MS);
  events.onConnectionStateChange("disconnected");
  await scene.clock.advance(2 * MOVE_TIMEOUT_MS);
  assert.deepEqual(scene.of("onReconnecting"), []);
  assert.equal(scene.session.state, "connected");
});

test("a candidate of an address that is known, or of this machine alone, is no new address", async () => {
  const scene = await connected();
  const { events } = scene.peer;
  events.onIceCandidate(candidate);
  await scene.clock.advance(CHANGE_EFFECT_MS);
  for (const address of ["192.0.2.2", "127.0.0.1", "::1"]) events.onIceCandidate(host(address));
  events.onConnectionStateChange("disconnected");
  await scene.clock.advance(2 * MOVE_TIMEOUT_MS);
  assert.deepEqual(scene.of("onReconnecting"), []);
  assert.equal(scene.session.state, "connected");
});

test("disconnect() while a peer connection moves to a new address leaves no timer", async () => {
  const scene = await connected();
  scene.peer.events.onIceCandidate(candidate);
  scene.peer.events.onConnectionStateChange("disconnected");
  const done = scene.session.disconnect();
  await scene.socket.end({ code: 1000, reason: "TYPE-DISCONNECT" });
  await done;
  assert.equal(scene.clock.pending, 0);
});

test("candidates of a new address go over the data channel once signaling has moved there", async () => {
  const scene = new Scene();
  await scene.switched(false);
  const before = scene.socket.sent.length;
  scene.peer.events.onIceCandidate(candidate);
  assert.equal(scene.socket.sent.length, before);
  const { label, data } = scene.peer.sentData.at(-1)!;
  assert.equal(label, "signaling");
  assert.deepEqual(JSON.parse(new TextDecoder().decode(data)), {
    type: "candidate",
    candidate: candidate.candidate,
  });
});
