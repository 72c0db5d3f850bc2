/** Ends that a failure starts: each row of section 5 of the protocol notes. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { PEER_CLOSE_TIMEOUT_MS } from "../../signaling/connection/attempt.ts";
import { type FakePeer, settle } from "../support/signaling_fakes.ts";
import {
  connectionNotify,
  offerMessage,
  type Recorded,
  Scene,
} from "../support/signaling_scene.ts";

const GRACEFUL = "The WebSocket stream was gracefully closed at both endpoints";
const FORCED_WEBSOCKET =
  ", internal_message=Succeeded to close WebSocket (DC signaling is not enabled)";

/** The end of a connection that is closed politely once it has failed. */
async function closesAfter(scene: Scene): Promise<Recorded> {
  assert.equal(scene.socket.types.at(-1), "disconnect");
  await scene.socket.end({ code: 1000, reason: "TYPE-DISCONNECT" });
  return scene.ends.at(-1)!;
}

test("all handshakes fail", async () => {
  const scene = new Scene({ signalingUrls: ["ws://a.example/?token=hunter2", "ws://b.example/x"] });
  const connected = scene.connect();
  await settle();
  const refused = new Error("connect ECONNREFUSED 192.0.2.1:80");
  const byHost = (host: string) =>
    scene.network.sockets.find(({ request }) => request.url.includes(host))!;
  await byHost("b.example").end({ code: 0, reason: "", error: new Error("first") });
  await byHost("a.example").end({ code: 0, reason: "", error: refused });
  await assert.rejects(connected, {
    code: "WEBSOCKET_HANDSHAKE_FAILED",
    message: "Failed Websocket handshake: last_ec=connect ECONNREFUSED 192.0.2.1:80 " +
      "last_url=ws://a.example/?***",
    cause: refused,
  });
  assert.deepEqual(scene.ends.map(([name]) => name), ["onDisconnect"]);
  assert.equal(scene.clock.pending, 0);
});

test("a handshake through a proxy fails", async () => {
  const scene = new Scene({
    signalingUrls: ["wss://a.example/signaling"],
    proxyUrl: "http://user:hunter2@tunnel.example:3128/",
  });
  const connected = scene.connect();
  await settle();
  await scene.socket.end({ code: 0, reason: "", error: new Error("no") });
  await assert.rejects(connected, {
    message: "Failed Websocket handshake: last_ec=no last_url=wss://a.example/signaling " +
      "proxy_url=http://tunnel.example:3128",
  });
});

test("no handshake in time", async () => {
  const scene = new Scene({ webSocketConnectionTimeoutMs: 1_000 });
  const connected = scene.connect();
  await scene.clock.advance(999);
  assert.deepEqual(scene.ends, []);
  await scene.clock.advance(1);
  await assert.rejects(connected, { code: "INTERNAL_ERROR", message: "Connection timeout" });
  assert.equal(scene.socket.terminated, true);
  assert.equal(scene.clock.pending, 0);
});

test("no offer in time", async () => {
  const scene = new Scene({ webSocketConnectionTimeoutMs: 1_000 });
  await scene.opened();
  await scene.clock.advance(1_000);
  await assert.rejects(scene.connecting, {
    code: "INTERNAL_ERROR",
    message: "Connection timeout: offer did not come within 1000 ms",
  });
  assert.equal(scene.socket.terminated, true);
  assert.equal(scene.clock.pending, 0);
});

test("no connection.created in time", async () => {
  const scene = new Scene({ webSocketConnectionTimeoutMs: 1_000 });
  await scene.answered();
  scene.peer.events.onConnectionStateChange("connected");
  await scene.clock.advance(1_000);
  await assert.rejects(scene.connecting, {
    message: "Connection timeout: connection.created did not come within 1000 ms",
  });
  assert.equal(scene.peer.closed, true);
});

test("no peer connection in time", async () => {
  const scene = new Scene({ webSocketConnectionTimeoutMs: 1_000 });
  await scene.answered();
  await scene.socket.receive(connectionNotify("created"));
  await scene.clock.advance(1_000);
  await assert.rejects(scene.connecting, {
    message: "Connection timeout: peer connection did not come within 1000 ms",
  });
});

test("connect() keeps its limit while the peer connection applies an offer and does not close", async () => {
  const scene = new Scene({ webSocketConnectionTimeoutMs: 1_000 });
  scene.onPeer = (peer) => {
    peer.onSetRemoteOffer = () => new Promise(() => {});
    peer.onClose = () => new Promise(() => {});
  };
  await scene.answered();
  await scene.clock.advance(999);
  assert.equal(scene.ends.length, 0);
  await scene.clock.advance(1);
  await assert.rejects(scene.connecting, {
    code: "INTERNAL_ERROR",
    message: "Connection timeout: connection.created did not come within 1000 ms",
  });
  assert.equal(scene.peer.closed, true);
  assert.equal(scene.session.state, "disconnected");
  assert.equal(scene.of("onDisconnect").length, 1);
  await scene.clock.advance(PEER_CLOSE_TIMEOUT_MS);
  assert.equal(scene.clock.pending, 0);
});

test("a redirect to a bad URL", async () => {
  const scene = new Scene();
  await scene.opened();
  await scene.socket.receive({ type: "redirect", location: "http://x.example/?token=hunter2" });
  await scene.socket.end({ code: 1000, reason: "" });
  await assert.rejects(scene.connecting, {
    code: "INVALID_PARAMETER",
    message: "Invalid URL: url=http://x.example/?***",
  });
});

test("a redirect from wss: to ws: is refused, at whichever hop; one from ws: to wss: is followed", async () => {
  const scene = new Scene({ signalingUrls: ["ws://a.example/"] });
  await scene.opened();
  for (const node of ["1", "2"]) {
    await scene.socket.receive({ type: "redirect", location: `WSS://node${node}.example/` });
    await scene.socket.end({ code: 1000, reason: "" });
    await scene.socket.open();
  }
  const sockets = scene.network.sockets.length;
  await scene.socket.receive({ type: "redirect", location: "ws://node3.example/?token=hunter2" });
  await scene.socket.end({ code: 1000, reason: "" });
  await assert.rejects(scene.connecting, {
    code: "INVALID_PARAMETER",
    message: "Invalid URL: url=ws://node3.example/?***: a redirect must not lead from wss: to ws:",
  });
  assert.equal(scene.network.sockets.length, sockets);
});

test("a redirect whose handshake fails", async () => {
  const scene = new Scene();
  await scene.opened();
  await scene.socket.receive({ type: "redirect", location: "ws://x.example/signaling" });
  await scene.socket.end({ code: 1000, reason: "" });
  await scene.socket.end({ code: 0, reason: "", error: new Error("nobody there") });
  await assert.rejects(scene.connecting, {
    code: "WEBSOCKET_HANDSHAKE_FAILED",
    message:
      "Failed Websocket handshake in redirecting: ec=nobody there url=ws://x.example/signaling",
  });
  assert.deepEqual(scene.ends[0], ["onWsClose", 1000, "SELF-CLOSED"]);
});

test("a redirect that takes too long", async () => {
  const scene = new Scene({ webSocketConnectionTimeoutMs: 1_000 });
  await scene.opened();
  await scene.socket.receive({ type: "redirect", location: "ws://x.example/signaling" });
  await scene.socket.end({ code: 1000, reason: "" });
  await scene.clock.advance(1_000);
  await assert.rejects(scene.connecting, {
    code: "INTERNAL_ERROR",
    message: "Connection timeout in redirection",
  });
  assert.equal(scene.clock.pending, 0);
});

for (const phase of ["before the offer", "after the offer"]) {
  test(`server closes the WebSocket with 4490 ${phase}`, async () => {
    const scene = new Scene();
    if (phase === "before the offer") await scene.opened();
    else await scene.connected();
    await scene.socket.end({ code: 4490, reason: "AUTHENTICATION-FAILURE" });
    assert.deepEqual(scene.ends, [
      ["onWsClose", 4490, "AUTHENTICATION-FAILURE"],
      [
        "onDisconnect",
        "WEBSOCKET_ONCLOSE",
        `Failed to read WebSocket: ec=${GRACEFUL} wscode=4490 wsreason=AUTHENTICATION-FAILURE`,
      ],
    ]);
  });

  test(`the WebSocket dies without a close frame ${phase}`, async () => {
    const scene = new Scene();
    if (phase === "before the offer") await scene.opened();
    else await scene.connected();
    await scene.socket.end({ code: 0, reason: "", error: new Error("read ECONNRESET") });
    assert.deepEqual(scene.ends, [
      ["onWsClose", 0, ""],
      [
        "onDisconnect",
        "WEBSOCKET_ONERROR",
        "Failed to read WebSocket: ec=read ECONNRESET wscode=0 wsreason=",
      ],
    ]);
  });
}

const refusals: [string, (peer: FakePeer, error: Error) => void][] = [
  ["SetOffer", (peer, error) => peer.onSetRemoteOffer = () => Promise.reject(error)],
  ["CreateAnswer", (peer, error) => peer.onCreateAnswer = () => Promise.reject(error)],
];
for (const [step, break_] of refusals) {
  const error = new Error("Expects a=ice-pwd:hunter2 here");

  test(`${step} fails for the offer`, async () => {
    const scene = new Scene();
    scene.onPeer = (peer) => break_(peer, error);
    await scene.answered();
    assert.deepEqual(await closesAfter(scene), [
      "onDisconnect",
      "ICE_FAILED",
      `Failed to ${step} in offer message via WebSocket: error=Expects a=ice-pwd:***${FORCED_WEBSOCKET}`,
    ]);
    const cause = new Error("Expects a=ice-pwd:***");
    await assert.rejects(scene.connecting, { code: "ICE_FAILED", cause });
  });

  test(`${step} fails for a re-offer over the WebSocket`, async () => {
    const scene = new Scene();
    await scene.connected();
    break_(scene.peer, error);
    await scene.socket.receive({ type: "re-offer", sdp: "new" });
    const [, code, message] = await closesAfter(scene);
    assert.equal(code, "ICE_FAILED");
    assert.equal(
      message,
      `Failed to ${step} in re-offer message via WebSocket: error=Expects a=ice-pwd:***${FORCED_WEBSOCKET}`,
    );
  });

  test(`${step} fails for a re-offer over the data channel`, async () => {
    const scene = new Scene();
    await scene.switched(false);
    break_(scene.peer, error);
    await scene.peer.receiveData("signaling", { type: "re-offer", sdp: "new" });
    const sent = JSON.parse(new TextDecoder().decode(scene.peer.sentData.at(-1)!.data));
    assert.deepEqual(sent, { type: "disconnect", reason: "INTERNAL-ERROR" });
    await scene.socket.end({ code: 1000, reason: "TYPE-DISCONNECT" });
    assert.deepEqual(scene.ends.at(-1), [
      "onDisconnect",
      "ICE_FAILED",
      `Failed to ${step} in re-offer message via DataChannel: error=Expects a=ice-pwd:***, ` +
      "internal_message=Succeeded to close Websocket (DC signaling is enabled)",
    ]);
  });
}

test("the native error is the cause when it holds no secrets", async () => {
  const scene = new Scene();
  const error = new Error("no m-lines");
  scene.onPeer = (peer) => peer.onSetRemoteOffer = () => Promise.reject(error);
  await scene.answered();
  await closesAfter(scene);
  await assert.rejects(scene.connecting, (rejected: Error) => rejected.cause === error);
});

test("the peer connection cannot be made", async () => {
  const scene = new Scene();
  scene.onPeer = () => {
    throw new Error("no more handles");
  };
  await scene.answered();
  const [, code, message] = await closesAfter(scene);
  assert.equal(code, "INTERNAL_ERROR");
  assert.equal(
    message,
    `Failed to create PeerConnection: error=no more handles${FORCED_WEBSOCKET}`,
  );
});

test("the peer connection fails", async () => {
  const scene = new Scene();
  await scene.connected();
  const sent = scene.socket.sent.length;
  scene.peer.events.onConnectionStateChange("failed");
  await settle();
  assert.deepEqual(scene.ends, [
    ["onDisconnect", "PEER_CONNECTION_STATE_FAILED", "PeerConnectionState::kFailed"],
  ]);
  assert.equal(scene.socket.sent.length, sent);
  assert.equal(scene.socket.terminated, true);
});

test("the peer connection is disconnected for a while", async () => {
  const scene = new Scene();
  await scene.connected();
  scene.peer.events.onConnectionStateChange("disconnected");
  scene.peer.events.onConnectionStateChange("connected");
  await settle();
  assert.equal(scene.session.state, "connected");
});

test("a candidate that cannot be serialised", async () => {
  const scene = new Scene();
  await scene.connected();
  const candidate = "candidate:1\r\na=evil";
  scene.peer.events.onIceCandidate({ candidate, sdpMid: "0", sdpMLineIndex: 0 });
  await settle();
  const [, code, message] = await closesAfter(scene);
  assert.equal(code, "INTERNAL_ERROR");
  assert.equal(message, `Failed to serialize candidate${FORCED_WEBSOCKET}`);
});

test("signaling does not switch to data channels in time", async () => {
  const scene = new Scene({ dataChannelSignalingTimeoutMs: 2_000 });
  await scene.connected(offerMessage({ data_channel_signaling: true, data_channels: [] }));
  await scene.clock.advance(1_999);
  assert.equal(scene.session.state, "connected");
  await scene.clock.advance(1);
  const [, code, message] = await closesAfter(scene);
  assert.equal(code, "INTERNAL_ERROR");
  assert.equal(
    message,
    `DataChannel signaling timeout: not switched within 2000 ms${FORCED_WEBSOCKET}`,
  );
});

test("an offer that cannot be used", async () => {
  const scene = new Scene();
  await scene.answered({ type: "offer", sdp: "x", connection_id: "y", config: {} });
  const [, code, message] = await closesAfter(scene);
  assert.equal(code, "INTERNAL_ERROR");
  assert.equal(
    message,
    `Invalid offer message: config.iceServers must be an array, not undefined${FORCED_WEBSOCKET}`,
  );
  assert.equal(scene.session.counters.invalidMessages, 1);
});

test("more re-offers than can be worked on", async () => {
  const scene = new Scene();
  await scene.connected();
  scene.peer.onSetRemoteOffer = () => new Promise(() => {});
  for (let i = 0; i < 66; i++) await scene.socket.receive({ type: "re-offer", sdp: `${i}` });
  const [, code, message] = await closesAfter(scene);
  assert.equal(code, "INTERNAL_ERROR");
  assert.equal(message, `Too many re-offers wait to be answered${FORCED_WEBSOCKET}`);
});

test("an answer that cannot be sent", async () => {
  const scene = new Scene();
  await scene.opened();
  scene.onPeer = () => scene.socket.writable = false;
  await scene.socket.receive(offerMessage());
  const [[, code, message]] = scene.ends as [[string, string, string]];
  assert.equal(code, "INTERNAL_ERROR");
  assert.match(message, /^Failed to send the answer to offer, internal_message=Failed to write/);
});
