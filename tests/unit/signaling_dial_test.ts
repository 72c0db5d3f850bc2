/** Several URLs in parallel, and redirects. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { shuffled } from "../../signaling/socket/dial.ts";
import { type FakeSocket, settle } from "../support/signaling_fakes.ts";
import { offerMessage, Scene } from "../support/signaling_scene.ts";

const urls = ["ws://a.example/signaling", "ws://b.example/signaling", "ws://c.example/signaling"];
const reset = { code: 0, reason: "", error: new Error("reset") };

async function three(): Promise<{ scene: Scene; byUrl: (letter: string) => FakeSocket }> {
  const scene = new Scene({ signalingUrls: urls });
  scene.connecting = scene.connect();
  await settle();
  const byUrl = (letter: string) =>
    scene.network.sockets.find(({ request }) =>
      request.url === `ws://${letter}.example/signaling`
    )!;
  return { scene, byUrl };
}

test("all URLs are tried in parallel; the first to answer alone gets connect", async () => {
  const { scene, byUrl } = await three();
  assert.equal(scene.network.sockets.length, 3);
  await byUrl("b").open();
  assert.deepEqual(byUrl("b").types, ["connect"]);
  await byUrl("a").open();
  assert.deepEqual(byUrl("a").types, []);
  assert.deepEqual(byUrl("a").closed, { code: 1000, reason: "" });
  await byUrl("c").end(reset);
  await byUrl("a").end({ code: 1000, reason: "" });
  assert.deepEqual(scene.ends, []);
  await byUrl("b").receive(offerMessage());
  assert.deepEqual(byUrl("b").types, ["connect", "answer"]);
});

test("URLs that fail are forgotten as long as one is left", async () => {
  const { scene, byUrl } = await three();
  await byUrl("a").end(reset);
  await byUrl("b").end(reset);
  assert.deepEqual(scene.ends, []);
  await byUrl("c").open();
  assert.deepEqual(byUrl("c").types, ["connect"]);
});

test("the others are cut off when they neither open nor fail in time", async () => {
  const { scene, byUrl } = await three();
  await byUrl("a").open();
  await byUrl("b").open();
  await scene.clock.advance(3_000);
  assert.equal(byUrl("b").terminated, true);
  assert.equal(byUrl("c").terminated, true);
  assert.equal(byUrl("a").terminated, false);
});

test("the others are cut off at once when the connection ends", async () => {
  const { scene, byUrl } = await three();
  await byUrl("a").open();
  await byUrl("a").end(reset);
  assert.equal(byUrl("b").terminated, true);
  assert.equal(byUrl("c").terminated, true);
  assert.equal(scene.clock.pending, 0);
});

test("signals of a socket that lost are not taken for the winner's", async () => {
  const { scene, byUrl } = await three();
  await byUrl("a").open();
  await byUrl("b").open();
  await byUrl("b").receive(offerMessage());
  assert.equal(scene.peers.length, 0);
});

test("shuffled gives every order, none of them far more often", () => {
  const counts = new Map<string, number>();
  let seed = 1;
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  for (let i = 0; i < 6000; i++) {
    const order = shuffled(["a", "b", "c"], random).join("");
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  assert.equal(counts.size, 6);
  for (const count of counts.values()) assert.ok(count > 800 && count < 1200, `${count}`);
});

test("redirect closes the socket, connects to the location and sends redirect: true", async () => {
  const scene = new Scene();
  await scene.opened();
  const first = scene.socket;
  const redirect = { type: "redirect", location: "ws://node2.example/signaling" };
  await first.receive(redirect);
  assert.deepEqual(first.closed, { code: 1000, reason: "" });
  assert.equal(scene.network.sockets.length, 1);
  await first.end({ code: 1000, reason: "" });
  assert.deepEqual(scene.ends, [["onWsClose", 1000, "SELF-CLOSED"]]);
  assert.equal(scene.socket.request.url, "ws://node2.example/signaling");
  await scene.socket.open();
  assert.equal(scene.socket.messages[0]!["redirect"], true);
  assert.deepEqual(scene.of("onSignalingMessage").map(([, , way, text]) => [way, text]), [
    ["SENT", first.sent[0]],
    ["RECEIVED", JSON.stringify(redirect)],
    ["SENT", scene.socket.sent[0]],
  ]);
  await scene.socket.receive(offerMessage());
  assert.deepEqual(scene.socket.types, ["connect", "answer"]);
});

test("redirect goes on when the old socket breaks or does not close", async () => {
  for (const breaks of [true, false]) {
    const scene = new Scene();
    await scene.opened();
    await scene.socket.receive({ type: "redirect", location: "ws://node2.example/signaling" });
    if (breaks) await scene.socket.end(reset);
    else await scene.clock.advance(3_000);
    assert.deepEqual(scene.ends, [["onWsClose", 4999, "SELF-CLOSED"]]);
    assert.equal(scene.socket.request.url, "ws://node2.example/signaling");
  }
});

/** Follows redirects; each server sends to the next. */
async function redirects(scene: Scene, count: number): Promise<void> {
  await scene.opened();
  for (let i = 0; i < count; i++) {
    await scene.socket.receive({ type: "redirect", location: `ws://node${i}.example/signaling` });
    await scene.socket.end({ code: 1000, reason: "" });
    if (i < count - 1) await scene.socket.open();
  }
}

test("redirects are followed up to the limit", async () => {
  const scene = new Scene();
  await redirects(scene, 10);
  await scene.socket.open();
  await scene.socket.receive(offerMessage());
  assert.equal(scene.peers.length, 1);
  assert.equal(scene.of("onWsClose").length, 10);
});

test("redirects beyond the limit end the connection", async () => {
  const scene = new Scene();
  await redirects(scene, 10);
  await scene.socket.open();
  await scene.socket.receive({ type: "redirect", location: "ws://one.too.many/" });
  assert.equal(scene.socket.types.at(-1), "disconnect");
  await scene.socket.end({ code: 1000, reason: "TYPE-DISCONNECT" });
  await assert.rejects(scene.connecting, {
    code: "INTERNAL_ERROR",
    message: "Too many redirects: limit=10, internal_message=" +
      "Succeeded to close WebSocket (DC signaling is not enabled)",
  });
  assert.equal(scene.network.sockets.length, 11);
});

test("redirect after the offer is ignored", async () => {
  const scene = new Scene();
  await scene.connected();
  await scene.socket.receive({ type: "redirect", location: "ws://node2.example/signaling" });
  assert.equal(scene.network.sockets.length, 1);
  assert.equal(scene.session.counters.ignoredMessages, 1);
});

test("connect() after a redirect starts again at the given URLs, without redirect", async () => {
  const scene = new Scene();
  await redirects(scene, 1);
  await scene.socket.end(reset);
  await scene.opened();
  assert.equal(scene.socket.request.url, "ws://sora.example/signaling");
  assert.equal("redirect" in scene.socket.messages[0]!, false);
});
