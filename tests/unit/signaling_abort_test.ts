import assert from "node:assert/strict";
import { test } from "node:test";
import { settle } from "../support/signaling_fakes.ts";
import { connectionNotify, offerMessage, Scene } from "../support/signaling_scene.ts";

/** How far a connection gets before it is aborted. */
const phases: Record<string, (scene: Scene, signal: AbortSignal) => Promise<void>> = {
  "before the first socket": (scene, signal) => {
    scene.connecting = scene.connect(signal);
    return Promise.resolve();
  },
  "during the handshake": async (scene, signal) => {
    scene.connecting = scene.connect(signal);
    await settle();
  },
  "before the offer": (scene, signal) => scene.opened(signal),
  "while redirecting": async (scene, signal) => {
    await scene.opened(signal);
    await scene.socket.receive({ type: "redirect", location: "ws://node2.example/signaling" });
  },
  "during setRemoteOffer": async (scene, signal) => {
    scene.onPeer = (peer) => peer.onSetRemoteOffer = () => new Promise(() => {});
    await scene.answered(offerMessage(), signal);
  },
  "during createAnswer": async (scene, signal) => {
    scene.onPeer = (peer) => peer.onCreateAnswer = () => new Promise(() => {});
    await scene.answered(offerMessage(), signal);
  },
  "after the answer": (scene, signal) => scene.answered(offerMessage(), signal),
  "after connection.created": async (scene, signal) => {
    await scene.answered(offerMessage(), signal);
    await scene.socket.receive(connectionNotify("created"));
  },
  "while closing": async (scene, signal) => {
    await scene.answered(offerMessage(), signal);
    void scene.session.disconnect();
  },
};

for (const [phase, enter] of Object.entries(phases)) {
  test(`abort ${phase} rejects connect() at once and leaves nothing behind`, async () => {
    const scene = new Scene();
    const controller = new AbortController();
    await enter(scene, controller.signal);
    let rejected: unknown;
    scene.connecting.catch((error) => rejected = error);
    scene.events.length = 0;
    const mayReport = () => scene.peers.map(({ events }) => events.mayReport());
    assert.ok(mayReport().every((may) => may));
    controller.abort();
    // Tracks are reported by the owner of the peer, which asks first.
    assert.ok(mayReport().every((may) => !may));
    await Promise.resolve();
    await Promise.resolve();
    assert.equal(rejected, controller.signal.reason);
    assert.equal((rejected as Error).name, "AbortError");
    const newest = scene.network.sockets.at(-1);
    if (newest?.types.at(-1) === "disconnect") {
      await newest.receive(connectionNotify("created"));
      await newest.receive({ type: "push", data: 1 });
      await newest.end({ code: 1000, reason: "TYPE-DISCONNECT" });
    }
    await settle();
    assert.equal(scene.clock.pending, 0);
    assert.equal(scene.session.state, "disconnected");
    assert.equal(scene.peers.every(({ closed }) => closed), true);
    assert.deepEqual(scene.events, scene.ends);
    assert.equal(scene.of("onDisconnect").length, 1);
    assert.equal(scene.events.at(-1)![0], "onDisconnect");
  });

  test(`abort ${phase}, then connect() again at once`, async () => {
    const scene = new Scene();
    const controller = new AbortController();
    await enter(scene, controller.signal);
    controller.abort();
    const old = scene.network.sockets.at(-1);
    const sockets = scene.network.sockets.length;
    scene.onPeer = () => {};
    scene.connecting = scene.connect();
    await settle();
    if (old?.types.at(-1) === "disconnect") {
      assert.equal(scene.network.sockets.length, sockets);
      await old.end({ code: 1000, reason: "TYPE-DISCONNECT" });
    }
    assert.equal(scene.of("onDisconnect").length, 1);
    assert.equal(scene.network.sockets.length, sockets + 1);
    await scene.socket.open();
    await scene.socket.receive(offerMessage());
    scene.peer.events.onConnectionStateChange("connected");
    await scene.socket.receive(connectionNotify("created"));
    await scene.connecting;
    assert.equal(scene.session.state, "connected");
  });
}

test("a signal that is aborted already rejects without connecting", async () => {
  const scene = new Scene();
  const reason = new Error("changed my mind");
  await assert.rejects(scene.session.connect({ signal: AbortSignal.abort(reason) }), reason);
  assert.deepEqual(scene.network.sockets, []);
  assert.deepEqual(scene.events, []);
});

for (const signal of [{}, "abort", null, { aborted: true }]) {
  test(`a signal that is ${JSON.stringify(signal)} is refused before anything starts`, async () => {
    const scene = new Scene();
    await assert.rejects(scene.session.connect({ signal: signal as AbortSignal }), {
      name: "TypeError",
      message: /^options\.signal must be an AbortSignal, not /,
    });
    await scene.clock.advance(60_000);
    assert.deepEqual([scene.network.sockets, scene.events, scene.clock.pending], [[], [], 0]);
    assert.equal(scene.session.state, "disconnected");
  });
}

test("a signal's own reason is what connect() rejects with", async () => {
  const scene = new Scene();
  const controller = new AbortController();
  const connected = scene.connect(controller.signal);
  const reason = { any: "thing" };
  controller.abort(reason);
  await assert.rejects(connected, (error) => error === reason);
});

test("a signal that is aborted after connect() has resolved changes nothing", async () => {
  const scene = new Scene();
  const controller = new AbortController();
  await scene.answered(offerMessage(), controller.signal);
  scene.peer.events.onConnectionStateChange("connected");
  await scene.socket.receive(connectionNotify("created"));
  await scene.connecting;
  controller.abort();
  await settle();
  assert.equal(scene.session.state, "connected");
});

test("an aborted connection whose server is silent is given up in time", async () => {
  const scene = new Scene();
  const controller = new AbortController();
  await scene.answered(offerMessage(), controller.signal);
  controller.abort();
  await scene.clock.advance(3_000);
  assert.equal(scene.socket.terminated, true);
  assert.equal(scene.session.state, "disconnected");
  assert.equal(scene.clock.pending, 0);
});

test("connect() waits for the end of the attempt before, also when disconnect() ends the wait", async () => {
  const scene = new Scene();
  await scene.connected();
  void scene.session.disconnect();
  const old = scene.socket;
  const second = scene.connect();
  const done = scene.session.disconnect();
  await settle();
  assert.equal(scene.of("onDisconnect").length, 0);
  await old.end({ code: 1000, reason: "TYPE-DISCONNECT" });
  await done;
  await assert.rejects(second, { code: "CLOSE_SUCCEEDED" });
  assert.deepEqual(scene.of("onDisconnect").map(([, , message]) => message), [
    "Succeeded to close WebSocket (DC signaling is not enabled)",
    "Close was called in connecting",
  ]);
  assert.equal(scene.network.sockets.length, 1);
});
