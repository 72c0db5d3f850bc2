import assert from "node:assert/strict";
import { test } from "node:test";
import type { TimelineEntry } from "../../signaling/mod.ts";
import { FakeClock, settle } from "../support/signaling_fakes.ts";
import {
  connectionNotify,
  dataChannelOffer,
  offerMessage,
  Scene,
} from "../support/signaling_scene.ts";
import { Timeline } from "../../signaling/connection/timeline.ts";

const phases = (entries: readonly TimelineEntry[]) =>
  entries.flatMap((entry) =>
    entry.kind === "phase" ? [[entry.phase, entry.durationMs, entry.atMs] as const] : []
  );
const messages = (entries: readonly TimelineEntry[]) =>
  entries.flatMap((entry) => {
    if (entry.kind !== "message") return [];
    const { type, direction, transport, label } = entry;
    return [[type, direction, transport, ...(label === undefined ? [] : [label])].join(" ")];
  });

test("timeline has each phase of connecting with its milliseconds, also behind a redirect", async () => {
  const scene = new Scene({ signalingUrls: ["wss://user:hunter2@a.example/x?token=hunter2"] });
  let answer = (_sdp: string): void => {};
  let applied = (): void => {};
  scene.onPeer = (peer) => {
    peer.onSetRemoteOffer = () => new Promise<void>((resolve) => applied = resolve);
    peer.onCreateAnswer = () => new Promise<string>((resolve) => answer = resolve);
  };
  const connected = scene.connect();
  await scene.clock.advance(1);
  await scene.socket.open();
  await scene.clock.advance(2);
  await scene.socket.receive({ type: "redirect", location: "wss://b.example/y?token=hunter2" });
  await scene.clock.advance(4);
  await scene.socket.end({ code: 1000, reason: "" });
  await scene.clock.advance(8);
  await scene.socket.open();
  await scene.clock.advance(16);
  await scene.socket.receive(dataChannelOffer());
  await scene.clock.advance(32);
  applied();
  await scene.clock.advance(64);
  answer("hunter2");
  await scene.clock.advance(128);
  scene.peer.events.onConnectionStateChange("connected");
  await scene.clock.advance(256);
  await scene.socket.receive(connectionNotify("created"));
  await connected;
  await scene.clock.advance(512);
  await scene.socket.receive({ type: "switched", ignore_disconnect_websocket: false });
  const { timeline } = scene.session;
  assert.deepEqual(phases(timeline), [
    ["websocket", 1, 1],
    ["redirect", 4, 7],
    ["websocket", 8, 15],
    ["offer", 16, 31],
    ["set-offer", 32, 63],
    ["create-answer", 64, 127],
    ["peer-connection", 128, 255],
    ["created", 384, 511],
    ["connect", 511, 511],
    ["switched", 896, 1_023],
  ]);
  const urls = timeline.flatMap((entry) => entry.kind === "phase" && entry.url ? [entry.url] : []);
  assert.deepEqual(urls, [
    "wss://***@a.example/x?***",
    "wss://b.example/y?***",
    "wss://b.example/y?***",
  ]);
  assert.ok(!JSON.stringify(timeline).includes("hunter2"));
});

test("timeline has the peer connection also when it is up before the answer is sent", async () => {
  const scene = new Scene();
  let answer = (_sdp: string): void => {};
  scene.onPeer = (peer) => {
    peer.onCreateAnswer = () => new Promise<string>((resolve) => answer = resolve);
  };
  const connected = scene.connect();
  await settle();
  await scene.socket.open();
  await scene.socket.receive(dataChannelOffer());
  scene.peer.events.onConnectionStateChange("connected");
  await scene.clock.advance(8);
  answer("sdp");
  await scene.clock.advance(16);
  await scene.socket.receive(connectionNotify("created"));
  await connected;
  assert.deepEqual(phases(scene.session.timeline).slice(-4), [
    ["create-answer", 8, 8],
    ["peer-connection", 0, 8],
    ["created", 16, 24],
    ["connect", 24, 24],
  ]);
});

test("timeline has each message's type, direction and transport, and nothing of its contents", async () => {
  const scene = new Scene({
    metadata: { access_token: "hunter2" },
    dataChannels: [{ label: "#chat", direction: "sendrecv" }],
  });
  await scene.switched(false, [{ label: "#chat", direction: "sendrecv", compress: false }], {
    metadata: "hunter2",
    config: { iceServers: [{ urls: ["turn:x"], username: "hunter2", credential: "hunter2" }] },
  });
  await scene.socket.receive({ type: "ping", stats: true });
  await scene.socket.receive({ type: "x\n".repeat(10_000), secret: "hunter2" });
  await scene.socket.receive("no JSON: hunter2");
  await scene.peer.receiveData("stats", { type: "req-stats" });
  await scene.peer.receiveData("signaling", { type: "re-offer", sdp: "hunter2" });
  await scene.peer.receiveData("push", { type: "push", data: "hunter2" });
  await scene.peer.receiveData("#chat", "hunter2");
  scene.session.sendDataChannel("#chat", "hunter2");
  scene.session.rpc("hunter2").catch(() => {});
  await settle();
  await scene.peer.receiveData("rpc", { jsonrpc: "2.0", id: 1, result: "hunter2" });
  const { timeline } = scene.session;
  const [unknown, ...rest] = messages(timeline).filter((line) => line.startsWith("x"));
  assert.equal(unknown, `${"x\\n".repeat(32)} RECEIVED WEBSOCKET`);
  assert.deepEqual(rest, []);
  assert.deepEqual(messages(timeline).filter((line) => line !== unknown), [
    "connect SENT WEBSOCKET",
    "offer RECEIVED WEBSOCKET",
    "answer SENT WEBSOCKET",
    "notify RECEIVED WEBSOCKET",
    "switched RECEIVED WEBSOCKET",
    "ping RECEIVED WEBSOCKET",
    "pong SENT WEBSOCKET",
    "invalid RECEIVED WEBSOCKET",
    "req-stats RECEIVED DATACHANNEL stats",
    "stats SENT DATACHANNEL stats",
    "re-offer RECEIVED DATACHANNEL signaling",
    "re-answer SENT DATACHANNEL signaling",
    "push RECEIVED DATACHANNEL push",
    "rpc SENT DATACHANNEL rpc",
    "rpc RECEIVED DATACHANNEL rpc",
  ]);
  const opened = timeline.flatMap((e) =>
    e.kind === "data-channel" ? [`${e.label} ${e.state}`] : []
  );
  assert.deepEqual(opened, [
    "signaling open",
    "notify open",
    "push open",
    "stats open",
    "rpc open",
    "#chat open",
  ]);
  assert.ok(!JSON.stringify(timeline).includes("hunter2"));
});

test("timeline reports how an attempt failed, stays after the end, and begins anew with the next", async () => {
  const scene = new Scene({ webSocketConnectionTimeoutMs: 1_000 });
  assert.equal(scene.session.timeline.length, 0);
  await scene.opened();
  await scene.clock.advance(1_000);
  await assert.rejects(scene.connecting, { code: "INTERNAL_ERROR" });
  const { timeline } = scene.session;
  assert.deepEqual(timeline.at(-1), { kind: "end", code: "INTERNAL_ERROR", atMs: 1_000 });
  assert.deepEqual(messages(timeline), ["connect SENT WEBSOCKET", "disconnect SENT WEBSOCKET"]);
  await scene.clock.advance(5_000);
  assert.deepEqual(scene.session.timeline, timeline);
  await scene.connected();
  assert.equal(scene.session.timeline[0]!.atMs, 0);
  assert.deepEqual(phases(scene.session.timeline).at(-1), ["connect", 0, 0]);
});

test("timeline has how long connect() waited for the connection before it to end", async () => {
  const scene = new Scene();
  await scene.connected();
  const old = scene.socket;
  void scene.session.disconnect();
  const connected = scene.connect();
  await scene.clock.advance(700);
  await old.end({ code: 1000, reason: "TYPE-DISCONNECT" });
  assert.deepEqual(phases(scene.session.timeline), [["previous", 700, 700]]);
  void scene.session.disconnect();
  await assert.rejects(connected);
});

test("timeline is that of the present attempt when the connection is made again", async () => {
  const scene = new Scene({ reconnect: { initialDelayMs: 100, jitter: 0 } });
  await scene.connected();
  await scene.clock.advance(50);
  await scene.socket.end({ code: 0, reason: "", error: new Error("reset") });
  assert.deepEqual(scene.session.timeline.at(-1), {
    kind: "end",
    code: "WEBSOCKET_ONERROR",
    atMs: 50,
  });
  await scene.clock.advance(103);
  await scene.socket.open();
  assert.deepEqual(phases(scene.session.timeline), [["websocket", 3, 3]]);
  void scene.session.disconnect();
  await scene.clock.advance(10_000);
});

test("Timeline keeps the first and the last entries, and counts those that are missing", async () => {
  const clock = new FakeClock();
  const timeline = new Timeline(clock);
  for (let i = 0; i < 10_000; i++) {
    timeline.message(`${i}`, "RECEIVED");
    if (i % 100 === 0) await clock.advance(1);
  }
  const { entries } = timeline;
  assert.equal(entries.length, 513);
  const types = entries.map((entry) => entry.kind === "message" ? Number(entry.type) : entry.kind);
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
  assert.deepEqual(types, [...range(0, 256), "gap", ...range(9_744, 10_000)]);
  assert.deepEqual(entries[256], { kind: "gap", entries: 9_488, atMs: entries[257]!.atMs });
  for (let i = 1; i < entries.length; i++) assert.ok(entries[i]!.atMs >= entries[i - 1]!.atMs);
});

test("the signaling URLs: the one chosen, and the one after redirects; neither without a connection", async () => {
  const [a, b] = ["ws://a.example/?x=1", "ws://b.example/"];
  const scene = new Scene({ signalingUrls: [a, "ws://never.example/"] });
  const urls = () => [scene.session.contactSignalingUrl, scene.session.connectedSignalingUrl];
  scene.connect().catch(() => {});
  await settle();
  assert.deepEqual(urls(), [undefined, undefined]);
  await scene.network.sockets.find(({ request }) => request.url === a)!.open();
  assert.deepEqual(urls(), [a, a]);
  const first = scene.network.sockets.find(({ request }) => request.url === a)!;
  await first.receive({ type: "redirect", location: b });
  await first.end({ code: 1000, reason: "" });
  assert.deepEqual(urls(), [a, a]);
  await scene.socket.open();
  assert.deepEqual(urls(), [a, b]);
  await scene.socket.end({ code: 4000, reason: "" });
  assert.deepEqual(urls(), [undefined, undefined]);
});

test("dataChannels are those of the offer, and what each is once it is open", async () => {
  const scene = new Scene();
  assert.deepEqual(scene.session.dataChannels, []);
  const header = [{ type: "sender_connection_id", length: 26 }];
  await scene.answered(offerMessage({
    data_channels: [
      { label: "signaling", direction: "sendrecv", compress: true },
      {
        label: "#a",
        direction: "recvonly",
        compress: false,
        ordered: false,
        max_retransmits: 3,
        protocol: "p",
        header,
      },
      { label: "#b", direction: "sendonly", compress: false, max_packet_life_time: 50 },
    ],
  }));
  const of = (label: string) => scene.session.dataChannels.find((one) => one.label === label);
  const signaling = {
    label: "signaling",
    direction: "sendrecv",
    isOpen: false,
    compress: true,
    ordered: true,
    protocol: "",
  };
  assert.deepEqual(scene.session.dataChannels.map(({ label }) => label), ["signaling", "#a", "#b"]);
  assert.deepEqual(of("signaling"), signaling);
  const a = {
    label: "#a",
    direction: "recvonly",
    isOpen: false,
    compress: false,
    ordered: false,
    maxRetransmits: 3,
    protocol: "p",
    header,
  };
  assert.deepEqual(of("#a"), a);
  assert.equal(of("#b")?.maxPacketLifeTime, 50);
  scene.peer.events.onDataChannelOpen("#a", { ordered: true, protocol: "q", maxPacketLifeTime: 9 });
  const { maxRetransmits: _, ...rest } = a;
  const opened = { ...rest, isOpen: true, ordered: true, protocol: "q", maxPacketLifeTime: 9 };
  assert.deepEqual(of("#a"), opened);
  scene.peer.events.onDataChannelClose("#a");
  assert.deepEqual(of("#a"), { ...opened, isOpen: false });
});
