import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { Sora, type SoraConnection, SoraError, SoraVideoSink } from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { eventually, within } from "../support/eventually.ts";
import { MediaClient, nextFrame } from "../support/media_client.ts";

const frame = { width: 160, height: 120, turn: 0 };

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" ? address?.port ?? 0 : 0;
}

/** Counts the calls of every handler. */
function countCalls(connection: SoraConnection): Map<string, number> {
  const calls = new Map<string, number>();
  const count = (name: string) => () => {
    calls.set(name, (calls.get(name) ?? 0) + 1);
  };
  connection.onSetOffer = count("onSetOffer");
  connection.onNotify = count("onNotify");
  connection.onSignalingMessage = count("onSignalingMessage");
  connection.onTrack = count("onTrack");
  connection.onRemoveTrack = count("onRemoveTrack");
  connection.onWsClose = count("onWsClose");
  connection.onDisconnect = count("onDisconnect");
  connection.onError = count("onError");
  return calls;
}

test("connect() without a server rejects with WEBSOCKET_HANDSHAKE_FAILED and the cause", async () => {
  await using sora = new Sora();
  const url = `ws://127.0.0.1:${await freePort()}/signaling`;
  const connection = sora.createConnection({
    signalingUrls: [url],
    role: "recvonly",
    channelId: "nobody",
  });
  const calls = countCalls(connection);
  await assert.rejects(connection.connect(), (error) => {
    assert.ok(error instanceof SoraError);
    assert.equal(error.code, "WEBSOCKET_HANDSHAKE_FAILED");
    assert.ok(error.message.includes(url), error.message);
    assert.ok(error.cause instanceof Error);
    return true;
  });
  assert.deepEqual([...calls], [["onDisconnect", 1]]);
  assert.equal(connection.state, "disconnected");
});

test("a connection shows who it is, where it is connected, its data channels and its timeline", async () => {
  await using home = await SoraServer.start({ port: 0 });
  await using away = await SoraServer.start({ port: 0, redirect: home.url });
  await using sora = new Sora();
  const metadata = { access_token: "not to be shown" };
  await using connection = sora.createConnection({
    signalingUrls: [away.url],
    role: "recvonly",
    channelId: "shown",
    clientId: "the client",
    bundleId: "the bundle",
    metadata,
    dataChannelSignaling: true,
    dataChannels: [
      { label: "#a", direction: "sendrecv" },
      { label: "#b", direction: "sendonly", ordered: false, maxRetransmits: 3, protocol: "p" },
    ],
  });
  const { promise: switched, resolve } = Promise.withResolvers<void>();
  connection.onSwitched = () => resolve();
  const before = performance.now();
  await connection.connect();
  const took = performance.now() - before;
  await within("switched", switched);
  assert.equal(connection.clientId, "the client");
  assert.equal(connection.bundleId, "the bundle");
  assert.match(connection.sessionId ?? "", /^\S+$/);
  assert.equal(connection.contactSignalingUrl, away.url);
  assert.equal(connection.connectedSignalingUrl, home.url);
  assert.ok(connection.rpcMethods.includes("2025.2.0/PutSignalingNotifyMetadata"));
  await eventually("the channels", () => connection.dataChannels.every(({ isOpen }) => isOpen));
  const settings = new Map(connection.dataChannels.map((one) => [one.label, one]));
  const names = ["#a", "#b", "notify", "push", "rpc", "signaling", "stats"];
  assert.deepEqual([...settings.keys()].sort(), names);
  const common = { isOpen: true, compress: false };
  assert.deepEqual(settings.get("#a"), {
    ...common,
    label: "#a",
    direction: "sendrecv",
    ordered: true,
    protocol: "",
  });
  assert.deepEqual(settings.get("#b"), {
    ...common,
    label: "#b",
    direction: "sendonly",
    ordered: false,
    maxRetransmits: 3,
    protocol: "p",
  });
  const { timeline } = connection;
  const phases = timeline.flatMap((entry) => entry.kind === "phase" ? [entry] : []);
  const order = phases.map(({ phase }) => phase).filter((phase) => phase !== "switched");
  const upToAnswer = ["websocket", "redirect", "websocket", "offer", "set-offer", "create-answer"];
  assert.deepEqual(order.slice(0, 6), upToAnswer);
  // Which of the two comes first is the network's to decide.
  assert.deepEqual(order.slice(6, 8).sort(), ["created", "peer-connection"]);
  assert.deepEqual(order.slice(8), ["connect"]);
  for (const { durationMs, atMs } of phases) {
    assert.ok(durationMs >= 0 && durationMs <= atMs + 1e-6);
  }
  const whole = phases.find(({ phase }) => phase === "connect")!;
  assert.ok(whole.durationMs <= took, `${whole.durationMs} of ${took} ms`);
  const states = timeline.flatMap((entry) => entry.kind === "peer-connection" ? [entry.state] : []);
  assert.deepEqual(states, ["connecting", "connected"]);
  const sent = timeline.flatMap((entry) =>
    entry.kind === "message" && entry.direction === "SENT" &&
      !["candidate", "pong"].includes(entry.type)
      ? [`${entry.transport} ${entry.type}`]
      : []
  );
  assert.deepEqual(sent, ["WEBSOCKET connect", "WEBSOCKET connect", "WEBSOCKET answer"]);
  assert.ok(!JSON.stringify(timeline).includes(metadata.access_token));
  await connection.disconnect();
  assert.equal(connection.clientId, undefined);
  assert.equal(connection.connectedSignalingUrl, undefined);
  assert.deepEqual([connection.rpcMethods, connection.dataChannels], [[], []]);
  assert.deepEqual(connection.timeline.at(-1)!.kind, "end");
});

test("a connection that failed connects when the server is there", async () => {
  await using sora = new Sora();
  const port = await freePort();
  await using connection = sora.createConnection({
    signalingUrls: [`ws://127.0.0.1:${port}/signaling`],
    role: "recvonly",
    channelId: "later",
  });
  await assert.rejects(connection.connect(), SoraError);
  await using _server = await SoraServer.start({ port });
  await connection.connect();
  assert.equal(connection.state, "connected");
  assert.equal(connection.connectionId?.length, 26);
});

test("a second connect() is refused, and calls on what is not connected report that", async () => {
  await using sora = new Sora();
  await using server = await SoraServer.start({ port: 0 });
  await using connection = sora.createConnection({
    signalingUrls: [server.url],
    role: "recvonly",
    channelId: "twice",
  });
  const invalidState = { name: "SoraError", code: "INVALID_STATE" };
  await assert.rejects(connection.getStats(), invalidState);
  assert.equal(connection.sendDataChannel("#none", "text"), false);
  assert.equal(connection.bufferedAmount("#none"), 0);
  assert.equal(connection.connectionId, undefined);
  const connecting = connection.connect();
  await assert.rejects(connection.connect(), invalidState);
  await connecting;
  await assert.rejects(connection.connect(), invalidState);
  assert.equal(connection.state, "connected");
});

test("statsStream() asked for before connect() starts with the connection and ends with it, each time", async () => {
  await using server = await SoraServer.start({ port: 0 });
  await using sora = new Sora();
  const connection = sora.createConnection({
    signalingUrls: [server.url],
    channelId: "statistics",
    role: "recvonly",
  });
  await assert.rejects(connection.connect({ signal: AbortSignal.abort() }), { name: "AbortError" });
  for (let round = 0; round < 2; round++) {
    let connected = false;
    let reports = 0;
    const first = Promise.withResolvers<void>();
    const ended = (async () => {
      for await (const stats of connection.statsStream({ intervalMs: 10 })) {
        assert.ok(stats.some(({ type }) => type === "peer-connection"));
        if (!connected) continue;
        reports++;
        first.resolve();
      }
    })();
    await connection.connect();
    connected = true;
    await within("a report", Promise.race([first.promise, ended]));
    await connection.disconnect();
    await within("the end of the stream", ended);
    assert.ok(reports > 0);
  }
});

test("connect() rejects with the signal's reason, before and while it connects", async () => {
  await using sora = new Sora();
  await using server = await SoraServer.start({ port: 0 });
  const connection = sora.createConnection({
    signalingUrls: [server.url],
    role: "recvonly",
    channelId: "aborted",
  });
  const reason = new Error("changed my mind");
  const same = (error: unknown) => error === reason;
  await assert.rejects(connection.connect({ signal: AbortSignal.abort(reason) }), same);
  for (const phase of ["onSetOffer", "onSignalingMessage"] as const) {
    const controller = new AbortController();
    connection[phase] = () => controller.abort(reason);
    await assert.rejects(connection.connect({ signal: controller.signal }), same);
    connection[phase] = undefined;
    await connection.disconnect();
    assert.equal(connection.state, "disconnected");
  }
  await connection.connect();
  await connection.disconnect();
});

test("handlers are called in order, onDisconnect last and once", async () => {
  await using server = await SoraServer.start({ port: 0 });
  await using sora = new Sora();
  const connection = sora.createConnection({
    signalingUrls: [server.url],
    role: "sendrecv",
    channelId: "order",
  });
  const order: string[] = [];
  connection.onSignalingMessage = (type, direction, text) => {
    order.push(`${type} ${direction} ${JSON.parse(text).type}`);
  };
  connection.onSetOffer = (offer) => order.push(`onSetOffer ${offer.type}`);
  connection.onNotify = (message) => order.push(`onNotify ${message.event_type}`);
  connection.onWsClose = (code, reason) => order.push(`onWsClose ${code} ${reason}`);
  connection.onDisconnect = (code) => order.push(`onDisconnect ${code}`);
  await connection.connect();
  await connection.disconnect();
  assert.deepEqual(order.filter((entry) => !entry.endsWith("candidate")), [
    "WEBSOCKET SENT connect",
    "WEBSOCKET RECEIVED offer",
    "onSetOffer offer",
    "WEBSOCKET SENT answer",
    "onNotify connection.created",
    "WEBSOCKET SENT disconnect",
    "onWsClose 1000 TYPE-DISCONNECT",
    "onDisconnect CLOSE_SUCCEEDED",
  ]);
  await connection.disconnect();
  assert.equal(order.filter((entry) => entry.startsWith("onDisconnect")).length, 1);
});

test("handlers that throw or reject are reported once each, and everything goes on", async () => {
  await using server = await SoraServer.start({ port: 0 });
  const options = { signalingUrls: [server.url], channelId: "throwing" };
  await using sender = new MediaClient({ ...options, role: "sendonly" }, { frame });
  await using sora = new Sora();
  const connection = sora.createConnection({ ...options, role: "recvonly" });
  const reported: unknown[] = [];
  const thrown: Error[] = [];
  const fail = (what: string): Error => {
    const error = new Error(what);
    thrown.push(error);
    return error;
  };
  const frames = { shown: 0 };
  connection.onError = (error) => reported.push(error);
  connection.onSetOffer = () => {
    throw fail("onSetOffer");
  };
  connection.onNotify = () => Promise.reject(fail("onNotify"));
  connection.onTrack = (track) => {
    if (track.kind !== "video") return;
    const sink = new SoraVideoSink(track);
    sink.onError = (error) => reported.push(error);
    sink.onFrame = (frame) => {
      frame.close();
      frames.shown++;
      if (frames.shown % 2 === 1) throw fail("onFrame");
      return Promise.reject(fail("onFrame, async"));
    };
    throw fail("onTrack");
  };
  connection.onWsClose = () => {
    throw fail("onWsClose");
  };
  connection.onDisconnect = () => {
    throw fail("onDisconnect");
  };
  await sender.connect();
  await connection.connect();
  await eventually("ten frames", () => frames.shown >= 10);
  await connection.disconnect();
  await eventually("every report", () => reported.length === thrown.length);
  assert.deepEqual(new Set(reported), new Set(thrown));
  const names = new Set(thrown.map(({ message }) => message));
  for (const name of ["onSetOffer", "onNotify", "onTrack", "onWsClose", "onDisconnect"]) {
    assert.ok(names.has(name), name);
  }
});

test("frames that are kept stop the sink at 32, are reported once, and it goes on after", async () => {
  await using server = await SoraServer.start({ port: 0 });
  const options = { signalingUrls: [server.url], channelId: "kept" };
  await using sender = new MediaClient({ ...options, role: "sendonly" }, { frame });
  await using receiver = new MediaClient({ ...options, role: "recvonly" });
  await sender.connect();
  await receiver.connect();
  const { video } = await receiver.from(sender, 1);
  const reported: unknown[] = [];
  const kept: Disposable[] = [];
  video.onError = (error) => reported.push(error);
  video.onFrame = (frame) => kept.push(frame);
  await eventually("the report", () => reported.length > 0);
  assert.equal(kept.length, 32);
  assert.ok(reported[0] instanceof SoraError);
  assert.equal(reported[0].code, "LIMIT_EXCEEDED");
  const sentThen = sender.sent;
  await eventually("ten more frames", () => sender.sent > sentThen + 10);
  assert.equal(kept.length, 32);
  for (const frame of kept.splice(0)) frame[Symbol.dispose]();
  await eventually("frames after the first were closed", () => kept.length >= 5);
  assert.equal(reported.length, 1);
  assert.ok(video.dropped > 0, "what did not fit is counted");
  for (const frame of kept.splice(0)) frame[Symbol.dispose]();
  video.onFrame = undefined;
  (await nextFrame(video)).close();
});

test("a slow reader gets the newest frames, and what it missed is counted", async () => {
  await using server = await SoraServer.start({ port: 0 });
  const options = { signalingUrls: [server.url], channelId: "slow" };
  await using sender = new MediaClient({ ...options, role: "sendonly" }, { frame });
  await using receiver = new MediaClient({ ...options, role: "recvonly" });
  await sender.connect();
  await receiver.connect();
  const { video } = await receiver.from(sender, 1);
  using first = await nextFrame(video);
  const sentThen = sender.sent;
  await eventually("twenty more frames", () => sender.sent > sentThen + 20);
  using next = await nextFrame(video);
  assert.ok(video.dropped >= 10, `${video.dropped} were dropped`);
  assert.ok(next.timestampUs - first.timestampUs > 300_000, "the oldest are dropped");
});

test("readable gives frames and ends with the connection", async () => {
  await using server = await SoraServer.start({ port: 0 });
  const options = { signalingUrls: [server.url], channelId: "readable" };
  await using sender = new MediaClient({ ...options, role: "sendonly" }, { frame });
  await using receiver = new MediaClient({ ...options, role: "recvonly" });
  await sender.connect();
  await receiver.connect();
  const { video } = await receiver.from(sender, 1);
  let count = 0;
  for await (const frame of video.readable) {
    frame.close();
    if (++count === 5) void receiver.disconnect();
  }
  assert.ok(count >= 5);
  assert.equal(video.ended, true);
});
