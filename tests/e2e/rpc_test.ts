import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { SoraRpcError } from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { eventually } from "../support/eventually.ts";
import { RecordingClient } from "../support/recording_client.ts";

const PUT = "2025.2.0/PutSignalingNotifyMetadata";
const PUT_ITEM = "2025.2.0/PutSignalingNotifyMetadataItem";
let server: SoraServer;
let rooms = 0;

before(async () => {
  server = await SoraServer.start({ port: 0 });
});

after(() => server.close());

async function join(channelId: string, signaling = true): Promise<RecordingClient> {
  const client = new RecordingClient({
    signalingUrls: [server.url],
    channelId,
    dataChannelSignaling: signaling,
  });
  return signaling ? await client.switch() : await client.connect();
}

test("rpc() resolves with the server's result, and others learn of it", async () => {
  const room = `rpc-${rooms++}`;
  await using alice = await join(room);
  await using bob = await join(room);
  assert.deepEqual(alice.of("onSetOffer")[0]![0].rpc_methods?.slice(0, 2), [PUT, PUT_ITEM]);
  const metadata = { name: "Alice", deep: [1, { two: null }] };
  assert.deepEqual(await alice.connection.rpc(PUT, { metadata, push: true }), metadata);
  await eventually("bob's push", () => bob.of("onPush").length === 1);
  assert.deepEqual(
    await alice.connection.rpc(PUT_ITEM, { key: "mood", value: "good", push: true }),
    { ...metadata, mood: "good" },
  );
  await eventually("bob's second push", () => bob.of("onPush").length === 2);
  assert.deepEqual(alice.of("onPush"), []);
  // Answers to calls are not reported to onRpc as well.
  assert.deepEqual(alice.of("onRpc"), []);
});

test("a notification is sent without waiting for an answer, and none comes", async () => {
  const room = `rpc-${rooms++}`;
  await using alice = await join(room);
  await using bob = await join(room);
  const metadata = { quiet: true };
  const options = { notification: true };
  assert.equal(await alice.connection.rpc(PUT, { metadata, push: true }, options), undefined);
  await eventually("bob's push", () => bob.of("onPush").length === 1);
  // A call that comes after it is answered; an answer to the notification would have come before.
  await alice.connection.rpc(PUT, { metadata });
  assert.deepEqual(alice.of("onRpc"), []);
});

test("many calls at once are answered each with its own result", async () => {
  await using alice = await join(`rpc-${rooms++}`);
  const results = await Promise.all(
    Array.from({ length: 50 }, (_, number) => alice.connection.rpc(PUT, { metadata: number })),
  );
  assert.deepEqual(results, Array.from({ length: 50 }, (_, number) => number));
});

const refusals = [
  ["an unknown method", "2025.2.0/Nothing", {}, -32_601],
  ["an unknown member", PUT, { metadata: 1, nonsense: 2 }, -32_602],
  ["a missing member", PUT_ITEM, { key: "x" }, -32_602],
  ["params that are no object", PUT, [1], -32_602],
] as const;
for (const [name, method, params, rpcCode] of refusals) {
  test(`rpc() rejects with the server's error: ${name}`, async () => {
    await using alice = await join(`rpc-${rooms++}`);
    const call = alice.connection.rpc(method, params as never);
    const error = await call.then(() => undefined, (error: unknown) => error);
    assert.ok(error instanceof SoraRpcError);
    assert.deepEqual([error.code, error.rpcCode], ["RPC_ERROR", rpcCode]);
    assert.equal(alice.connection.state, "connected");
  });
}

test("rpc() needs a connection with the channel rpc", async () => {
  await using alice = await join(`rpc-${rooms++}`, false);
  await assert.rejects(alice.connection.rpc(PUT, { metadata: 1 }), { code: "INVALID_STATE" });
  await alice.connection.disconnect();
  await assert.rejects(alice.connection.rpc(PUT, { metadata: 1 }), { code: "INVALID_STATE" });
});

test("rpc() checks what it is given", async () => {
  await using alice = await join(`rpc-${rooms++}`);
  for (const timeoutMs of [0, -1, NaN, Infinity]) {
    await assert.rejects(alice.connection.rpc(PUT, {}, { timeoutMs }), {
      message: /^timeoutMs must be a number from 1 to /,
    });
  }
});
