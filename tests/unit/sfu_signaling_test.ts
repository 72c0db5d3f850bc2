import { strict as assert } from "node:assert";
import { test } from "node:test";
import { SoraServer } from "../../sfu/mod.ts";
import { parseJson } from "../../base/json.ts";
import { TestClient, until } from "../support/sfu_client.ts";

const connect = { type: "connect", role: "sendrecv", channel_id: "c" };
const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);

/** What is sent as the first message, and the reason it is refused with. */
const firstMessages: [name: string, message: unknown, reason: string][] = [
  ["no JSON", "hello", "FAILURE-JSON-DECODE"],
  ["an empty message", "", "FAILURE-JSON-DECODE"],
  ["truncated JSON", '{"type":"connect"', "FAILURE-JSON-DECODE"],
  ["JSON nested 65 deep", nested(65), "FAILURE-JSON-DECODE"],
  ["JSON nested 500,000 deep", nested(500_000), "FAILURE-JSON-DECODE"],
  ["an array", "[]", "INVALID-JSON"],
  ["null", "null", "INVALID-JSON"],
  ["no type", {}, "MISSING-TYPE"],
  ["a type that is a number", { type: 1 }, "MISSING-TYPE"],
  ["an unknown type", { type: "hello" }, "INVALID-MESSAGE"],
  ["an answer before connect", { type: "answer", sdp: "" }, "INVALID-MESSAGE"],
  ["a pong before connect", { type: "pong" }, "INVALID-MESSAGE"],
  ["a message over 1 MiB", { type: "x".repeat(1_100_000) }, "INVALID-MESSAGE"],
  [
    "a message over 1 MiB, but of fewer characters",
    { type: "connect", metadata: "語".repeat(400_000) },
    "INVALID-MESSAGE",
  ],
  ["no role", { type: "connect", channel_id: "c" }, "MISSING-ROLE"],
  ["an unknown role", { ...connect, role: "admin" }, "INVALID-ROLE"],
  ["no channel", { type: "connect", role: "sendrecv" }, "MISSING-CHANNEL-ID"],
  ["a channel that is a number", { ...connect, channel_id: 1 }, "INVALID-CHANNEL-ID"],
  ["an empty channel", { ...connect, channel_id: "" }, "INVALID-CHANNEL-ID"],
  ["a channel of 256 bytes", { ...connect, channel_id: "é".repeat(128) }, "INVALID-CHANNEL-ID"],
  ["a client id that is an array", { ...connect, client_id: [] }, "INVALID-CLIENT-ID"],
  ["audio that is a string", { ...connect, audio: "yes" }, "INVALID-AUDIO-FORMAT"],
  ["audio that is null", { ...connect, audio: null }, "INVALID-AUDIO-FORMAT"],
  ["an audio bit rate of 5", { ...connect, audio: { bit_rate: 5 } }, "INVALID-AUDIO-FORMAT"],
  ["an audio bit rate of 6.5", { ...connect, audio: { bit_rate: 6.5 } }, "INVALID-AUDIO-FORMAT"],
  ["audio codec PCMU", { ...connect, audio: { codec_type: "PCMU" } }, "UNKNOWN-CODEC-TYPE"],
  [
    "Opus parameters of a wrong type",
    { ...connect, audio: { opus_params: { stereo: 1 } } },
    "INVALID-AUDIO-FORMAT",
  ],
  ["video that is a number", { ...connect, video: 1 }, "INVALID-VIDEO-FORMAT"],
  ["video codec VP7", { ...connect, video: { codec_type: "VP7" } }, "UNKNOWN-CODEC-TYPE"],
  ["a video bit rate of 0", { ...connect, video: { bit_rate: 0 } }, "INVALID-VIDEO-FORMAT"],
  [
    "an H264 profile that would break the SDP",
    { ...connect, video: { codec_type: "H264", h264_params: { profile_level_id: "42\r\na=x" } } },
    "INVALID-VIDEO-FORMAT",
  ],
  [
    "a VP9 profile out of range",
    { ...connect, video: { codec_type: "VP9", vp9_params: { profile_id: 4 } } },
    "INVALID-VIDEO-FORMAT",
  ],
];

test("SoraServer: each malformed first message is refused with 4490 and harms nobody", async (t) => {
  await using server = await SoraServer.start();
  const bystander = await TestClient.join(server.url, { role: "sendrecv", channel_id: "c" });
  for (const [name, message, reason] of firstMessages) {
    await t.test(name, async () => {
      const client = new TestClient(server.url);
      await until("open", () => client.open);
      client.send(message);
      await until("close", () => client.closed !== undefined);
      assert.deepEqual(client.closed, { code: 4490, reason });
      assert.deepEqual(client.messages, []);
    });
  }
  assert.equal(bystander.closed, undefined);
  assert.equal(server.stats().connections, 1);
  assert.equal(server.stats().pendingConnections, 0);
  const refusals = Object.values(server.stats().refusals);
  assert.equal(refusals.reduce((sum, count) => sum + count, 0), firstMessages.length);
  await bystander.disconnect();
});

/** What is sent once the connection is established. */
const laterMessages: [name: string, message: unknown, reason: string][] = [
  ["no JSON", "}", "FAILURE-JSON-DECODE"],
  ["a second connect", connect, "INVALID-MESSAGE"],
  ["a second answer", { type: "answer", sdp: "v=0" }, "INVALID-MESSAGE"],
  ["a re-answer nobody waits for", { type: "re-answer", sdp: "v=0" }, "INVALID-MESSAGE"],
  ["a candidate that is an object", { type: "candidate", candidate: {} }, "INVALID-MESSAGE"],
  ["an offer", { type: "offer", sdp: "v=0" }, "INVALID-MESSAGE"],
];

test("SoraServer: each malformed later message is refused with 4490 and harms nobody", async (t) => {
  await using server = await SoraServer.start();
  const bystander = await TestClient.join(server.url, { role: "sendrecv", channel_id: "c" });
  for (const [name, message, reason] of laterMessages) {
    await t.test(name, async () => {
      const client = await TestClient.join(server.url, { role: "recvonly", channel_id: "c" });
      client.send({ type: "candidate", candidate: "rubbish is only looked at" });
      client.send(message);
      await until("close", () => client.closed !== undefined);
      assert.deepEqual(client.closed, { code: 4490, reason });
      await client.disconnect();
    });
  }
  assert.equal(bystander.closed, undefined);
  assert.equal(bystander.notifications("connection.destroyed").length, laterMessages.length);
  await bystander.disconnect();
});

const answers: [name: string, change: (sdp: string) => string, reason: string][] = [
  ["rubbish", () => "rubbish", "INVALID-SDP"],
  ["an empty SDP", () => "", "INVALID-SDP"],
  ["another mid", (sdp) => sdp.replaceAll("a=mid:audio", "a=mid:other"), "INVALID-SDP"],
  ["a section less", (sdp) => sdp.slice(0, sdp.lastIndexOf("m=")), "INVALID-SDP"],
  ["swapped sections", (sdp) => {
    const [head, first, second] = sdp.split(/(?=^m=)/m);
    return `${head}${second}${first}`;
  }, "INVALID-SDP"],
  ["no fingerprint", (sdp) => sdp.replaceAll(/a=fingerprint.*\r\n/g, ""), "BAD-FINGERPRINT"],
];

test("SoraServer: an answer that does not fit the offer is refused", async (t) => {
  await using server = await SoraServer.start();
  for (const [name, change, reason] of answers) {
    await t.test(name, async () => {
      const client = new TestClient(server.url);
      client.rewriteAnswer = change;
      await until("open", () => client.open);
      client.send(connect);
      await until("close", () => client.closed !== undefined);
      assert.deepEqual(client.closed, { code: 4490, reason });
      await client.disconnect();
    });
  }
});

test("SoraServer: every phase that takes too long ends with its own reason", async (t) => {
  await t.test("no connect", async () => {
    await using server = await SoraServer.start({ connectTimeoutMs: 50 });
    const client = new TestClient(server.url);
    await until("close", () => client.closed !== undefined);
    assert.deepEqual(client.closed, { code: 4490, reason: "CONNECT-WAIT-TIMEOUT-ERROR" });
  });
  await t.test("no answer", async () => {
    await using server = await SoraServer.start({ answerTimeoutMs: 50 });
    const client = new TestClient(server.url);
    client.silent = true;
    await until("open", () => client.open);
    client.send(connect);
    await until("close", () => client.closed !== undefined);
    assert.deepEqual(client.closed, { code: 4490, reason: "ANSWER-TIMEOUT-ERROR" });
  });
  await t.test("no ICE", async () => {
    await using server = await SoraServer.start({ establishTimeoutMs: 300 });
    const client = new TestClient(server.url);
    client.rewriteOffer = (sdp) => sdp.replace(/a=ice-pwd:.*/g, "a=ice-pwd:0123456789012345678901");
    await until("open", () => client.open);
    client.send(connect);
    await until("close", () => client.closed !== undefined);
    assert.deepEqual(client.closed, {
      code: 4490,
      reason: "CONNECTION-CREATED-WAIT-TIMEOUT-ERROR",
    });
    assert.ok(server.stats().droppedPackets > 0, "unauthentic checks are counted");
    await client.disconnect();
  });
  await t.test("no pong", async () => {
    await using server = await SoraServer.start({ pingIntervalMs: 20, pongTimeoutMs: 200 });
    const client = await TestClient.join(server.url, { role: "recvonly", channel_id: "c" });
    assert.equal(client.closed, undefined);
    client.silent = true;
    await until("close", () => client.closed !== undefined);
    assert.deepEqual(client.closed, { code: 4490, reason: "PONG-TIMEOUT-ERROR" });
    await client.disconnect();
  });
  await t.test("no packets", async () => {
    await using server = await SoraServer.start({ mediaTimeoutMs: 300 });
    const client = await TestClient.join(server.url, { role: "recvonly", channel_id: "c" });
    await client.peer?.close();
    await until("close", () => client.closed !== undefined);
    assert.equal(client.closed?.code, 4490);
    await client.disconnect();
  });
});

test("SoraServer: pings ask for statistics and pongs keep the connection", async () => {
  const pongTimeoutMs = 2_000;
  await using server = await SoraServer.start({ pingIntervalMs: 20, pongTimeoutMs });
  const client = await TestClient.join(server.url, { role: "recvonly", channel_id: "c" });
  const pings = () => client.messages.filter((message) => message.type === "ping");
  const joinedMs = performance.now();
  const isLate = () => performance.now() - joinedMs > 1.5 * pongTimeoutMs;
  await until("many pings", () => pings().length > 20 && isLate(), 20_000);
  assert.equal(pings()[0]!.stats, true);
  assert.equal(client.closed, undefined);
  await client.disconnect();
});

test("SoraServer: connections and channel members are bounded", async () => {
  await using server = await SoraServer.start({ maxConnections: 3, maxChannelConnections: 1 });
  const a = await TestClient.join(server.url, { role: "recvonly", channel_id: "c" });
  const full = await TestClient.open(server.url, { role: "recvonly", channel_id: "c" });
  await until("the channel is full", () => full.closed !== undefined);
  assert.deepEqual(full.closed, { code: 4490, reason: "TOO-MANY-CONNECTIONS" });
  const others = [new TestClient(server.url), new TestClient(server.url)];
  await until("open", () => others.every((client) => client.open));
  const over = new TestClient(server.url);
  await until("the server is full", () => over.closed !== undefined);
  assert.deepEqual(over.closed, { code: 4490, reason: "TOO-MANY-CONNECTIONS" });
  for (const client of [a, ...others]) await client.disconnect();
});

test("parseJson counts nesting outside of strings only", () => {
  assert.deepEqual(parseJson('{"a":"[[[[\\"[["}', 2), { a: '[[[["[[' });
  assert.equal(parseJson("[[[]]]", 2), undefined);
  assert.deepEqual(parseJson("[[],[]]", 2), [[], []]);
});
