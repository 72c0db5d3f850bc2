import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync, inflateSync } from "node:zlib";
import { MAX_PENDING_CALLS } from "../../signaling/connection/rpc.ts";
import { settle } from "../support/signaling_fakes.ts";
import { dataChannelOffer, Scene } from "../support/signaling_scene.ts";

const METHOD = "2025.2.0/RequestSimulcastRid";

function sent(scene: Scene): Record<string, unknown>[] {
  return scene.peer.sentData.filter(({ label }) => label === "rpc")
    .map(({ data }) => JSON.parse(new TextDecoder().decode(data)));
}

test("rpc() sends a request, and resolves with the result of the answer with its id", async () => {
  const scene = new Scene();
  await scene.switched(false);
  const first = scene.session.rpc(METHOD, { rid: "r1" });
  const second = scene.session.rpc("other");
  await settle();
  assert.deepEqual(sent(scene), [
    { jsonrpc: "2.0", id: 1, method: METHOD, params: { rid: "r1" } },
    { jsonrpc: "2.0", id: 2, method: "other" },
  ]);
  await scene.peer.receiveData("rpc", { jsonrpc: "2.0", id: 2, result: null });
  await scene.peer.receiveData("rpc", { jsonrpc: "2.0", id: 1, result: { rid: "r1" } });
  assert.deepEqual(await first, { rid: "r1" });
  assert.equal(await second, null);
  assert.equal(scene.clock.pending, 0);
  assert.deepEqual(scene.of("onRpc", "onSignalingMessage").filter(([n]) => n === "onRpc"), []);
});

test("rpc() obeys the compression of its channel", async () => {
  const scene = new Scene();
  const data_channels = ["signaling", "rpc"]
    .map((label) => ({ label, direction: "sendrecv", compress: true }));
  await scene.switched(false, [], { data_channels });
  const result = scene.session.rpc(METHOD);
  await settle();
  assert.equal(JSON.parse(inflateSync(scene.peer.sentData.at(-1)!.data).toString()).id, 1);
  const answer = JSON.stringify({ jsonrpc: "2.0", id: 1, result: 5 });
  await scene.peer.receiveData("rpc", deflateSync(answer));
  assert.equal(await result, 5);
});

test("rpc() rejects with the server's error", async () => {
  const scene = new Scene();
  await scene.switched(false);
  const call = scene.session.rpc(METHOD);
  call.catch(() => {});
  await settle();
  const error = { code: -32601, message: "Method not found", data: { a: 1 } };
  await scene.peer.receiveData("rpc", { jsonrpc: "2.0", id: 1, error });
  await assert.rejects(call, {
    name: "SoraRpcError",
    code: "RPC_ERROR",
    rpcCode: -32601,
    message: `rpc(${METHOD}): Method not found`,
    data: { a: 1 },
  });
});

for (const error of [undefined, null, "text", {}, { code: "x", message: 5 }]) {
  test(`rpc() rejects when the answer has ${JSON.stringify(error)} for an error`, async () => {
    const scene = new Scene();
    await scene.switched(false);
    const call = scene.session.rpc(METHOD);
    call.catch(() => {});
    await settle();
    await scene.peer.receiveData("rpc", { jsonrpc: "2.0", id: 1, error });
    await assert.rejects(call, { name: "SoraRpcError", rpcCode: -32603 });
  });
}

test("rpc() rejects when no answer comes in time, and ignores the late one", async () => {
  const scene = new Scene();
  await scene.switched(false);
  const [standard, short] = [
    scene.session.rpc(METHOD),
    scene.session.rpc(METHOD, {}, { timeoutMs: 100 }),
  ];
  for (const call of [standard, short]) call.catch(() => {});
  await scene.clock.advance(100);
  await assert.rejects(short, {
    code: "TIMEOUT",
    message: `rpc(${METHOD}): no answer within 100 ms`,
  });
  await scene.clock.advance(4_900);
  await assert.rejects(standard, { code: "TIMEOUT" });
  const late = JSON.stringify({ jsonrpc: "2.0", id: 1, result: 1 });
  await scene.peer.receiveData("rpc", late);
  assert.deepEqual(scene.of("onRpc"), [["onRpc", late]]);
});

test("rpc() as a notification has no id and resolves once sent", async () => {
  const scene = new Scene();
  await scene.switched(false);
  const result = await scene.session.rpc(METHOD, { rid: "r0" }, { notification: true });
  assert.equal(result, undefined);
  assert.deepEqual(sent(scene), [{ jsonrpc: "2.0", method: METHOD, params: { rid: "r0" } }]);
  assert.equal(scene.clock.pending, 0);
});

test("rpc() rejects without connection, and without its channel", async () => {
  const scene = new Scene();
  await assert.rejects(scene.session.rpc(METHOD), { code: "INVALID_STATE" });
  await scene.connected();
  await assert.rejects(scene.session.rpc(METHOD), {
    code: "INVALID_STATE",
    message: /the data channel rpc is not open/,
  });
  assert.equal(scene.clock.pending, 0);
});

/** Connected, with the channel rpc offered, but not open yet. */
async function withoutChannel(): Promise<Scene> {
  const scene = new Scene();
  await scene.connected(dataChannelOffer());
  return scene;
}

test("rpc() waits for a channel that was offered, and keeps the order of the calls", async () => {
  const scene = await withoutChannel();
  const notified = scene.session.rpc("first", {}, { notification: true });
  const called = scene.session.rpc("second");
  assert.deepEqual(sent(scene), []);
  await scene.peer.openChannel("rpc");
  assert.equal(await notified, undefined);
  assert.deepEqual(sent(scene), [
    { jsonrpc: "2.0", method: "first", params: {} },
    { jsonrpc: "2.0", method: "second", id: 1 },
  ]);
  await scene.peer.receiveData("rpc", { jsonrpc: "2.0", id: 1, result: 7 });
  assert.equal(await called, 7);
});

test("rpc() waits no longer than its timeout altogether, for the channel and the answer", async () => {
  const scene = await withoutChannel();
  const before = scene.clock.pending;
  const never = assert.rejects(scene.session.rpc("never", {}, { timeoutMs: 100 }), {
    code: "TIMEOUT",
    message: "rpc(never): not open within 100 ms",
  });
  const late = assert.rejects(scene.session.rpc("late", {}, { timeoutMs: 150 }), {
    code: "TIMEOUT",
    message: "rpc(late): no answer within 150 ms",
  });
  await scene.clock.advance(100);
  await never;
  await scene.peer.openChannel("rpc");
  assert.deepEqual(sent(scene), [{ jsonrpc: "2.0", method: "late", params: {}, id: 1 }]);
  await scene.clock.advance(50);
  await late;
  assert.equal(scene.clock.pending, before);
});

test("rpc() rejects calls that wait for the channel when the connection ends, and bounds them", async () => {
  const scene = await withoutChannel();
  const calls = Array.from({ length: MAX_PENDING_CALLS }, () => scene.session.rpc(METHOD));
  const ends = calls.map((call) => assert.rejects(call, { code: "CLOSED" }));
  await assert.rejects(scene.session.rpc(METHOD), { code: "LIMIT_EXCEEDED" });
  await scene.socket.end({ code: 1000, reason: "X" });
  await Promise.all(ends);
  assert.equal(scene.clock.pending, 0);
});

test("rpc() rejects params that are not JSON, and timeouts that are none", async () => {
  const scene = new Scene();
  await scene.switched(false);
  await assert.rejects(scene.session.rpc(METHOD, { a: 1n } as never), {
    name: "TypeError",
    message: "params.a must be a JSON value, not a bigint",
  });
  await assert.rejects(scene.session.rpc(METHOD, {}, { timeoutMs: NaN }), { name: "RangeError" });
  assert.deepEqual(sent(scene), []);
});

test("rpc() rejects calls that wait when the connection ends", async () => {
  const scene = new Scene();
  await scene.switched(false);
  const call = scene.session.rpc(METHOD);
  call.catch(() => {});
  await settle();
  await scene.socket.end({ code: 1000, reason: "DISCONNECTED-API" });
  await assert.rejects(call, { code: "CLOSED" });
  assert.equal(scene.clock.pending, 0);
});

test("rpc() bounds how many calls may wait", async () => {
  const scene = new Scene();
  await scene.switched(false);
  for (let i = 0; i < MAX_PENDING_CALLS; i++) scene.session.rpc(METHOD).catch(() => {});
  await assert.rejects(scene.session.rpc(METHOD), { code: "LIMIT_EXCEEDED" });
});

test("onRpc gets what answers no call: requests, notifications, malformed text", async () => {
  const scene = new Scene();
  await scene.switched(false);
  scene.session.rpc(METHOD).catch(() => {});
  const texts = [
    `{"jsonrpc":"2.0","id":1,"method":"server/asks"}`,
    `{"jsonrpc":"2.0","method":"server/tells"}`,
    `{"jsonrpc":"2.0","id":7,"result":1}`,
    `{"jsonrpc":"2.0","id":"1","result":1}`,
    `{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}`,
    "null",
    "[]",
    "rubbish",
  ];
  for (const text of texts) await scene.peer.receiveData("rpc", text);
  assert.deepEqual(scene.of("onRpc").map(([, text]) => text), texts);
});
