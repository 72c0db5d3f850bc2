/** Signaling with Sora: notifications, messages, data channel signaling in all of its modes, ends, redirects. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { eventually } from "../support/eventually.ts";
import { RecordingClient } from "../support/recording_client.ts";
import { SoraTarget } from "../support/sora_target.ts";

const LIMIT_MS = 20_000;
const sora = await SoraTarget.open();

after(() => sora[Symbol.asyncDispose]());

/** The transports of signaling, as the options say it, and what a client that ends hears of its WebSocket. */
const MODES = {
  "the WebSocket alone": {},
  "both transports": { dataChannelSignaling: true },
  "data channels alone": { dataChannelSignaling: true, ignoreDisconnectWebSocket: true },
} as const;
type Mode = keyof typeof MODES;
const modes = Object.keys(MODES) as Mode[];

/** Connects, and waits until signaling is where the mode has it. */
async function establish(client: RecordingClient, mode: Mode): Promise<void> {
  await client.connect();
  if (mode !== "the WebSocket alone") {
    await eventually("switched", () => client.of("onSwitched").length > 0, LIMIT_MS);
  }
  if (mode === "data channels alone") {
    await eventually("the WebSocket's end", () => client.of("onWsClose").length > 0, LIMIT_MS);
  }
}

test("members hear of each other: connection.created and connection.destroyed, with their counts", async () => {
  const options = sora.room();
  await using first = await new RecordingClient({ ...options, role: "sendonly" }).connect();
  const counts = (about: string) =>
    first.of("onNotify").map(([message]) => message as Record<string, unknown>)
      .filter(({ connection_id: id }) => id === about)
      .map(({ event_type, channel_connections }) => [event_type, channel_connections]);
  await using second = await new RecordingClient({ ...options, role: "recvonly" }).connect();
  const { id } = second;
  await eventually("the arrival", () => counts(id).length > 0, LIMIT_MS);
  await second.connection.disconnect();
  await eventually("the leaving", () => counts(id).length > 1, LIMIT_MS);
  assert.deepEqual(counts(first.id)[0], ["connection.created", 1]);
  assert.deepEqual(counts(id), [["connection.created", 2], ["connection.destroyed", 1]]);
});

for (const header of [undefined, [{ type: "sender_connection_id" as const }]]) {
  test(`messages arrive ${header ? "with" : "without"} the header of their sender`, async () => {
    const label = "#test";
    const options = { ...sora.room(), dataChannelSignaling: true };
    await using sender = new RecordingClient({
      ...options,
      role: "sendonly",
      dataChannels: [{ label, direction: "sendonly" }],
    });
    await using receiver = new RecordingClient({
      ...options,
      role: "recvonly",
      dataChannels: [{ label, direction: "recvonly", ...(header ? { header } : {}) }],
    });
    await sender.switch([label]);
    await receiver.switch([label]);
    const payloads = ["Hello, world!", "こんにちは"].map((text) => new TextEncoder().encode(text));
    for (const payload of payloads) assert.ok(sender.connection.sendDataChannel(label, payload));
    await eventually("the messages", () => receiver.of("onMessage").length === 2, LIMIT_MS);
    const info = header ? { senderConnectionId: sender.id } : {};
    assert.deepEqual(
      receiver.of("onMessage").map(([from, data, info]) => [from, [...data], info]),
      payloads.map((payload) => [label, [...payload], info]),
    );
    const stats = await receiver.connection.getStats();
    const channel = stats.find((one) => one.type === "data-channel" && one.label === label);
    assert.ok(channel?.type === "data-channel");
    const bytes = payloads.reduce((sum, { length }) => sum + length, 0);
    assert.deepEqual(
      [channel.messagesReceived, channel.bytesReceived],
      [2, bytes + (header ? 2 * 26 : 0)],
    );
  });
}

const CLOSED: Readonly<Record<Mode, string>> = {
  "the WebSocket alone": "Succeeded to close WebSocket (DC signaling is not enabled)",
  "both transports": "Succeeded to close Websocket (DC signaling is enabled)",
  "data channels alone": "Succeeded to close DataChannel",
};
for (const mode of modes) {
  test(`${mode}: a client that leaves ends in order`, async () => {
    await using client = new RecordingClient({ ...sora.room(), ...MODES[mode] });
    await establish(client, mode);
    assert.equal(client.of("onSwitched").length, mode === "the WebSocket alone" ? 0 : 1);
    await client.connection.disconnect();
    const reason = mode === "data channels alone" ? "SELF-CLOSED" : "TYPE-DISCONNECT";
    // A redirect before them ends a WebSocket too.
    assert.deepEqual(client.ends.slice(-2), [
      ["onWsClose", 1000, reason],
      ["onDisconnect", "CLOSE_SUCCEEDED", CLOSED[mode]],
    ]);
  });

  test(`${mode}: the HTTP API ends a connection, whose client hears the reason`, {
    skip: sora.withoutApi ?? false,
  }, async () => {
    const options = sora.room();
    await using client = new RecordingClient({ ...options, ...MODES[mode] });
    await establish(client, mode);
    await sora.call("Sora_20151104.DisconnectConnection", {
      channel_id: options.channelId,
      connection_id: client.id,
    });
    await assertEnded(client, "DISCONNECTED-API", mode);
  });

  test(`${mode}: a connection ends with its lifetime, and its client hears it`, {
    skip: sora.withoutClaims ?? false,
  }, async () => {
    const options = sora.room({ connection_lifetime: 3 });
    await using client = new RecordingClient({ ...options, ...MODES[mode] });
    await establish(client, mode);
    await assertEnded(client, "LIFETIME-EXPIRED", mode);
  });
}

async function assertEnded(client: RecordingClient, reason: string, mode: Mode): Promise<void> {
  const ends = await client.ended(LIMIT_MS);
  const [code, text] = client.of("onDisconnect")[0]!;
  assert.equal(code, "CLOSE_SUCCEEDED", text);
  assert.match(text, new RegExp(reason));
  const closed = mode === "data channels alone" ? "SELF-CLOSED" : reason;
  assert.deepEqual(ends.at(-2), ["onWsClose", 1000, closed]);
}

test("a token with another channel is refused", { skip: sora.withoutClaims ?? false }, async () => {
  const { metadata } = sora.room();
  await using client = new RecordingClient({ ...sora.room(), metadata });
  await assert.rejects(client.connect());
  assert.equal(client.of("onDisconnect").length, 1);
});

test("members meet whichever server of the cluster they ask, and follow its redirects", {
  skip: sora.withoutCluster ?? false,
}, async () => {
  const { cluster } = sora;
  const options = sora.room();
  await using first = new RecordingClient({ ...options, signalingUrls: [cluster[0]!] });
  await first.connect();
  for (const url of cluster.slice(1)) {
    await using other = new RecordingClient({ ...options, signalingUrls: [url] });
    await other.connect();
    await eventually("the arrival", () => first.notified(other.id).length > 0, LIMIT_MS);
    const { contactSignalingUrl, connectedSignalingUrl } = other.connection;
    assert.equal(contactSignalingUrl, url);
    const redirects = other.steps.includes("WEBSOCKET RECEIVED redirect");
    assert.equal(connectedSignalingUrl !== contactSignalingUrl, redirects);
    if (!sora.real) assert.equal(connectedSignalingUrl, cluster[0]);
  }
});
