/** Mutated requests to the HTTP API, and whatever else comes over TCP to a server with it. */
import { strict as assert } from "node:assert";
import { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import { connect } from "node:net";
import { Readable } from "node:stream";
import { test } from "node:test";
import type { JsonObject } from "../../base/json.ts";
import { ChannelSpotlight, type SpotlightMember } from "../../sfu/connection/channel_spotlight.ts";
import { handleApi } from "../../sfu/http/api.ts";
import type { ApiConnection, ApiTarget } from "../../sfu/http/call.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { refuseApi } from "../../sfu/options/http_access.ts";
import { FilterSet } from "../../sfu/signaling/filter_set.ts";
import { MemberMetadata } from "../../sfu/signaling/member_metadata.ts";
import { fakeRpcTarget } from "../support/rpc_target.ts";
import { Mutator, survives } from "../support/mutations.ts";

const calls: Record<string, JsonObject> = {
  "Sora_20151104.DisconnectConnection": { channel_id: "c", connection_id: "a" },
  "Sora_20241218.RequestKeyFrame": { channel_id: "c", connection_id: "a" },
  "Sora_20170529.GetStatsConnection": { channel_id: "c", connection_id: "a" },
  "Sora_20201124.PutSignalingNotifyMetadata": {
    channel_id: "c",
    connection_id: "a",
    metadata: { a: 1 },
    push: true,
  },
  "Sora_20201124.PutSignalingNotifyMetadataItem": {
    channel_id: "c",
    connection_id: "a",
    key: "k",
    value: [1],
  },
  "Sora_20251210.RequestSimulcastRid": { channel_id: "c", receiver_connection_id: "a", rid: "r0" },
  "Sora_20151104.DisconnectChannel": { channel_id: "c", reason: { type: "normal" } },
  "Sora_20230628.ListForwardingFilters": { channel_id: "c", blocked: true },
  "Sora_20151104.DisconnectClient": { channel_id: "c", client_id: "a" },
  "Sora_20201120.DisconnectChannelByRole": { channel_id: "c", role: "sendrecv" },
  "Sora_20201013.ListConnections": { local: true },
  "Sora_20201013.ListChannelConnections": { channel_id: "c" },
  "Sora_20201005.RequestRtpStream": {
    channel_id: "c",
    recv_connection_id: "a",
    send_connection_id: "b",
    rid: "r1",
  },
  "Sora_20200807.FocusSpotlight": { channel_id: "c", connection_id: "a" },
  "Sora_20200807.FocusSpotlightFixed": { channel_id: "c", connection_id: "a" },
  "Sora_20200807.UnfocusSpotlight": { channel_id: "c", connection_id: "a" },
  "Sora_20200807.ChangeSpotlightNumber": { channel_id: "c", spotlight_number: 3 },
  "Sora_20211215.RequestSpotlightRid": {
    channel_id: "c",
    recv_connection_id: "a",
    send_connection_id: "b",
    spotlight_focus_rid: "r1",
    spotlight_unfocus_rid: "none",
  },
  "Sora_20211215.ResetSpotlightRid": { channel_id: "c", recv_connection_id: "a" },
  "Sora_20160711.PushChannel": { channel_id: "c", data: { a: [1, 2] } },
  "Sora_20160711.PushClient": { channel_id: "c", client_id: "a", data: [] },
  "Sora_20160711.PushConnection": { channel_id: "c", connection_id: "a", data: 1 },
  "Sora_20201120.PushChannelByRole": { channel_id: "c", role: "sendonly", data: null },
  "Sora_20170529.GetStatsClient": { channel_id: "c", client_id: "a" },
  "Sora_20171101.GetStatsAllConnections": {},
  "Sora_20201124.ListSignalingNotifyMetadata": { channel_id: "c" },
  "Sora_20201124.GetSignalingNotifyMetadata": { channel_id: "c", connection_id: "a" },
  "Sora_20201124.DeleteSignalingNotifyMetadata": { channel_id: "c", connection_id: "a" },
  "Sora_20201124.DeleteSignalingNotifyMetadataItem": {
    channel_id: "c",
    connection_id: "a",
    key: "k",
    push: true,
  },
};

const rules = [[{ field: "kind", operator: "is_in", values: ["audio"] }]];
for (const action of ["Create", "Update", "Delete"]) {
  const filter = { name: "a", priority: 1, action: "allow", rules, version: "1", metadata: [1] };
  Object.assign(calls, {
    [`Sora_20230628.${action}ChannelForwardingFilter`]: { channel_id: "c", ...filter },
    [`Sora_20230628.${action}ConnectionForwardingFilter`]: {
      channel_id: "c",
      connection_id: "a",
      ...filter,
    },
  });
}

const names = Object.keys(calls);

/** A server with one channel `c` of one member `a`. */
function createTarget(): ApiTarget {
  const metadata = new MemberMetadata("a", () => {});
  const has = (channelId: string, connectionId = "a") => channelId === "c" && connectionId === "a";
  const connection: ApiConnection = {
    id: "a",
    clientId: "a",
    role: "sendrecv",
    created: true,
    disconnect: () => {},
    push: () => {},
    statistics: () => ({ stats: [] }),
    listing: () => ({ connection_id: "a" }),
  };
  const spotlight = new ChannelSpotlight<SpotlightMember>(1, { onFocus: () => {} });
  spotlight.update({ id: "a", tracks: [] });
  const filters = new FilterSet();
  const member = {
    id: "a",
    clientId: "a",
    bundleId: "a",
    tracks: [],
    filters: new FilterSet(),
    receives: () => true,
  };
  const channel = { filters, members: [member], blocked: () => [], applyForwarding: () => {} };
  return {
    channel: (channelId) => has(channelId) ? channel : undefined,
    spotlight: (channelId) => has(channelId) ? spotlight : undefined,
    connections: (channelId = "c") => has(channelId) ? [connection] : undefined,
    requestKeyFrame: has,
    metadata: (channel, connection) => has(channel, connection) ? metadata : undefined,
    connection: (channel, connection) =>
      has(channel, connection) ? fakeRpcTarget(metadata) : undefined,
  };
}

/** One call of the API; gives the status and the body of the answer. */
async function call(
  target: ApiTarget,
  headers: Record<string, string>,
  parts: readonly Buffer[],
): Promise<[status: number, body: string]> {
  const { promise, resolve } = Promise.withResolvers<[number, string]>();
  const request = Object.assign(Readable.from(parts), { headers, method: "POST", url: "/" });
  let status = 0;
  const response = {
    setHeader: () => {},
    writeHead: (code: number) => status = code,
    end: (body: string) => resolve([status, body]),
  };
  handleApi(
    request as unknown as IncomingMessage,
    response as unknown as ServerResponse,
    target,
    { host: "127.0.0.1", secret: undefined },
  );
  return await promise;
}

test("the HTTP API survives mutated bodies", async () => {
  const target = createTarget();
  const statuses = new Map<number, number>();
  await survives({
    steps: 2_000,
    seed: 41,
    input: (mutator) => {
      const name = mutator.pick(names);
      const body = Buffer.from(mutator.jsonText([calls[name]!]));
      const cut = mutator.integer(body.length + 1);
      const long = mutator.once(100) ? [Buffer.alloc(300_000, " ")] : [];
      return { name, parts: [...long, body.subarray(0, cut), body.subarray(cut)] };
    },
    run: async ({ name, parts }) => {
      const headers = { host: "127.0.0.1", "x-sora-target": name };
      const [status, body] = await call(target, headers, parts);
      assert.ok([200, 400, 404].includes(status), `${status}`);
      // The answer is JSON, of any type: metadata is what the caller puts.
      JSON.parse(body);
      statuses.set(status, 1 + (statuses.get(status) ?? 0));
    },
  });
  for (const status of [200, 400, 404]) assert.ok((statuses.get(status) ?? 0) > 20, `${status}`);
});

test("access to the HTTP API survives mutated headers", async () => {
  const hosts = ["127.0.0.1", "localhost:3000", "[::1]:80", "[::ffff:127.0.0.1]", "sora.example"];
  const origins = ["http://localhost:3000", "https://[::1]", "null", "https://page.example"];
  let open = 0;
  await survives({
    steps: 2_000,
    seed: 42,
    input: (mutator) => ({
      host: mutator.text(hosts),
      origin: mutator.text(origins),
      authorization: mutator.text(["Bearer secret", "bearer  secret", "Basic secret"]),
      bound: mutator.pick(["127.0.0.1", "0.0.0.0"]),
    }),
    run: ({ bound, ...headers }) => {
      const refusal = refuseApi(headers, { host: bound, secret: "secret" });
      if (refusal !== undefined) {
        assert.equal(refusal.status, bound === "0.0.0.0" ? 401 : 403);
        return;
      }
      open++;
      if (bound === "0.0.0.0") assert.match(headers.authorization, /^Bearer +secret$/i);
      else assert.match(new URL(`http://${headers.host}`).hostname, /^(127\.|\[::|localhost)/);
    },
  });
  assert.ok(open > 20);
});

/** Sends bytes on a TCP connection of their own, in two parts, until the server closes it or falls silent. */
async function send(port: number, first: Uint8Array, second: Uint8Array): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.on("error", () => {});
  socket.on("close", () => resolve());
  socket.on("data", () => socket.end());
  socket.write(first);
  socket.write(second, () => socket.end());
  await promise;
}

test(
  "SoraServer: whatever comes over TCP, the HTTP API, the page, metrics and the signaling go on",
  {
    timeout: 60_000,
  },
  async () => {
    await using server = await SoraServer.start({
      httpApi: true,
      metrics: true,
      page: true,
      connectTimeoutMs: 1_000,
    });
    const { port } = server;
    const body = JSON.stringify(calls["Sora_20160711.PushChannel"]);
    const host = `Host: 127.0.0.1:${port}\r\n`;
    const requests = [
      `POST / HTTP/1.1\r\n${host}x-sora-target: Sora_20160711.PushChannel\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n${
        body.length.toString(16)
      }\r\n${body}\r\n0\r\n\r\n`,
      `GET /signaling HTTP/1.1\r\n${host}Upgrade: websocket\r\nConnection: Upgrade\r\n` +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
      `GET /metrics HTTP/1.1\r\n${host}\r\n`,
      `GET /members?a=1 HTTP/1.1\r\n${host}Origin: http://127.0.0.1:${port}\r\n\r\n`,
      `HEAD /page/main.js HTTP/1.1\r\n${host}\r\nGET / HTTP/1.1\r\n${host}\r\n`,
    ];
    const upgrade = Buffer.from(requests[2]!);
    const message = Buffer.from('{"type":"connect","role":"recvonly","channel_id":"c"}');
    const frames = [
      Buffer.concat([Buffer.from([0x81, 0x80 | message.length, 0, 0, 0, 0]), message]),
      Buffer.from([0x89, 0x80, 0, 0, 0, 0, 0x88, 0x82, 0, 0, 0, 0, 3, 232]),
      Buffer.from([0x01, 0x81, 0, 0, 0, 0, 0x7b, 0x80, 0x81, 0, 0, 0, 0, 0x7d]),
      Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]),
    ];
    const mutator = new Mutator(43);
    for (let round = 0; round < 40; round++) {
      await Promise.all(Array.from({ length: 10 }, (_, i) => {
        const none = Buffer.alloc(0);
        return i % 2 === 0
          ? send(port, Buffer.from(mutator.text(requests)), none)
          : send(port, upgrade, mutator.bytes(frames));
      }));
    }
    const response = await fetch(`http://127.0.0.1:${port}/`, {
      method: "POST",
      headers: { "x-sora-target": "Sora_20160711.PushChannel" },
      body,
    });
    assert.equal(response.status, 404);
    assert.deepEqual(await response.json(), { error_type: "NOT-FOUND" });
    for (const path of ["/", "/metrics", "/members", "/page/main.js"]) {
      assert.equal((await fetch(`http://127.0.0.1:${port}${path}`)).status, 200, path);
    }
    assert.ok(server.stats().acceptedSockets > 50);
    assert.equal(server.stats().refusals["INTERNAL-ERROR"], undefined);
  },
);
