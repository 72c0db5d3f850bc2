import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReconnectOptions, SoraConnectionOptions } from "../../mod.ts";
import { SoraServer, type SoraServerOptions } from "../../sfu/mod.ts";
import { eventually, within } from "../support/eventually.ts";
import { MediaClient, nextFrame } from "../support/media_client.ts";
import { RecordingClient } from "../support/recording_client.ts";

const FAST: ReconnectOptions = { initialDelayMs: 20, maxDelayMs: 100, maxRetries: 50 };
/** So long that only `hintNow()` can be the cause of an attempt. */
const SLOW: ReconnectOptions = { initialDelayMs: 60_000, maxDelayMs: 60_000, jitter: 0 };

/** A server, and the same one again, on the same port. */
async function restartable(options: SoraServerOptions = {}) {
  const first = await SoraServer.start({ port: 0, ...options });
  const { port, url } = first;
  return { first, url, again: () => SoraServer.start({ port, ...options }) };
}

function client(
  url: string,
  reconnect: ReconnectOptions,
  options: Partial<SoraConnectionOptions> = {},
): RecordingClient {
  return new RecordingClient({ signalingUrls: [url], reconnect, ...options });
}

test("a server that goes away and comes back: the client reconnects and reports the attempt", async () => {
  const { first, url, again } = await restartable();
  await using alice = client(url, FAST);
  await alice.connect();
  const firstId = alice.id;
  await first.close();
  await eventually("the third attempt", () => alice.of("onReconnecting").length >= 3);
  assert.equal(alice.connection.state, "connecting");
  await using server = await again();
  await eventually("onReconnected", () => alice.of("onReconnected").length === 1);
  assert.equal(server.stats().connections, 1);
  assert.equal(alice.connection.state, "connected");
  assert.notEqual(alice.id, firstId);
  const attempts = alice.of("onReconnecting").map(([event]) => event);
  assert.deepEqual(attempts.map(({ attempt }) => attempt), attempts.map((_, index) => index + 1));
  assert.equal(alice.of("onReconnected")[0]![0].attempt, attempts.length);
  // The first reports the loss, the others the attempts that failed.
  const [lost, ...failed] = attempts.map(({ code }) => code);
  assert.equal(lost, "WEBSOCKET_ONCLOSE");
  assert.ok(failed.length > 0 && failed.every((code) => code === "WEBSOCKET_HANDSHAKE_FAILED"));
  for (const [index, { delayMs, maxRetries }] of attempts.entries()) {
    const full = Math.min(100, 20 * 2 ** index);
    assert.ok(delayMs <= full && delayMs >= full / 2, `${delayMs} of ${full} ms`);
    assert.equal(maxRetries, 50);
  }
  assert.deepEqual(alice.of("onDisconnect"), []);
  await alice.connection.disconnect();
  assert.deepEqual(alice.of("onDisconnect").map(([code]) => code), ["CLOSE_SUCCEEDED"]);
});

test("media flows again, and so do data channel signaling and messages over the same stream", async () => {
  const { first, url, again } = await restartable();
  const chat = [{ label: "#chat", direction: "sendrecv" }] as const;
  const options = {
    signalingUrls: [url],
    channelId: "media",
    videoCodecType: "VP8",
    dataChannelSignaling: true,
    dataChannels: chat,
    reconnect: FAST,
  } as const;
  const frame = { width: 160, height: 120, turn: 0 };
  const sender = new MediaClient({ ...options, role: "sendonly" }, { frame, toneHz: 440 });
  const receiver = new MediaClient({ ...options, role: "recvonly" });
  await Promise.all([sender.connect(), receiver.connect()]);
  (await nextFrame((await receiver.from(sender)).video)).close();
  const channel = sender.connection.dataChannel("#chat");
  const writer = channel.writable.getWriter();
  const reader = receiver.connection.dataChannel("#chat").readable.getReader();
  const open = () => channel.isOpen && receiver.connection.dataChannel("#chat").isOpen;
  // Nothing is relayed to a member whose channels are not there yet.
  await eventually("the channels", open);
  await writer.write("before");
  const decoder = new TextDecoder();
  assert.equal(decoder.decode((await within("before", reader.read())).value), "before");
  const before = sender.connection.connectionId;
  await first.close();
  await using _server = await again();
  await eventually(
    "both again",
    () =>
      [sender, receiver].every(({ connection }) => connection.state === "connected") &&
      sender.connection.connectionId !== before,
  );
  (await nextFrame((await receiver.from(sender)).video)).close();
  await eventually("the channels", open);
  await writer.write("after");
  assert.equal(decoder.decode((await within("after", reader.read())).value), "after");
  await sender[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
  assert.deepEqual([sender, receiver].map(({ disconnects }) => disconnects.length), [1, 1]);
});

test("hintNow() does not wait any longer", async () => {
  const { first, url, again } = await restartable();
  await using alice = client(url, SLOW);
  await alice.connect();
  alice.connection.hintNow();
  await first.close();
  await eventually("onReconnecting", () => alice.of("onReconnecting").length === 1);
  await using _server = await again();
  alice.connection.hintNow();
  await eventually("onReconnected", () => alice.of("onReconnected").length === 1);
  assert.equal(alice.of("onReconnecting")[0]![0].delayMs, 60_000);
});

test("after maxRetries it gives up, with how the last attempt ended", async () => {
  const { first, url } = await restartable();
  await using alice = client(url, { ...FAST, maxRetries: 3 });
  await alice.connect();
  await first.close();
  await alice.ended();
  assert.deepEqual(alice.of("onReconnecting").map(([{ attempt }]) => attempt), [1, 2, 3]);
  assert.equal(alice.of("onDisconnect")[0]![0], "WEBSOCKET_HANDSHAKE_FAILED");
  assert.equal(alice.order.at(-1), "onDisconnect");
});

test("disconnect() while it waits ends it at once", async () => {
  const { first, url } = await restartable();
  await using alice = client(url, SLOW);
  await alice.connect();
  await first.close();
  await eventually("onReconnecting", () => alice.of("onReconnecting").length === 1);
  await within("disconnect()", alice.connection.disconnect(), 1_000);
  assert.equal(alice.of("onDisconnect")[0]![0], "CLOSE_SUCCEEDED");
});

const never: Readonly<
  Record<string, {
    readonly server?: SoraServerOptions;
    readonly end: (client: RecordingClient, server: SoraServer) => unknown;
    readonly code: string;
  }>
> = {
  "the user's disconnect": {
    end: (alice) => alice.connection.disconnect(),
    code: "CLOSE_SUCCEEDED",
  },
  "a disconnect by API": {
    end: (alice, server) => server.disconnect(alice.id),
    code: "CLOSE_SUCCEEDED",
  },
  "a refused authentication": {
    server: {
      pingIntervalMs: 100,
      faults: { closeInsteadOf: { type: "ping", code: 4490, reason: "AUTHENTICATION-FAILURE" } },
    },
    end: () => {},
    code: "WEBSOCKET_ONCLOSE",
  },
};
for (const [name, { server: options, end, code }] of Object.entries(never)) {
  test(`never after ${name}`, async () => {
    await using server = await SoraServer.start({ port: 0, ...options });
    await using alice = client(server.url, FAST);
    await alice.connect();
    await end(alice, server);
    await alice.ended();
    assert.deepEqual(alice.of("onReconnecting"), []);
    assert.equal(alice.of("onDisconnect")[0]![0], code);
  });
}

test("never when the first connect() fails", async () => {
  await using alice = client("ws://127.0.0.1:1/signaling", FAST);
  await assert.rejects(alice.connect(), { code: "WEBSOCKET_HANDSHAKE_FAILED" });
  assert.deepEqual(alice.of("onReconnecting"), []);
});

test("without the option nothing is tried again", async () => {
  const server = await SoraServer.start({ port: 0 });
  await using alice = new RecordingClient({ signalingUrls: [server.url] });
  await alice.connect();
  await server.close();
  await alice.ended();
  assert.deepEqual(alice.of("onReconnecting"), []);
});
