import { strict as assert } from "node:assert";
import { test } from "node:test";
import { SoraServer } from "../../sfu/mod.ts";
import { MemberMetadata } from "../../sfu/signaling/member_metadata.ts";
import { RPC_METHODS } from "../../sfu/signaling/rpc/methods.ts";
import { handleRpc } from "../../sfu/signaling/rpc/rpc.ts";
import { fakeRpcTarget } from "../support/rpc_target.ts";
import { TestClient, until } from "../support/sfu_client.ts";

const PUT = "2025.2.0/PutSignalingNotifyMetadata";
const request = (members: object) => ({ jsonrpc: "2.0", id: 1, method: PUT, ...members });
const params = { metadata: "changed" };

/** What is no valid call, and the code of its response (JSON-RPC 2.0, 5.1). */
const wrong: readonly (readonly [name: string, request: unknown, code: number])[] = [
  ["no JSON", "{", -32_700],
  ["an empty text", "", -32_700],
  ["JSON nested 65 deep", "[".repeat(65) + "]".repeat(65), -32_700],
  ["a batch", [request({ params })], -32_600],
  ["a number", 1, -32_600],
  ["another version", request({ jsonrpc: "1.0", params }), -32_600],
  ["no version", { id: 1, method: PUT, params }, -32_600],
  ["a method that is a number", request({ method: 1, params }), -32_600],
  ["an id that is an object", request({ id: {}, params }), -32_600],
  ["an unknown method", request({ method: "2025.2.0/DisconnectConnection", params }), -32_601],
  ["a method of the HTTP API", request({ method: "Sora_20151104.DisconnectConnection" }), -32_601],
  ["a property of every object", request({ method: "constructor", params }), -32_601],
  ["params that are a list", request({ params: [params] }), -32_602],
  ["no params", request({}), -32_602],
  [
    "the metadata of another connection",
    request({ params: { ...params, connection_id: "B" } }),
    -32_602,
  ],
  [
    "the metadata of another channel",
    request({ params: { ...params, channel_id: "other" } }),
    -32_602,
  ],
  ["push that is a text", request({ params: { ...params, push: "yes" } }), -32_602],
];

test("handleRpc: what is no valid call is answered with its code, and changes nothing", () => {
  const metadata = new MemberMetadata("A", () => assert.fail("nothing is pushed"));
  const target = fakeRpcTarget(metadata);
  for (const [name, call, code] of wrong) {
    const text = typeof call === "string" ? call : JSON.stringify(call);
    const response = handleRpc(text, target, RPC_METHODS);
    assert.equal((response?.error as { code?: number }).code, code, name);
    assert.equal(metadata.value, undefined, name);
  }
  // A method that the connection may not call is not there for it.
  const response = handleRpc(JSON.stringify(request({ params })), target, []);
  assert.equal((response?.error as { code?: number }).code, -32_601);
  const notification = { jsonrpc: "2.0", method: "2025.2.0/Nothing" };
  assert.equal(handleRpc(JSON.stringify(notification), target, RPC_METHODS), undefined);
  assert.equal(metadata.value, undefined);
});

test("SoraServer: wrong calls are answered over the data channel, and harm nobody", async () => {
  await using server = await SoraServer.start();
  const connect = { role: "recvonly", channel_id: "c", data_channel_signaling: true };
  const bystander = await TestClient.join(server.url, connect);
  const client = await TestClient.join(server.url, connect);
  await until("switched", () => client.messages.some(({ type }) => type === "switched"));
  const before = bystander.messages.length;
  for (const [, call] of wrong) {
    if (typeof call !== "string") client.sendOn("rpc", call);
  }
  const answered = wrong.filter(([, call]) => typeof call !== "string").map(([, , code]) => code);
  const codes = () =>
    client.channelMessages.filter(({ label }) => label === "rpc")
      .map(({ message }) => (message["error"] as { code?: number } | undefined)?.code);
  await until("the answers", () => codes().length === answered.length);
  assert.deepEqual(codes(), answered);
  assert.deepEqual([client.closed, bystander.closed], [undefined, undefined]);
  assert.equal(bystander.messages.slice(before).filter(({ type }) => type === "push").length, 0);
  await client.disconnect();
  await bystander.disconnect();
});
