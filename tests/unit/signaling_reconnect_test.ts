import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Ending } from "../../signaling/connection/ending.ts";
import { reconnectDelay, reconnectPolicy } from "../../signaling/options/reconnect_policy.ts";
import { settle } from "../support/signaling_fakes.ts";
import { connectionNotify, offerMessage, Scene } from "../support/signaling_scene.ts";

const lost: Ending = { code: "WEBSOCKET_ONERROR", message: "lost" };
const reset = { code: 0, reason: "", error: new Error("read ECONNRESET") };
const plain = { maxRetries: 3, initialDelayMs: 100, maxDelayMs: 1_000, jitter: 0 };

test("reconnectPolicy has the documented defaults", () => {
  assert.deepEqual(reconnectPolicy({}), {
    maxRetries: 10,
    initialDelayMs: 500,
    maxDelayMs: 30_000,
    jitter: 0.5,
  });
});

test("reconnectDelay doubles up to the longest wait, and gives up after maxRetries", () => {
  const policy = { ...plain, maxRetries: 6 };
  const delays = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => reconnectDelay(policy, lost, n, Math.random));
  assert.deepEqual(delays, [100, 200, 400, 800, 1_000, 1_000, undefined, undefined]);
});

test("reconnectDelay takes the jitter's part of the wait at random", () => {
  const policy = { ...plain, jitter: 0.25 };
  assert.equal(reconnectDelay(policy, lost, 1, () => 0), 200);
  assert.equal(reconnectDelay(policy, lost, 1, () => 0.5), 175);
  fc.assert(fc.property(
    fc.record({
      maxRetries: fc.nat(1_000_000),
      initialDelayMs: fc.double({ min: 1, max: 2 ** 31, noNaN: true }),
      maxDelayMs: fc.double({ min: 1, max: 2 ** 31, noNaN: true }),
      jitter: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    fc.nat(2_000_000),
    fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    (policy, failures, random) => {
      const delay = reconnectDelay(policy, lost, failures, () => random);
      if (failures >= policy.maxRetries) assert.equal(delay, undefined);
      else assert.ok(delay! >= 0 && delay! <= policy.maxDelayMs, `${delay}`);
    },
  ));
});

const refused = (reason: string): Partial<Ending> => ({
  code: "WEBSOCKET_ONCLOSE",
  close: { code: 4490, reason },
});
const endings: [string, Partial<Ending>, boolean][] = [
  ["an end in order", { code: "CLOSE_SUCCEEDED" }, false],
  ["a wrong parameter", { code: "INVALID_PARAMETER" }, false],
  ["a refused authentication", refused("AUTHENTICATION-FAILURE"), false],
  ["a refusal in the application's own words", refused("no such room"), false],
  ["an authentication server that fails", refused("AUTHENTICATION-INTERNAL-ERROR"), true],
  ["a missing pong", refused("PONG-TIMEOUT-ERROR"), true],
  ["the old connection still being there", refused("DUPLICATED-CHANNEL-ID"), true],
  ["a lost transport", refused("TRANSPORT-ERROR"), true],
  ["media that stopped coming", refused("MEDIA-TIMEOUT-ERROR"), true],
  ["a network that was too slow for a while", refused("SLOW-CONSUMER"), true],
  ["a server that failed", refused("INTERNAL-ERROR"), true],
  ["a server that is full", refused("TOO-MANY-CONNECTIONS"), true],
  ["a server that is about to restart", refused("SERVER-CLOSING"), true],
  [
    "1000 that nobody asked for",
    { code: "WEBSOCKET_ONCLOSE", close: { code: 1000, reason: "TYPE-DISCONNECT" } },
    true,
  ],
  ["another close code", { code: "WEBSOCKET_ONCLOSE", close: { code: 1001, reason: "" } }, true],
  ["a broken socket", { code: "WEBSOCKET_ONERROR", close: { code: 0, reason: "" } }, true],
  ["a failed handshake", { code: "WEBSOCKET_HANDSHAKE_FAILED" }, true],
  ["HTTP 401", { code: "WEBSOCKET_HANDSHAKE_FAILED", httpStatus: 401 }, false],
  ["HTTP 403", { code: "WEBSOCKET_HANDSHAKE_FAILED", httpStatus: 403 }, false],
  ["HTTP 407", { code: "WEBSOCKET_HANDSHAKE_FAILED", httpStatus: 407 }, false],
  ["HTTP 503", { code: "WEBSOCKET_HANDSHAKE_FAILED", httpStatus: 503 }, true],
  ["a failed peer connection", { code: "PEER_CONNECTION_STATE_FAILED" }, true],
  ["a timeout", { code: "INTERNAL_ERROR" }, true],
  ["data channels that closed", { code: "CLOSE_FAILED" }, true],
];
for (const [name, ending, again] of endings) {
  test(`reconnectDelay after ${name}: ${again ? "again" : "never again"}`, () => {
    const delay = reconnectDelay(plain, { ...lost, ...ending }, 0, () => 0);
    assert.equal(delay, again ? 100 : undefined);
  });
}

/** A scene that records how reconnecting goes, too. */
function reconnecting(policy: object = plain): Scene {
  const scene = new Scene({ reconnect: policy });
  scene.handlers.onReconnecting = (event) => void scene.events.push(["onReconnecting", event]);
  scene.handlers.onReconnected = (event) => void scene.events.push(["onReconnected", event]);
  return scene;
}

/** Brings the newest socket all the way to connected. */
async function accept(scene: Scene): Promise<void> {
  await scene.socket.open();
  await scene.socket.receive(offerMessage());
  scene.peer.events.onConnectionStateChange("connected");
  await scene.socket.receive(connectionNotify("created"));
}

const story = (scene: Scene) =>
  scene.of("onReconnecting", "onReconnected", "onDisconnect").map(([name, first]) =>
    name === "onDisconnect" ? [name, first] : [name, (first as { attempt: number }).attempt]
  );

test("a lost connection is made again with a new socket and a new peer", async () => {
  const scene = reconnecting();
  await scene.connected();
  await scene.socket.end(reset);
  assert.equal(scene.session.state, "connecting");
  assert.deepEqual(scene.of("onReconnecting"), [["onReconnecting", {
    attempt: 1,
    maxRetries: 3,
    delayMs: 100,
    code: "WEBSOCKET_ONERROR",
    message: "Failed to read WebSocket: ec=read ECONNRESET wscode=0 wsreason=",
  }]]);
  assert.equal(scene.peers[0]!.closed, true);
  assert.equal(scene.network.sockets.length, 1);
  await scene.clock.advance(100);
  await accept(scene);
  assert.equal(scene.session.state, "connected");
  assert.equal(scene.peers.length, 2);
  assert.deepEqual(story(scene), [["onReconnecting", 1], ["onReconnected", 1]]);
  assert.deepEqual(scene.of("onDisconnect"), []);
  assert.equal(scene.clock.pending, 0);
});

test("an end that nobody asked for makes the connection again, over whichever transport it came", async () => {
  const CLOSE = { type: "close", reason: "PONG-TIMEOUT-ERROR", code: 4490 };
  const closeChannels = async ({ peer }: Scene) => {
    for (const label of [...peer.openLabels]) await peer.closeChannel(label);
  };
  const rows: [string, boolean, (scene: Scene) => Promise<unknown>][] = [
    ["1000", false, (scene) => scene.socket.end({ code: 1000, reason: "TYPE-DISCONNECT" })],
    ["the association, and 1000", false, async (scene) => {
      await closeChannels(scene);
      await scene.socket.end({ code: 1000, reason: "TYPE-DISCONNECT" });
    }],
    ["the association, and silence", false, async (scene) => {
      await closeChannels(scene);
      await scene.clock.advance(5_000);
    }],
    ["data channels alone", true, closeChannels],
    ["data channels alone, announced", true, async (scene) => {
      await scene.peer.receiveData("signaling", CLOSE);
      await closeChannels(scene);
    }],
  ];
  for (const [name, alone, end] of rows) {
    const scene = reconnecting();
    await scene.switched(alone);
    if (alone) await scene.socket.end({ code: 1000, reason: "" });
    await end(scene);
    assert.deepEqual(story(scene), [["onReconnecting", 1]], name);
    await scene.clock.advance(100);
    await accept(scene);
    assert.equal(scene.session.state, "connected", name);
    assert.deepEqual(story(scene), [["onReconnecting", 1], ["onReconnected", 1]], name);
  }
});

test("a refusal announced over data channels alone is not tried again", async () => {
  const scene = reconnecting();
  await scene.switched(true);
  await scene.socket.end({ code: 1000, reason: "" });
  const close = { type: "close", code: 4490, reason: "AUTHENTICATION-FAILURE" };
  await scene.peer.receiveData("signaling", close);
  for (const label of [...scene.peer.openLabels]) await scene.peer.closeChannel(label);
  assert.deepEqual(story(scene), [["onDisconnect", "CLOSE_FAILED"]]);
});

test("attempts that fail are repeated with longer waits until the policy gives up", async () => {
  const scene = reconnecting();
  await scene.connected();
  await scene.socket.end(reset);
  for (const delay of [100, 200, 400]) {
    const sockets = scene.network.sockets.length;
    await scene.clock.advance(delay - 1);
    assert.equal(scene.network.sockets.length, sockets);
    await scene.clock.advance(1);
    assert.equal(scene.network.sockets.length, sockets + 1);
    await scene.socket.end(reset);
  }
  assert.deepEqual(story(scene), [
    ["onReconnecting", 1],
    ["onReconnecting", 2],
    ["onReconnecting", 3],
    ["onDisconnect", "WEBSOCKET_HANDSHAKE_FAILED"],
  ]);
  assert.equal(scene.events.at(-1)![0], "onDisconnect");
  assert.equal(scene.session.state, "disconnected");
  assert.equal(scene.clock.pending, 0);
});

test("the count starts anew after a connection that held for the longest wait, not before", async () => {
  for (const [held, attempt] of [[999, 2], [1_000, 1]] as const) {
    const scene = reconnecting();
    await scene.connected();
    await scene.socket.end(reset);
    await scene.clock.advance(100);
    await accept(scene);
    await scene.clock.advance(held);
    await scene.socket.end(reset);
    assert.equal((scene.of("onReconnecting").at(-1)![1] as { attempt: number }).attempt, attempt);
  }
});

test("while a lost connection waits, nothing of the old one can be used", async () => {
  const scene = reconnecting();
  await scene.switched(false);
  assert.equal(scene.session.sendDataChannel("rpc", "x"), true);
  await scene.socket.end(reset);
  assert.equal(scene.session.sendDataChannel("rpc", "x"), false);
  assert.equal(scene.session.isDataChannelOpen("rpc"), false);
  assert.equal(scene.session.offer, undefined);
  await assert.rejects(scene.session.getStats(), { code: "INVALID_STATE" });
  await assert.rejects(scene.session.rpc("x"), { code: "INVALID_STATE" });
});

test("hintNow() ends the wait, and does nothing otherwise", async () => {
  const scene = reconnecting();
  scene.session.hintNow();
  await scene.connected();
  scene.session.hintNow();
  await scene.socket.end(reset);
  scene.session.hintNow();
  await settle();
  assert.equal(scene.network.sockets.length, 2);
  scene.session.hintNow();
  await accept(scene);
  assert.equal(scene.session.state, "connected");
  assert.equal(scene.network.sockets.length, 2);
  assert.equal(scene.clock.pending, 0);
});

test("the first connection is not repeated when it fails", async () => {
  const scene = reconnecting();
  const connected = scene.connect();
  await settle();
  await scene.socket.end(reset);
  await assert.rejects(connected, { code: "WEBSOCKET_HANDSHAKE_FAILED" });
  assert.deepEqual(story(scene), [["onDisconnect", "WEBSOCKET_HANDSHAKE_FAILED"]]);
});

test("nothing is repeated after a refused authentication, a server's end or the user's", async () => {
  const ends: ((scene: Scene) => Promise<unknown>)[] = [
    (scene) => scene.socket.end({ code: 4490, reason: "AUTHENTICATION-FAILURE" }),
    (scene) => scene.socket.end({ code: 1000, reason: "DISCONNECTED-API" }),
    async (scene) => {
      const done = scene.session.disconnect();
      await scene.socket.end(reset);
      await done;
    },
  ];
  for (const end of ends) {
    const scene = reconnecting();
    await scene.connected();
    await end(scene);
    assert.deepEqual(scene.of("onReconnecting"), []);
    assert.equal(scene.of("onDisconnect").length, 1);
    assert.equal(scene.clock.pending, 0);
  }
});

test("disconnect() while waiting, or from the handler that reports it, ends it", async () => {
  for (const inHandler of [true, false]) {
    const scene = reconnecting();
    let done = Promise.resolve();
    if (inHandler) scene.handlers.onReconnecting = () => void (done = scene.session.disconnect());
    await scene.connected();
    await scene.socket.end(reset);
    if (!inHandler) done = scene.session.disconnect();
    await done;
    assert.deepEqual(scene.of("onDisconnect"), [
      ["onDisconnect", "CLOSE_SUCCEEDED", "Close was called in connecting"],
    ]);
    assert.equal(scene.clock.pending, 0);
    assert.equal(scene.network.sockets.length, 1);
  }
});

test("disconnect() during an attempt to connect again ends it", async () => {
  const scene = reconnecting();
  await scene.connected();
  await scene.socket.end(reset);
  await scene.clock.advance(100);
  await scene.session.disconnect();
  assert.deepEqual(story(scene), [["onReconnecting", 1], ["onDisconnect", "CLOSE_SUCCEEDED"]]);
  assert.equal(scene.socket.terminated, true);
  assert.equal(scene.clock.pending, 0);
});

test("connect() while a lost connection closes takes the place of its next attempt", async () => {
  const scene = reconnecting();
  await scene.connected();
  const closing = Promise.withResolvers<void>();
  scene.peer.onClose = () => closing.promise;
  await scene.socket.end(reset);
  assert.equal(scene.session.state, "disconnecting");
  const connecting = scene.connect();
  closing.resolve();
  await settle();
  assert.deepEqual(story(scene), [["onDisconnect", "WEBSOCKET_ONERROR"]]);
  await accept(scene);
  await connecting;
  assert.equal(scene.network.sockets.length, 2);
  const done = scene.session.disconnect();
  await scene.socket.end({ code: 1000, reason: "TYPE-DISCONNECT" });
  await done;
  assert.equal(scene.of("onDisconnect").length, 2);
  assert.equal(scene.clock.pending, 0);
});
