import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { SoraServer } from "../../sfu/mod.ts";
import { eventually } from "../support/eventually.ts";
import { askApi } from "../support/http_api.ts";
import { MediaClient, nextFrame } from "../support/media_client.ts";
import { RecordingClient } from "../support/recording_client.ts";

let server: SoraServer;
let rooms = 0;

before(async () => {
  server = await SoraServer.start({ port: 0, httpApi: true });
});

after(() => server.close());

/** Calls Sora's HTTP API; gives the status. */
async function call(target: string, body: object): Promise<number> {
  return (await ask(target, body)).status;
}

/** Calls Sora's HTTP API; gives the status and the answer. */
async function ask(
  target: string,
  body: object,
  at = server,
): Promise<{ status: number; answer: unknown }> {
  return await askApi(at, target, body);
}

async function join(channelId: string): Promise<RecordingClient> {
  return await new RecordingClient({ signalingUrls: [server.url], channelId }).connect();
}

test("a body is at most 256 KiB, counted in bytes", async () => {
  const push = (data: string) => call("Sora_20160711.PushChannel", { channel_id: "none", data });
  assert.equal(await push("語".repeat(87_000)), 404);
  assert.equal(await push("語".repeat(88_000)), 400);
});

test("DisconnectConnection ends one connection and no other", async () => {
  const channelId = `api-${rooms++}`;
  await using alice = await join(channelId);
  await using bob = await join(channelId);
  const target = "Sora_20151104.DisconnectConnection";
  const bobId = bob.id;
  const body = { channel_id: channelId, connection_id: bobId };
  assert.equal(await call(target, body), 200);
  assert.deepEqual((await bob.ended())[0], ["onWsClose", 1000, "DISCONNECTED-API"]);
  await eventually("bob's leaving", () => alice.notified(bobId).includes("connection.destroyed"));
  assert.deepEqual(alice.of("onDisconnect"), []);
  assert.equal(await call(target, body), 404);
});

test("DisconnectChannel ends all connections of a channel", async () => {
  const channelId = `api-${rooms++}`;
  await using alice = await join(channelId);
  await using bob = await join(channelId);
  await using other = await join("api-other");
  assert.equal(await call("Sora_20151104.DisconnectChannel", { channel_id: channelId }), 200);
  for (const client of [alice, bob]) {
    assert.deepEqual((await client.ended())[0], ["onWsClose", 1000, "DISCONNECTED-API"]);
  }
  assert.equal(other.connection.state, "connected");
});

test("PushChannel pushes any JSON to all of a channel", async () => {
  const channelId = `api-${rooms++}`;
  await using alice = await join(channelId);
  await using bob = await join(channelId);
  const data = { text: "こんにちは", big: 2 ** 53 - 1, deep: [[{ a: null }]] };
  assert.equal(await call("Sora_20160711.PushChannel", { channel_id: channelId, data }), 200);
  for (const client of [alice, bob]) {
    await eventually("the push", () => client.of("onPush").length === 1);
    const [message, text] = client.of("onPush")[0]!;
    assert.deepEqual(message.data, data);
    assert.deepEqual(JSON.parse(text), message);
  }
});

test("RequestKeyFrame makes the sender's encoder begin anew", async () => {
  const room = { signalingUrls: [server.url], channelId: `api-${rooms++}` };
  const frame = { width: 160, height: 120, turn: 0 };
  const sender = new MediaClient({ ...room, role: "sendonly", videoCodecType: "VP8" }, {
    frame,
    toneHz: 440,
  });
  const receiver = new MediaClient({ ...room, role: "recvonly" });
  await Promise.all([sender.connect(), receiver.connect()]);
  (await nextFrame((await receiver.from(sender)).video)).close();
  const keyFrames = async () => {
    for (const stats of await sender.connection.getStats()) {
      if (stats.type === "outbound-rtp" && stats.kind === "video") {
        return stats.keyFramesEncoded ?? 0;
      }
    }
    return 0;
  };
  const before = await keyFrames();
  const body = {
    channel_id: room.channelId,
    connection_id: sender.connection.connectionId,
  };
  await eventually("another key frame", async () => {
    // An encoder of libwebrtc makes no key frame within 300 ms of the last.
    assert.equal(await call("Sora_20241218.RequestKeyFrame", body), 200);
    return await keyFrames() > before;
  });
  await sender[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

test("GetStatsConnection returns what the client reported last", async () => {
  await using busy = await SoraServer.start({ port: 0, httpApi: true, pingIntervalMs: 20 });
  for (const dataChannelSignaling of [false, true]) {
    const channelId = `api-${rooms++}`;
    await using alice = new RecordingClient({
      signalingUrls: [busy.url],
      channelId,
      clientId: "alice",
      dataChannelSignaling,
    });
    await (dataChannelSignaling ? alice.switch() : alice.connect());
    const body = { channel_id: channelId, connection_id: alice.id };
    const reported = await eventually("statistics", async () => {
      const { status, answer } = await ask("Sora_20170529.GetStatsConnection", body, busy);
      assert.equal(status, 200);
      const reported = answer as Record<string, unknown> & { stats: { type: string }[] };
      return reported.stats.length > 0 && reported;
    });
    assert.deepEqual([
      reported.channel_id,
      reported.connection_id,
      reported.client_id,
      reported.role,
    ], [
      channelId,
      alice.id,
      "alice",
      "recvonly",
    ]);
    assert.ok(
      reported.stats.some(({ type }) => type === "peer-connection"),
      "as libwebrtc reports",
    );
    const wrong = { ...body, channel_id: "another" };
    assert.equal((await ask("Sora_20170529.GetStatsConnection", wrong, busy)).status, 404);
  }
});

test("PutSignalingNotifyMetadata and its Item change what others are notified of", async () => {
  const channelId = `api-${rooms++}`;
  await using alice = await join(channelId);
  await using bob = await join(channelId);
  const body = { channel_id: channelId, connection_id: alice.id };
  const put = "Sora_20201124.PutSignalingNotifyMetadata";
  assert.deepEqual(await ask(put, { ...body, metadata: { a: 1 } }), {
    status: 200,
    answer: { a: 1 },
  });
  assert.deepEqual(await ask(`${put}Item`, { ...body, key: "b", value: [2], push: true }), {
    status: 200,
    answer: { a: 1, b: [2] },
  });
  await eventually("bob's push", () => bob.of("onPush").length > 0);
  assert.deepEqual(bob.of("onPush").map(([{ data }]) => data), [{
    action: "PutMetadataItem",
    key: "b",
    value: [2],
    connection_id: alice.id,
    type: "signaling_notify_metadata_ext",
  }]);
  await using carol = await join(channelId);
  const [created] = carol.of("onNotify").find(([{ event_type }]) =>
    event_type === "connection.created"
  )!;
  const { data } = created as unknown as { data: { connection_id: string; metadata?: unknown }[] };
  const known = data.find(({ connection_id }) => connection_id === alice.id);
  assert.deepEqual(known?.metadata, { a: 1, b: [2] });
  assert.equal(await call(put, body), 400);
  assert.equal(await call(put, { ...body, metadata: "x".repeat(17_000) }), 400);
  assert.equal(await call(`${put}Item`, { ...body, key: 5, value: 1 }), 400);
  assert.equal(await call(put, { ...body, connection_id: "nobody", metadata: 1 }), 404);
});

test("RequestSimulcastRid answers that there is no simulcast", async () => {
  const channelId = `api-${rooms++}`;
  await using alice = await join(channelId);
  const target = "Sora_20251210.RequestSimulcastRid";
  const body = { channel_id: channelId, receiver_connection_id: alice.id, rid: "r0" };
  assert.deepEqual(await ask(target, body), {
    status: 400,
    answer: { error_type: "SIMULCAST-DISABLED" },
  });
  assert.equal(await call(target, { ...body, receiver_connection_id: "nobody" }), 404);
  assert.deepEqual((await ask(target, { ...body, rid: "r9" })).answer, {
    error_type: "INVALID-BODY",
  });
});

test("calls that are none are refused", async () => {
  assert.equal(await call("Sora_20991231.Nothing", {}), 400);
  assert.equal(await call("Sora_20151104.DisconnectConnection", { channel_id: 5 }), 400);
  assert.equal(await call("Sora_20151104.DisconnectChannel", { channel_id: "nobody" }), 404);
});

test("a server that answers late, message by message, is waited for", async () => {
  await using slow = await SoraServer.start({ port: 0, faults: { signalingDelayMs: 150 } });
  await using client = new RecordingClient({
    signalingUrls: [slow.url],
    dataChannelSignaling: true,
  });
  const start = performance.now();
  await client.switch();
  assert.ok(performance.now() - start >= 290);
  await client.connection.disconnect();
  assert.equal(client.of("onDisconnect")[0]![0], "CLOSE_SUCCEEDED");
});
