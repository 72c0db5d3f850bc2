/** The corpus of malformed signaling against the whole client: nothing crashes or stalls, and what can be ignored is ignored. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync } from "node:zlib";
import { SoraServer } from "../../sfu/mod.ts";
import { BAD_SDP } from "../corpus/bad_sdp.ts";
import { BROKEN_COMPRESSED, NOT_TEXT } from "../corpus/bytes.ts";
import { INVALID_MESSAGES } from "../corpus/invalid_messages.ts";
import { EXCESSIVE, NOT_JSON } from "../corpus/texts.ts";
import { UNTIMELY } from "../corpus/untimely.ts";
import { eventually, within } from "../support/eventually.ts";
import { RawSora } from "../support/raw_sora.ts";
import { RecordingClient } from "../support/recording_client.ts";
import { startRelay } from "../support/signaling_relay.ts";

/** Longest time for one case, in milliseconds: more counts as a hang. */
const HANG_MS = 1_000;

/** Larger messages are nothing but `notify`, and dropped. */
const FRAME_BYTES = 1024 * 1024;

const texts = [
  ...INVALID_MESSAGES,
  ...NOT_JSON,
  ...EXCESSIVE.filter(({ text }) => new TextEncoder().encode(text).byteLength < FRAME_BYTES),
];

test("a connected client survives all malformed and untimely messages", {
  timeout: 120_000,
}, async () => {
  await using server = await SoraServer.start({ port: 0 });
  await using relay = await startRelay(server.url);
  await using client = new RecordingClient({ signalingUrls: [relay.url] });
  await client.connect();
  const all: readonly (readonly [string, string | Uint8Array])[] = [
    ...texts.map(({ name, text }) => [name, text] as const),
    ...NOT_TEXT.map(({ name, bytes }) => [name, bytes] as const),
    ...UNTIMELY.filter(({ phase, via }) => phase === "connected" && via === "WebSocket")
      .map(({ name, message }) => [name, JSON.stringify(message)] as const),
  ];
  for (const [index, [name, message]] of all.entries()) {
    relay.inject(message);
    server.push(index);
    const alive = () => client.of("onPush").at(-1)?.[0].data === index;
    await eventually(`a push after ${name}`, alive, HANG_MS);
  }
  assert.equal(client.connection.state, "connected");
  assert.deepEqual(client.of("onError"), []);
  assert.deepEqual(client.steps, [
    "WEBSOCKET SENT connect",
    "WEBSOCKET RECEIVED offer",
    "WEBSOCKET SENT answer",
  ]);
});

/** Connects to a server whose offer is replaced, and returns the error. */
async function connect(server: SoraServer, offer: (text: string) => string): Promise<Error> {
  await using relay = await startRelay(
    server.url,
    (text) => [JSON.parse(text).type === "offer" ? offer(text) : text],
  );
  await using client = new RecordingClient({ signalingUrls: [relay.url] });
  const connecting = client.connect().then(() => undefined, (error: Error) => error);
  const error = await within("the refusal", connecting, HANG_MS);
  assert.ok(error instanceof Error, "connected all the same");
  assert.deepEqual(client.of("onDisconnect").map(([, message]) => message), [error.message]);
  return error;
}

test("connect() refuses an offer of 0.8 MB that libwebrtc would be busy with, and Sora.close() is not held up", async () => {
  await using server = await SoraServer.start({ port: 0 });
  const lines = Array.from({ length: 30_000 }, (_, i) => `a=fmtp:120 parameter${i}=1\r\n`).join("");
  const error = await connect(server, (text) => {
    const { sdp, ...rest } = JSON.parse(text);
    return JSON.stringify({ ...rest, sdp: sdp + lines });
  });
  assert.equal((error as { code?: unknown }).code, "ICE_FAILED");
  assert.match(
    error.message,
    /^Failed to SetOffer in offer message via WebSocket: error=the offer has more than \d+ lines /,
  );
});

test("an invalid offer ends the connection and names what is wrong with it", async () => {
  await using server = await SoraServer.start({ port: 0 });
  for (const { name, text, endsOffer, path, problem } of INVALID_MESSAGES) {
    if (!endsOffer) continue;
    const error = await connect(server, () => text);
    assert.equal((error as { code?: unknown }).code, "INTERNAL_ERROR", name);
    assert.ok(error.message.startsWith(`Invalid offer message: ${path}`), error.message);
    assert.match(error.message, problem);
  }
});

for (const { name, damage } of BAD_SDP) {
  test(`libwebrtc refuses an offer's SDP with ${name}`, async () => {
    await using server = await SoraServer.start({ port: 0 });
    const error = await connect(server, (text) => {
      const offer = JSON.parse(text) as { sdp: string };
      const sdp = damage(offer.sdp);
      assert.notEqual(sdp, offer.sdp, "the case changes nothing");
      return JSON.stringify({ ...offer, sdp });
    });
    assert.equal((error as { code?: unknown }).code, "ICE_FAILED", error.message);
    assert.match(error.message, /^Failed to (?:SetOffer|CreateAnswer) in offer message via WebSo/);
  });
}

test("a frame that is too large ends the connection, or is dropped, within the limit", async () => {
  await using server = await SoraServer.start({ port: 0 });
  await using relay = await startRelay(server.url);
  for (const { name, text } of EXCESSIVE) {
    if (new TextEncoder().encode(text).byteLength < FRAME_BYTES) continue;
    await using client = new RecordingClient({ signalingUrls: [relay.url] });
    await client.connect();
    relay.inject(text);
    server.push(name);
    await eventually(
      `an end or a push after ${name}`,
      () => client.of("onDisconnect").length > 0 || client.of("onPush").length > 0,
      HANG_MS,
    );
    assert.ok(client.of("onDisconnect").every(([code]) => code === "WEBSOCKET_ONERROR"));
  }
});

/** Waits until a push gets through, which shows that nothing stalls. */
async function passes(client: RecordingClient, what: string, say: (data: string) => void) {
  say(what);
  const last = () => client.of("onPush").at(-1)?.[0].data;
  await eventually(`a push after ${what}`, () => last() === what, HANG_MS);
}

test("a switched client survives all malformed and untimely messages on its data channels", {
  timeout: 120_000,
}, async () => {
  await using server = await RawSora.start({ ignoreWebSocket: false });
  await using client = new RecordingClient({
    signalingUrls: [server.url],
    disconnectWaitTimeoutMs: 100,
  });
  await client.switch();
  const { connection } = client;
  let ignored = 0;
  const untimely = UNTIMELY.filter(({ phase }) => phase === "switched");
  assert.ok(untimely.length >= 20);
  for (const { name, via, message } of untimely) {
    if (via === "WebSocket") server.say(message);
    else server.sendOn(via, message);
    ignored++;
    const counted = () => connection.counters.ignoredMessages === ignored;
    await eventually(`its count: ${name}`, counted, HANG_MS);
    await passes(client, name, (data) => server.sendOn("push", { type: "push", data }));
  }
  let invalid = 0;
  const wrong = [
    ...[...INVALID_MESSAGES, ...NOT_JSON].map(({ name, text }) => [name, text] as const),
    ...NOT_TEXT.map(({ name, bytes }) => [name, bytes] as const),
  ];
  for (const [name, message] of wrong) {
    if (message.length === 0) continue; // werift cannot send it
    for (const label of ["signaling", "notify", "push", "stats"]) server.sendOn(label, message);
    invalid += 4;
    const counted = () => connection.counters.invalidMessages === invalid;
    await eventually(`its count: ${name}`, counted, HANG_MS);
    await passes(client, name, (data) => server.sendOn("push", { type: "push", data }));
  }
  assert.equal(connection.state, "connected");
  assert.deepEqual(client.of("onError"), []);
  assert.deepEqual(client.of("onDisconnect"), []);
});

test("a switched client survives compressed messages that are broken or bombs", async () => {
  const labels = ["#chat"];
  await using server = await RawSora.start({ ignoreWebSocket: false, labels, compress: true });
  await using client = new RecordingClient({
    signalingUrls: [server.url],
    disconnectWaitTimeoutMs: 100,
  });
  await client.switch(labels);
  const { connection } = client;
  for (const { name, bytes } of BROKEN_COMPRESSED) {
    if (bytes.length === 0) continue; // werift cannot send it
    const before = connection.counters.invalidMessages;
    for (const label of ["signaling", "notify", "push", "stats", "rpc", ...labels]) {
      server.sendOn(label, bytes);
    }
    // Some inflate to something, which those that take any bytes get; to signaling none is a message.
    const counted = () => connection.counters.invalidMessages >= before + 4;
    await eventually(`its count: ${name}`, counted, HANG_MS);
    await passes(
      client,
      name,
      (data) => server.sendOn("push", deflateSync(JSON.stringify({ type: "push", data }))),
    );
  }
  assert.equal(connection.state, "connected");
  assert.deepEqual(client.of("onDisconnect"), []);
});

test("a notify with 8 MiB of everybody's metadata arrives; a frame beyond 16 MiB ends the WebSocket", async () => {
  await using server = await RawSora.start({ ignoreWebSocket: false });
  await using client = new RecordingClient({ signalingUrls: [server.url] });
  await client.switch();
  const data = [1, 2].map((member) => ({
    connection_id: `member ${member}`,
    authn_metadata: "m".repeat(4 * 1024 * 1024),
  }));
  server.say({
    type: "notify",
    event_type: "connection.created",
    connection_id: "another",
    data,
  });
  await eventually("the notify", () => client.of("onNotify").length === 2);
  assert.deepEqual((client.of("onNotify")[1]![0] as { data?: unknown }).data, data);
  server.say("n".repeat(16 * 1024 * 1024 + 1));
  await client.ended();
  assert.deepEqual(client.ends.map(([name, code]) => [name, code]), [
    ["onWsClose", 0],
    ["onDisconnect", "WEBSOCKET_ONERROR"],
  ]);
});
