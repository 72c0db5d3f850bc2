/** The SDK's peer connection and signaling over a real WebSocket, for what no real libwebrtc can be made to do. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { WebSocket } from "ws";
import { EventType } from "../../ffi/constants.ts";
import { SoraError } from "../../base/errors.ts";
import { checkLayerCodecs } from "../../sdk/peer/answer.ts";
import { eventually } from "../support/eventually.ts";
import { FakePeerSession } from "../support/fake_peer_native.ts";
import { startSoraLikeServer } from "../support/signaling_sora_server.ts";

const CLOSED = "Succeeded to close WebSocket (DC signaling is not enabled)";

async function connected(options: object = {}) {
  const server = await startSoraLikeServer();
  const peer = new FakePeerSession(`ws://127.0.0.1:${server.port}/signaling`, options);
  await peer.session.connect();
  const socket: WebSocket = server.sockets[0]!;
  return { server, peer, socket, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

test("5 a candidate that cannot be serialised", async () => {
  await using scene = await connected();
  const { peer, server } = scene;
  const candidate = { candidate: "candidate:1\r\na=evil", sdpMid: "0", sdpMLineIndex: 0 };
  peer.happen(EventType.ICE_CANDIDATE, 0, candidate);
  await eventually("the end", () => peer.ends.length === 2);
  assert.deepEqual(peer.ends, [
    ["onWsClose", 1000, "TYPE-DISCONNECT"],
    [
      "onDisconnect",
      "INTERNAL_ERROR",
      `Failed to serialize candidate, internal_message=${CLOSED}`,
    ],
  ]);
  assert.equal(server.received.some(({ type }) => type === "candidate"), false);
  assert.deepEqual(peer.bugs, []);
});

test("5 ICE disconnected is ignored", async () => {
  await using scene = await connected();
  const { peer, socket } = scene;
  peer.become("DISCONNECTED");
  socket.send(JSON.stringify({ type: "push", data: "meanwhile" }));
  await eventually("the push", () => peer.pushes.includes("meanwhile"));
  peer.become("CONNECTED");
  assert.deepEqual(peer.ends, []);
  assert.equal(peer.session.state, "connected");
  await peer.session.disconnect();
  assert.deepEqual(peer.ends.at(-1), ["onDisconnect", "CLOSE_SUCCEEDED", CLOSED]);
});

test("3.4 the disconnect cannot be written", async () => {
  await using scene = await connected();
  const { peer, socket } = scene;
  // Nobody reads any more, and pongs with statistics fill what lies between, the last bytes with pongs without.
  socket.pause();
  const unsent = () => peer.session.counters.unsentMessages;
  for (let bytes = 1024 * 1024; bytes >= 64; bytes /= 4) {
    peer.stats = `["${"x".repeat(bytes)}"]`;
    for (const before = unsent(); unsent() === before;) {
      const asked = peer.statsAsked;
      socket.send(`{"type":"ping","stats":true}`);
      await eventually("the statistics", () => peer.statsAsked > asked);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  for (const before = unsent(); unsent() === before;) {
    socket.send(`{"type":"ping"}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await peer.session.disconnect();
  assert.deepEqual(peer.ends, [[
    "onDisconnect",
    "CLOSE_FAILED",
    "Failed to write disconnect message to close WebSocket: " +
    "ec=The WebSocket is not open or its send buffer is full",
  ]]);
});

test("a track that finds no handle is reported as an error, and those that are there go on", async () => {
  await using scene = await connected();
  const { peer } = scene;
  const track = { kind: "video", id: "t", streamId: "SOMEBODY", mid: "1" };
  peer.happen(EventType.TRACK, 0, track);
  peer.happen(EventType.TRACK, 99, track);
  assert.equal(peer.errors.length, 1);
  const [error] = peer.errors;
  assert.ok(error instanceof SoraError);
  assert.equal(error.code, "LIMIT_EXCEEDED");
  assert.match(error.message, /^The video track of SOMEBODY cannot be received/);
  assert.equal(peer.tracks.length, 1);
  assert.deepEqual(peer.bugs, []);
  await peer.session.disconnect();
});

test("a track that cannot be decoded is given and reported, one without a handle is reported alone", async () => {
  await using scene = await connected();
  const { peer } = scene;
  const undecodable = {
    codecs: [{ name: "H264", parameters: "packetization-mode=1" }, { name: "XYZ", parameters: "" }],
    advice: "buy a codec",
  };
  const track = { kind: "video", id: "t", streamId: "SOME\nBODY", mid: "1", undecodable };
  const message = "The video track of SOME\\nBODY cannot be decoded here, because it is sent as " +
    "H264 (packetization-mode=1) or XYZ: buy a codec";
  peer.happen(EventType.TRACK, 99, track);
  assert.deepEqual(peer.tracks.map((given) => given.undecodable), [
    { codecs: ["H264 (packetization-mode=1)", "XYZ"], message },
  ]);
  peer.happen(EventType.TRACK, 0, { ...track, id: "" });
  assert.equal(peer.tracks.length, 1);
  assert.equal(peer.errors.length, 2);
  for (const error of peer.errors) {
    assert.ok(error instanceof SoraError);
    assert.deepEqual([error.code, error.message], ["UNSUPPORTED", message]);
  }
  assert.deepEqual(peer.bugs, []);
  await peer.session.disconnect();
});

test("no track is reported once connecting was given up", async () => {
  await using server = await startSoraLikeServer();
  const peer = new FakePeerSession(`ws://127.0.0.1:${server.port}/signaling`);
  const giveUp = new AbortController();
  peer.onSetOffer = () => giveUp.abort();
  const connecting = peer.session.connect({ signal: giveUp.signal });
  await assert.rejects(connecting, { name: "AbortError" });
  const track = { kind: "audio", id: "t", streamId: "SOMEBODY", mid: "0" };
  peer.happen(EventType.TRACK, 99, track);
  peer.happen(EventType.TRACK, 0, track);
  assert.deepEqual([peer.tracks, peer.errors], [[], []]);
  await eventually("the end", () => peer.session.state === "disconnected");
  assert.deepEqual(peer.bugs, []);
});

test("checkLayerCodecs: layers have the codec that is negotiated, and no other", () => {
  const offer = "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:v\r\na=rtpmap:96 VP8/90000\r\n";
  const layer = (mimeType: string) => ({ rid: "r1", codec: { mimeType, clockRate: 90_000 } });
  checkLayerCodecs(offer, "v", [{ rid: "r0" }, layer("video/VP8"), layer("video/vp8")]);
  assert.throws(() => checkLayerCodecs(offer, "v", [{ rid: "r0" }, layer("video/AV1")]), {
    code: "UNSUPPORTED",
    message: "the server asks for layer r1 in video/AV1 beside VP8, and layers of different " +
      "codecs are not supported: turn off simulcast_multicodec",
  });
});
