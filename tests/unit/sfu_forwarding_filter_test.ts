import { strict as assert } from "node:assert";
import { test } from "node:test";
import type { JsonObject } from "../../base/json.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { FilterSet } from "../../sfu/signaling/filter_set.ts";
import { parseForwardingFilters } from "../../sfu/signaling/forwarding_filter.ts";
import { TestClient } from "../support/sfu_client.ts";

const connect = { role: "sendrecv", channel_id: "c" };

const filterSet = (message: JsonObject) => {
  const filters = new FilterSet();
  filters.replaceAll(parseForwardingFilters(message));
  return filters;
};

test("FilterSet.decide: outer lists are alternatives, inner ones all hold, lower priority first", () => {
  const isIn = (field: string, ...values: string[]) => ({ field, operator: "is_in", values });
  const filters = filterSet({
    forwarding_filters: [
      { name: "two", priority: 2, action: "block", rules: [[isIn("client_id", "a", "b")]] },
      {
        name: "one",
        priority: 1,
        action: "allow",
        rules: [[isIn("client_id", "a"), isIn("kind", "audio")], [isIn("connection_id", "C")]],
      },
    ],
  });
  const subject = (client_id: string, kind: "audio" | "video", connection_id = "X") => ({
    client_id,
    kind,
    connection_id,
  });
  assert.equal(filters.decide(subject("a", "audio")), true);
  assert.equal(filters.decide(subject("a", "video")), false);
  assert.equal(filters.decide(subject("b", "audio")), false);
  assert.equal(filters.decide(subject("b", "audio", "C")), true);
  assert.equal(filters.decide(subject("z", "video")), undefined);
  const notIn = filterSet({
    forwarding_filter: {
      rules: [[{ field: "kind", operator: "is_not_in", values: ["audio"] }]],
    },
  });
  assert.equal(notIn.decide(subject("a", "video")), false);
  assert.equal(notIn.decide(subject("a", "audio")), undefined);
});

test("SoraServer: a forwarding filter keeps sections out of the offer", async () => {
  await using server = await SoraServer.start();
  const a = await TestClient.join(server.url, { ...connect, client_id: "a" });
  const b = await TestClient.join(server.url, {
    ...connect,
    forwarding_filter: {
      rules: [[{ field: "kind", operator: "is_in", values: ["video"] }]],
    },
  });
  assert.match(String(b.offer!.sdp), new RegExp(`a=msid:${a.id} ${a.id}-audio`));
  assert.doesNotMatch(String(b.offer!.sdp), new RegExp(`a=msid:${a.id} ${a.id}-video`));
  await a.disconnect();
  await b.disconnect();
});

test("SoraServer: a forwarding filter picks senders by client_id and by connection_id", async () => {
  await using server = await SoraServer.start();
  const a = await TestClient.join(server.url, { ...connect, client_id: "a" });
  const b = await TestClient.join(server.url, { ...connect, client_id: "b" });
  const sees = async (field: string, operator: string, value: string) => {
    const rules = [[{ field, operator, values: [value] }]];
    const filter = { forwarding_filters: [{ action: "block", rules }] };
    const client = await TestClient.join(server.url, { ...connect, role: "recvonly", ...filter });
    const seen = [a, b].filter(({ id }) => String(client.offer!.sdp).includes(`a=msid:${id} `));
    await client.disconnect();
    return seen;
  };
  assert.deepEqual(await sees("client_id", "is_in", "a"), [b]);
  assert.deepEqual(await sees("client_id", "is_not_in", "a"), [a]);
  assert.deepEqual(await sees("connection_id", "is_in", b.id), [a]);
  assert.deepEqual(await sees("connection_id", "is_not_in", b.id), [b]);
  await a.disconnect();
  await b.disconnect();
});
