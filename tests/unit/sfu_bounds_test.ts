/** What a member could make the server keep or do for others. */

import { Buffer } from "node:buffer";
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { inflateSync } from "node:zlib";
import { RelayedMessage } from "../../sfu/data/relayed_message.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { parseForwardingFilters } from "../../sfu/signaling/forwarding_filter.ts";
import { Refusal } from "../../sfu/signaling/refusal.ts";
import { RpcBudget } from "../../sfu/signaling/rpc/budget.ts";
import { RPC_METHODS } from "../../sfu/signaling/rpc/methods.ts";
import { TestClient, until } from "../support/sfu_client.ts";

test("RelayedMessage: each form is made once, however many receive it", () => {
  const data = Buffer.from("hello".repeat(100));
  const message = new RelayedMessage("#m", "SENDER", data);
  const of = (header: boolean, compress: boolean) => message.bytes({ header, compress });
  const headed = Buffer.concat([Buffer.from("SENDER"), data]);
  assert.equal(of(false, false), data);
  assert.deepEqual(of(true, false), headed);
  assert.deepEqual(inflateSync(of(false, true)), data);
  assert.deepEqual(inflateSync(of(true, true)), headed);
  for (const [header, compress] of [[true, false], [false, true], [true, true]] as const) {
    assert.equal(of(header, compress), of(header, compress));
  }
});

test("parseForwardingFilters refuses more rules and conditions than can be looked at often", () => {
  const condition = { field: "kind", operator: "is_in", values: ["audio"] };
  const filters = (rules: number, conditions: number) => ({
    forwarding_filters: [
      { rules: Array.from({ length: rules }, () => Array(conditions).fill(condition)) },
    ],
  });
  assert.equal(parseForwardingFilters(filters(4, 255)).length, 1);
  for (const [rules, conditions] of [[5, 255], [256, 4]] as const) {
    assert.throws(() => parseForwardingFilters(filters(rules, conditions)), Refusal);
  }
});

test("RpcBudget: a burst, then so much a second, and the least request counts", () => {
  const budget = new RpcBudget(0);
  const takes = (nowMs: number, bytes: number) => {
    let count = 0;
    while (count < 100_000 && budget.allows(nowMs)) {
      budget.spend(bytes);
      count++;
    }
    return count;
  };
  const burst = takes(0, 16_000);
  assert.ok(burst >= 32 && burst <= 33, String(burst));
  const second = takes(1000, 16_000);
  assert.ok(second >= 15 && second <= 17, String(second));
  assert.ok(takes(2000, 1) < 600);
  assert.equal(takes(3_600_000, 16_000), burst, "what is saved is bounded");
});

test("SoraServer: a flood of RPC is read no faster than it may come, and answered", async () => {
  await using server = await SoraServer.start();
  const connect = { role: "sendrecv", channel_id: "c", data_channel_signaling: true };
  const client = await TestClient.join(server.url, connect);
  await until("switched", () => client.messages.some(({ type }) => type === "switched"));
  // A few hundred bytes each, as zlib has them.
  const params = { metadata: "x".repeat(240_000), push: true };
  const requests = 5;
  for (let id = 0; id < requests; id++) {
    client.sendOn("rpc", { jsonrpc: "2.0", id, method: RPC_METHODS[0], params });
  }
  await until("it is held back", () => server.stats().heldBackConnections === 1, 20_000);
  const answers = () => client.channelMessages.filter(({ label }) => label === "rpc");
  await until("all are answered", () => answers().length === requests, 20_000);
  assert.deepEqual(
    answers().map(({ message }) => message["id"]),
    Array.from({ length: requests }, (_, id) => id),
  );
  await client.disconnect();
});

test("SoraServer: media packets larger than a frame of a network are dropped and counted", async () => {
  await using server = await SoraServer.start();
  const video = { codec_type: "VP8" };
  const a = await TestClient.join(server.url, { role: "sendonly", channel_id: "c", video });
  const b = await TestClient.join(server.url, { role: "recvonly", channel_id: "c", video });
  const [small, large] = [Buffer.alloc(1400, 1), Buffer.alloc(2100, 2)];
  const before = server.stats().droppedPackets;
  await until("the small ones", () => {
    a.sendRtp("video", large);
    a.sendRtp("video", small);
    return b.packets.length > 3;
  });
  assert.ok(b.packets.every(({ payload }) => payload[0] === 1));
  assert.ok(server.stats().droppedPackets > before);
  await a.disconnect();
  await b.disconnect();
});
