/** The calls of the HTTP API that choose among connections: their lists, pushes, and ends by client and by role. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { SoraServer } from "../../sfu/mod.ts";
import { eventually } from "../support/eventually.ts";
import { askApi } from "../support/http_api.ts";
import { RecordingClient } from "../support/recording_client.ts";

let server: SoraServer;
let rooms = 0;

before(async () => {
  server = await SoraServer.start({ port: 0, httpApi: true });
});

after(() => server.close());

const ask = (target: string, body?: object) => askApi(server, target, body);

async function join(channelId: string, options: object = {}): Promise<RecordingClient> {
  return await new RecordingClient({ signalingUrls: [server.url], channelId, ...options })
    .connect();
}

const ids = (answer: unknown) =>
  (answer as { connection_id: string }[]).map(({ connection_id }) => connection_id).sort();

test("ListChannelConnections and ListConnections show who is where, with what", async () => {
  const channelId = `list-${rooms++}`;
  const started = Date.now() * 1000;
  await using alice = await join(channelId, {
    role: "sendonly",
    clientId: "alice",
    bundleId: "bundle",
    videoCodecType: "VP8",
    videoBitRate: 700,
  });
  await using bob = await join(channelId, { audio: false });
  await using other = await join("list-other");
  const { status, answer } = await ask("Sora_20201013.ListChannelConnections", {
    channel_id: channelId,
  });
  assert.equal(status, 200);
  const list = answer as Record<string, unknown>[];
  const of = (client: RecordingClient) => {
    const { created_time: time, created_timestamp, ...entry } = list.find((one) =>
      one.connection_id === client.id
    )!;
    assert.ok(
      Number.isInteger(time) && Number(time) >= started && Number(time) <= Date.now() * 1e3,
    );
    assert.equal(Date.parse(String(created_timestamp)), Math.floor(Number(time) / 1000));
    return entry;
  };
  const common = {
    node_name: "sora-ffi@127.0.0.1",
    channel_id: channelId,
    session_id: alice.connection.sessionId,
    multistream: true,
    simulcast: false,
    spotlight: false,
  };
  assert.deepEqual(of(alice), {
    ...common,
    client_id: "alice",
    bundle_id: "bundle",
    connection_id: alice.id,
    role: "sendonly",
    audio: { codec_type: "OPUS" },
    video: { codec_type: "VP8", bit_rate: 700 },
  });
  assert.deepEqual(of(bob), {
    ...common,
    client_id: bob.id,
    bundle_id: bob.id,
    connection_id: bob.id,
    role: "recvonly",
    audio: false,
    video: { codec_type: "VP9" },
  });
  assert.equal(list.length, 2);
  // A call without properties needs no body.
  for (const body of [undefined, {}, { local: true }]) {
    const everybody = await ask("Sora_20201013.ListConnections", body);
    assert.deepEqual(ids(everybody.answer), [alice.id, bob.id, other.id].sort());
  }
  const nobody = await ask("Sora_20201013.ListChannelConnections", { channel_id: "nobody" });
  assert.equal(nobody.status, 404);
});

test("PushConnection, PushClient and PushChannelByRole reach those and nobody else", async () => {
  const channelId = `push-${rooms++}`;
  await using first = await join(channelId, { clientId: "twin" });
  await using second = await join(channelId, { clientId: "twin", role: "sendonly" });
  await using third = await join(channelId, { role: "sendonly" });
  const pushes: [target: string, body: object, reached: RecordingClient[]][] = [
    ["Sora_20160711.PushConnection", { connection_id: first.id }, [first]],
    ["Sora_20160711.PushClient", { client_id: "twin" }, [first, second]],
    ["Sora_20201120.PushChannelByRole", { role: "sendonly" }, [second, third]],
    ["Sora_20201120.PushChannelByRole", { role: "sendrecv" }, []],
    ["Sora_20160711.PushChannel", {}, [first, second, third]],
  ];
  for (const [number, [target, chosen, reached]] of pushes.entries()) {
    const body = { channel_id: channelId, ...chosen, data: { number } };
    assert.deepEqual(await ask(target, body), {
      status: 200,
      answer: { type: "push", data: { number } },
    });
    for (const client of reached) {
      await eventually(`push ${number}`, () => client.of("onPush").length > 0);
    }
    for (const client of [first, second, third]) {
      // Each gets its messages in order: one too many would come before the last, which all get.
      const data = client.of("onPush").splice(0).map(([message]) => message.data);
      assert.deepEqual(data, reached.includes(client) ? [{ number }] : [], `push ${number}`);
    }
  }
  for (
    const [target, body, status] of [
      ["Sora_20160711.PushConnection", { connection_id: "nobody", data: 1 }, 404],
      ["Sora_20160711.PushConnection", { data: 1 }, 400],
      ["Sora_20160711.PushClient", { client_id: "nobody", data: 1 }, 404],
      ["Sora_20160711.PushClient", { client_id: "twin" }, 400],
      ["Sora_20201120.PushChannelByRole", { role: "admin", data: 1 }, 400],
    ] as const
  ) {
    assert.equal((await ask(target, { channel_id: channelId, ...body })).status, status);
  }
});

test("DisconnectClient and DisconnectChannelByRole end those and nobody else", async () => {
  const channelId = `end-${rooms++}`;
  await using first = await join(channelId, { clientId: "twin" });
  await using second = await join(channelId, { clientId: "twin", role: "sendonly" });
  await using third = await join(channelId, { role: "sendonly" });
  await using fourth = await join(channelId);
  const end = async (target: string, chosen: object, ended: RecordingClient[]) => {
    const body = { channel_id: channelId, ...chosen };
    const reason = { type: "normal" };
    assert.deepEqual(await ask(target, { ...body, reason }), { status: 200, answer: body });
    for (const client of ended) {
      assert.deepEqual((await client.ended())[0], ["onWsClose", 1000, "DISCONNECTED-API"]);
    }
  };
  await end("Sora_20151104.DisconnectClient", { client_id: "twin" }, [first, second]);
  assert.deepEqual([third.ends, fourth.ends], [[], []]);
  await end("Sora_20201120.DisconnectChannelByRole", { role: "sendonly" }, [third]);
  await end("Sora_20201120.DisconnectChannelByRole", { role: "sendonly" }, []);
  assert.deepEqual(fourth.ends, []);
  const twin = { channel_id: channelId, client_id: "twin" };
  assert.equal((await ask("Sora_20151104.DisconnectClient", twin)).status, 404);
  const odd = { channel_id: channelId, reason: "normal" };
  assert.equal((await ask("Sora_20151104.DisconnectChannel", odd)).status, 400);
});

test("metadata is listed, read and removed", async () => {
  const channelId = `metadata-${rooms++}`;
  await using alice = await join(channelId);
  await using bob = await join(channelId);
  const body = { channel_id: channelId, connection_id: alice.id };
  const call = async (name: string, more: object = {}) => {
    const { status, answer } = await ask(`Sora_20201124.${name}`, { ...body, ...more });
    assert.equal(status, 200);
    return answer;
  };
  assert.deepEqual(await call("GetSignalingNotifyMetadata"), {});
  await call("PutSignalingNotifyMetadata", { metadata: { a: 1, b: 2 } });
  assert.deepEqual(await call("GetSignalingNotifyMetadata"), { a: 1, b: 2 });
  assert.deepEqual(await call("ListSignalingNotifyMetadata"), [
    { connection_id: alice.id, client_id: alice.id, metadata: { a: 1, b: 2 } },
  ]);
  const item = { key: "a", push: true };
  assert.deepEqual(await call("DeleteSignalingNotifyMetadataItem", item), { b: 2 });
  assert.deepEqual(await call("DeleteSignalingNotifyMetadata", { push: true }), {});
  assert.deepEqual(await call("ListSignalingNotifyMetadata"), []);
  await eventually("bob's pushes", () => bob.of("onPush").length === 2);
  const common = { connection_id: alice.id, type: "signaling_notify_metadata_ext" };
  assert.deepEqual(bob.of("onPush").map(([{ data }]) => data), [
    { action: "DeleteMetadataItem", key: "a", ...common },
    { action: "DeleteMetadata", ...common },
  ]);
});
