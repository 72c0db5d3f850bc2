import { Buffer } from "node:buffer";
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { deflateSync } from "node:zlib";
import {
  parseDataChannels,
  SIGNALING_DATA_CHANNELS,
} from "../../sfu/data/data_channel_settings.ts";
import { DataChannels } from "../../sfu/data/data_channels.ts";
import { DataChannelStreams, isUsable } from "../../sfu/data/data_channel_streams.ts";
import { compress, expand } from "../../sfu/data/compression.ts";
import { isAck, openMessage } from "../../sfu/data/dcep.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { Refusal } from "../../sfu/signaling/refusal.ts";
import { FakeTransport } from "../support/fake_transport.ts";
import { TestClient, until } from "../support/sfu_client.ts";

const hybrid = { role: "sendrecv", channel_id: "c", data_channel_signaling: true };
const dataOnly = { ...hybrid, ignore_disconnect_websocket: true };
const LABELS = ["signaling", "notify", "push", "stats", "rpc"];

const switched = (client: TestClient) => client.messages.find((m) => m.type === "switched");

async function joinSwitched(url: string, connect: Record<string, unknown>): Promise<TestClient> {
  const client = await TestClient.join(url, connect);
  await until("switched", () => switched(client) !== undefined);
  return client;
}

test("SoraServer: data channels are opened, then signaling is switched", async () => {
  await using server = await SoraServer.start();
  const client = await joinSwitched(server.url, hybrid);
  assert.deepEqual([...client.channels.keys()], LABELS);
  assert.deepEqual(switched(client), { type: "switched", ignore_disconnect_websocket: false });
  assert.equal(client.offer!.data_channel_signaling, true);
  assert.deepEqual(client.offer!.data_channels, [
    { label: "signaling", direction: "sendrecv", compress: true },
    { label: "notify", direction: "recvonly", compress: true },
    { label: "push", direction: "recvonly", compress: true },
    { label: "stats", direction: "sendrecv", compress: true },
    { label: "rpc", direction: "sendrecv", compress: true },
  ]);
  assert.match(String(client.offer!.sdp), /m=application 9 UDP\/DTLS\/SCTP webrtc-datachannel/);
  await client.disconnect();
});

test("SoraServer: without data channel signaling there is no application section", async () => {
  await using server = await SoraServer.start({ dataChannelSignaling: true });
  const client = await TestClient.join(server.url, { ...hybrid, data_channel_signaling: false });
  assert.doesNotMatch(String(client.offer!.sdp), /m=application/);
  assert.equal(client.offer!.data_channel_signaling, false);
  assert.equal(client.offer!.data_channels, undefined);
  await client.disconnect();
});

test("SoraServer: once switched, notify, push and re-offer come over data channels", async () => {
  await using server = await SoraServer.start();
  const a = await joinSwitched(server.url, hybrid);
  const b = await joinSwitched(server.url, hybrid);
  const on = (label: string, type: string) =>
    a.channelMessages.filter((m) => m.label === label && m.message.type === type);
  await until("re-offer", () => on("signaling", "re-offer").length === 1);
  assert.equal(on("notify", "notify").length, 1);
  server.push({ hello: [1] }, { connectionId: a.id });
  await until("push", () => on("push", "push").length === 1);
  assert.deepEqual(on("push", "push")[0]!.message, { type: "push", data: { hello: [1] } });
  assert.equal(b.messages.some((message) => message.type === "push"), false);
  const timer = setInterval(() => b.sendRtp("audio", Buffer.from("x")), 10);
  await until("media", () => a.packets.length > 0).finally(() => clearInterval(timer));
  await b.disconnect();
  await a.disconnect();
});

test("SoraServer: disconnect over the data channel closes the channels, then the WebSocket", async () => {
  await using server = await SoraServer.start();
  const a = await joinSwitched(server.url, hybrid);
  const started = performance.now();
  a.sendOn("signaling", { type: "disconnect", reason: "NO-ERROR" });
  await until("closed", () => a.closed !== undefined);
  assert.deepEqual(a.closed, { code: 1000, reason: "TYPE-DISCONNECT" });
  assert.equal(a.channels.size, 0);
  assert.ok(performance.now() - started < 900, "nobody waited for a time limit");
  await a.disconnect();
  await until("nothing is left", () => server.stats().channels === 0);
});

test("SoraServer: a switched client may drop the WebSocket and go on", async () => {
  await using server = await SoraServer.start({ pingIntervalMs: 50 });
  const a = await joinSwitched(server.url, dataOnly);
  assert.deepEqual(switched(a), { type: "switched", ignore_disconnect_websocket: true });
  a.closeSocket();
  await until("WebSocket closed", () => a.closed !== undefined);
  const b = await TestClient.join(server.url, hybrid);
  await until("notify over data", () => a.notifications("connection.created").length === 2);
  await until(
    "statistics are asked for",
    () => a.channelMessages.some((m) => m.label === "stats" && m.message.type === "req-stats"),
  );
  a.sendOn("stats", { type: "stats", reports: [] });
  a.sendOn("signaling", { type: "disconnect", reason: "NO-ERROR" });
  await until("channels closed", () => a.channels.size === 0);
  await until("b hears", () => b.notifications("connection.destroyed").length === 1);
  await a.disconnect();
  await b.disconnect();
});

test("SoraServer: a hybrid client that loses its WebSocket is gone", async () => {
  await using server = await SoraServer.start();
  const a = await joinSwitched(server.url, hybrid);
  await a.cut();
  await until("gone", () => server.stats().channels === 0);
});

test("SoraServer.disconnect sends data channel clients the reason before it closes", async () => {
  await using server = await SoraServer.start();
  const a = await joinSwitched(server.url, dataOnly);
  a.closeSocket();
  await until("WebSocket closed", () => a.closed !== undefined);
  assert.equal(server.disconnect(a.id), true);
  await until("channels closed", () => a.channels.size === 0);
  assert.deepEqual(a.channelMessages.at(-1), {
    label: "signaling",
    message: { type: "close", code: 1000, reason: "DISCONNECTED-API" },
  });
  assert.equal(server.disconnect(a.id), false);
  await a.disconnect();
});

test("SoraServer.disconnect: what was sent before reaches the client, however much waits", async () => {
  await using server = await SoraServer.start();
  const connect = { ...dataOnly, data_channels: [{ label: "#m", direction: "sendrecv" }] };
  const a = await joinSwitched(server.url, connect);
  const count = 100;
  for (let number = 0; number < count; number++) {
    assert.equal(server.sendRaw(a.id, "#m", Buffer.alloc(20_000, number)), true);
  }
  assert.equal(server.disconnect(a.id), true);
  await until("channels closed", () => a.channels.size === 0);
  assert.deepEqual(a.data.map(({ data }) => data[0]), [...Array(count).keys()]);
  assert.equal(a.channelMessages.at(-1)?.message.type, "close");
  await a.disconnect();
});

test("SoraServer: messages reach those who receive, each with its own settings", async () => {
  await using server = await SoraServer.start();
  const channel = (settings: Record<string, unknown>) => ({
    ...hybrid,
    data_channels: [{ label: "#chat", direction: "sendrecv", ...settings }],
  });
  const sender = await joinSwitched(server.url, channel({ compress: true }));
  const plain = await joinSwitched(server.url, channel({ ordered: false, max_retransmits: 3 }));
  const header = [{ type: "sender_connection_id" }];
  const withHeader = await joinSwitched(server.url, channel({ header, compress: true }));
  const sendonly = await joinSwitched(server.url, channel({ direction: "sendonly" }));
  const recvonly = await joinSwitched(server.url, channel({ direction: "recvonly" }));
  const without = await joinSwitched(server.url, hybrid);
  const body = Buffer.from([0, 1, 2, 255]);
  sender.sendData("#chat", body);
  await until(
    "three receive",
    () => [plain, withHeader, recvonly].every((client) => client.data.length === 1),
  );
  assert.deepEqual(plain.data[0]!.data, body);
  assert.deepEqual(recvonly.data[0]!.data, body);
  assert.deepEqual(withHeader.data[0]!.data, Buffer.concat([Buffer.from(sender.id), body]));
  recvonly.sendData("#chat", Buffer.from("not forwarded"));
  sendonly.sendData("#chat", Buffer.from("forwarded"));
  await until("the next", () => plain.data.length === 2);
  assert.equal(plain.data[1]!.data.toString(), "forwarded");
  assert.equal(sendonly.data.length, 0);
  assert.equal(without.data.length, 0);
  const offered = withHeader.offer!.data_channels as { label: string; header?: unknown }[];
  assert.deepEqual(
    offered.find(({ label }) => label === "#chat")?.header,
    [{ type: "sender_connection_id", length: 26 }],
  );
  for (const client of [sender, plain, withHeader, sendonly, recvonly, without]) {
    await client.disconnect();
  }
});

test("SoraServer: many and large messages arrive in order and complete", async () => {
  await using server = await SoraServer.start();
  const connect = { ...hybrid, data_channels: [{ label: "#m", direction: "sendrecv" }] };
  const a = await joinSwitched(server.url, connect);
  const b = await joinSwitched(server.url, connect);
  const large = Buffer.alloc(60_000, 7);
  a.sendData("#m", large);
  for (let i = 0; i < 500; i++) a.sendData("#m", Buffer.from(`${i}`));
  await until("all", () => b.data.length === 501, 10_000);
  assert.ok(b.data[0]!.data.equals(large));
  assert.deepEqual(
    b.data.slice(1).map(({ data }) => Number(data.toString())),
    Array.from({ length: 500 }, (_, i) => i),
  );
  await a.disconnect();
  await b.disconnect();
});

const rubbish: [name: string, send: (client: TestClient) => void, reason: string][] = [
  [
    "a zlib bomb",
    (client) => client.channels.get("signaling")!.send(deflateSync(Buffer.alloc(64 << 20))),
    "INVALID-MESSAGE",
  ],
  [
    "no zlib stream",
    (client) => client.channels.get("signaling")!.send(Buffer.from("{}")),
    "INVALID-MESSAGE",
  ],
  ["no JSON", (client) => client.sendData("signaling", Buffer.from("{")), "FAILURE-JSON-DECODE"],
  ["no type", (client) => client.sendOn("signaling", {}), "MISSING-TYPE"],
  ["a connect", (client) => client.sendOn("signaling", { type: "connect" }), "INVALID-MESSAGE"],
  ["statistics without type", (client) => client.sendOn("stats", []), "INVALID-JSON"],
];

test("SoraServer: malformed messages over data channels are refused with 4490", async (t) => {
  await using server = await SoraServer.start();
  const bystander = await joinSwitched(server.url, hybrid);
  for (const [name, send, reason] of rubbish) {
    await t.test(name, async () => {
      const client = await joinSwitched(server.url, hybrid);
      send(client);
      await until("close", () => client.closed !== undefined);
      assert.deepEqual(client.closed, { code: 4490, reason });
      await client.disconnect();
    });
  }
  assert.equal(bystander.closed, undefined);
  await bystander.disconnect();
});

test("SoraServer: metadata set by RPC is sent to the others", async () => {
  await using server = await SoraServer.start();
  const a = await joinSwitched(server.url, hybrid);
  const b = await joinSwitched(server.url, hybrid);
  const answers = () => a.channelMessages.filter((m) => m.label === "rpc").map((m) => m.message);
  const call = async (request: Record<string, unknown>) => {
    const before = answers().length;
    a.sendOn("rpc", { jsonrpc: "2.0", id: before, ...request });
    await until("answer", () => answers().length > before);
    return answers().at(-1) as unknown as Record<string, unknown>;
  };
  const put = "2025.2.0/PutSignalingNotifyMetadata";
  assert.deepEqual(await call({ method: put, params: { metadata: { a: 1 } } }), {
    jsonrpc: "2.0",
    id: 0,
    result: { a: 1 },
  });
  const item = { key: "b", value: 2, push: true };
  assert.deepEqual((await call({ method: `${put}Item`, params: item })).result, { a: 1, b: 2 });
  await until("b is notified", () => b.messages.some((message) => message.type === "push"));
  assert.deepEqual(b.messages.find((message) => message.type === "push")!.data, {
    action: "PutMetadataItem",
    connection_id: a.id,
    key: "b",
    value: 2,
    type: "signaling_notify_metadata_ext",
  });
  const code = async (request: Record<string, unknown>) =>
    ((await call(request)).error as { code: number }).code;
  assert.equal(await code({ method: "nothing" }), -32_601);
  assert.equal(await code({ method: put, params: { wrong: 1 } }), -32_602);
  assert.equal(await code({ method: put, params: [] }), -32_602);
  assert.equal(await code({ jsonrpc: "1.0", method: put }), -32_600);
  await a.disconnect();
  await b.disconnect();
});

test("openMessage follows RFC 8832, 5.1, also with labels beyond ASCII", () => {
  assert.deepEqual(
    openMessage({ label: "#é", protocol: "p", ordered: true }),
    Buffer.from("0300000000000000000300012" + "3c3a970", "hex"),
  );
  assert.deepEqual(
    openMessage({ label: "a", protocol: "", ordered: false, maxRetransmits: 3 }).subarray(0, 8),
    Buffer.from("0381000000000003", "hex"),
  );
  assert.deepEqual(
    openMessage({ label: "a", protocol: "", ordered: true, maxPacketLifeTime: 500 })
      .subarray(0, 8),
    Buffer.from("03020000000001f4", "hex"),
  );
  assert.equal(isAck(Buffer.from([2])), true);
  assert.equal(isAck(Buffer.alloc(0)), false);
});

test("expand refuses what is longer than allowed or no zlib stream", () => {
  assert.deepEqual(expand(compress(Buffer.alloc(1000)), 1000), Buffer.alloc(1000));
  assert.equal(expand(compress(Buffer.alloc(1001)), 1000), undefined);
  assert.equal(expand(Buffer.from("rubbish"), 1000), undefined);
  assert.equal(expand(compress(Buffer.alloc(100)).subarray(0, 5), 1000), undefined);
});

const wrongChannels: [name: string, value: unknown][] = [
  ["no array", {}],
  ["no objects", ["#a"]],
  ["no label", [{ direction: "sendrecv" }]],
  ["a label without #", [{ label: "a", direction: "sendrecv" }]],
  ["a bare #", [{ label: "#", direction: "sendrecv" }]],
  ["no direction", [{ label: "#a" }]],
  ["both limits", [
    { label: "#a", direction: "sendrecv", max_retransmits: 1, max_packet_life_time: 1 },
  ]],
  ["a negative limit", [{ label: "#a", direction: "sendrecv", max_retransmits: -1 }]],
  ["compress as text", [{ label: "#a", direction: "sendrecv", compress: "yes" }]],
  ["an unknown header", [{ label: "#a", direction: "sendrecv", header: [{ type: "x" }] }]],
  ["a label twice", [
    { label: "#a", direction: "sendrecv" },
    { label: "#a", direction: "recvonly" },
  ]],
  [
    "too many",
    Array.from({ length: 33 }, (_, i) => ({ label: `#${i}`, direction: "sendrecv" })),
  ],
];
for (const [name, value] of wrongChannels) {
  test(`parseDataChannels refuses ${name}`, () => {
    assert.throws(
      () => parseDataChannels(value as Parameters<typeof parseDataChannels>[0]),
      Refusal,
    );
  });
}

test("DataChannelStreams: odd ids, all open once, closed when the client has reset them", () => {
  const streams = new DataChannelStreams(SIGNALING_DATA_CHANNELS);
  const ids = [...streams.all()].map(({ streamId }) => streamId);
  assert.deepEqual(ids, [1, 3, 5, 7, 9]);
  const opened = [...streams.all()].map((stream) => streams.open(stream));
  assert.deepEqual(opened, [false, false, false, false, true]);
  assert.equal(streams.open(streams.ofId(1)!), false, "told once");
  assert.equal(streams.ofLabel("notify")!.state, "open");
  assert.deepEqual(streams.onReset([3, 3, 11]), [3], "this side is to be reset as well, once");
  assert.equal(streams.ofId(3)!.state, "closed");
  assert.deepEqual(streams.close(), [1, 5, 7, 9], "all that are still usable");
  assert.equal(isUsable(streams.ofLabel("signaling")!), false);
  assert.deepEqual(streams.onReset([1, 5]), [], "it was reset before");
  assert.equal(streams.allClosed, false);
  assert.deepEqual(streams.onReset(ids), []);
  assert.equal(streams.allClosed, true);
  assert.deepEqual(streams.close(), []);
});

test("DataChannels: what the client closes is closed on this side too, and its messages are released", () => {
  const transport = new FakeTransport();
  const told: string[] = [];
  const channels = new DataChannels(SIGNALING_DATA_CHANNELS.slice(0, 2), transport, 65_536, {
    onOpen: () => void told.push("open"),
    onSignaling: (label, text) => void told.push(`${label} ${text}`),
    onMessage: () => {},
    mayRelay: () => true,
    onRoom: () => {},
    onOverflow: () => {},
    onClosed: () => void told.push("closed"),
    onInvalid: (detail) => void told.push(detail),
  });
  channels.onAssociation();
  assert.deepEqual(transport.messages.map(({ streamId }) => streamId), [1, 3]);
  for (const streamId of [1, 3]) channels.onMessage(streamId, 50, Buffer.from([2]));
  assert.equal(channels.onMessage(1, 53, deflateSync("hello")), false, "it is not held");
  channels.onReset([3]);
  assert.deepEqual(transport.resets, [3]);
  channels.closeChannels(() => told.push("closing"));
  assert.deepEqual(transport.resets, [3, 1]);
  channels.onReset([1]);
  assert.deepEqual(transport.resets, [3, 1], "each once");
  assert.deepEqual(told, ["open", "signaling hello", "closing", "closed"]);
});

test("DataChannelStreams: what closes before it has opened keeps the others from nothing", () => {
  const streams = new DataChannelStreams(SIGNALING_DATA_CHANNELS);
  streams.onReset([9]);
  const opened = [...streams.all()].map((stream) => streams.open(stream));
  assert.deepEqual(opened, [false, false, false, true, false]);
});
