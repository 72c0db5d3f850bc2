import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { SoraServer } from "../../sfu/mod.ts";
import { eventually } from "../support/eventually.ts";
import { RecordingClient } from "../support/recording_client.ts";
import { startRawServer } from "../support/signaling_servers.ts";

/** A port that nobody listens on. */
const NOBODY = "ws://127.0.0.1:1/signaling";

test("the first of several servers to answer is used, the others are closed politely", async () => {
  const servers = await Promise.all([1, 2, 3].map(() => SoraServer.start({ port: 0 })));
  {
    await using client = new RecordingClient({ signalingUrls: servers.map(({ url }) => url) });
    await client.connect();
    const connections = servers.map((server) => server.stats().connections);
    assert.deepEqual(connections.sort(), [0, 0, 1]);
    await eventually("the others closed", () => {
      const pending = servers.map((server) => server.stats().pendingConnections);
      return pending.every((count) => count === 0);
    });
    assert.deepEqual(client.of("onWsClose"), []);
  }
  // A client that only leaves is refused nothing.
  assert.deepEqual(servers.map((server) => server.stats().refusals), [{}, {}, {}]);
  for (const server of servers) await server.close();
});

test("URLs are tried in parallel: one that never answers and one that refuses delay nothing", async () => {
  await using silent = await startRawServer(() => {});
  await using server = await SoraServer.start({ port: 0 });
  await using client = new RecordingClient({
    signalingUrls: [`ws://127.0.0.1:${silent.port}/`, NOBODY, server.url],
  });
  const start = performance.now();
  await client.connect();
  assert.ok(performance.now() - start < 5_000);
  assert.equal(server.stats().connections, 1);
});

test("URLs that are none are refused at once, also beside one that is", () => {
  for (const wrong of ["nonsense", "https://sora.example/", "http://127.0.0.1:1/"]) {
    assert.throws(() => new RecordingClient({ signalingUrls: [NOBODY, wrong] }), {
      name: "TypeError",
      message: /^options\.signalingUrls\[1\] must be a URL that starts with "ws:" or "wss:"/,
    });
  }
});

test("the order is random: no server is always the first", async () => {
  const servers = await Promise.all([1, 2].map(() => SoraServer.start({ port: 0 })));
  await using client = new RecordingClient({ signalingUrls: servers.map(({ url }) => url) });
  const used = new Set<number>();
  for (let round = 0; round < 60 && used.size < 2; round++) {
    await client.connect();
    used.add(servers.findIndex((server) => server.stats().connections === 1));
    await client.connection.disconnect();
    await eventually("empty servers", () => servers.every((s) => s.stats().connections === 0));
  }
  assert.deepEqual([...used].sort(), [0, 1]);
  for (const server of servers) await server.close();
});

test("all URLs fail: the text has the last of them", async () => {
  await using client = new RecordingClient({
    signalingUrls: [NOBODY, "ws://127.0.0.1:2/signaling"],
  });
  await assert.rejects(client.connect(), {
    code: "WEBSOCKET_HANDSHAKE_FAILED",
    message:
      /^Failed Websocket handshake: last_ec=.+ last_url=ws:\/\/127\.0\.0\.1:[12]\/signaling$/,
  });
});

test("the path and the query of a URL reach the server, and its user and password do not show", async () => {
  let request = "";
  await using server = await startRawServer((socket) => {
    socket.on("data", (data) => {
      request += String(data);
      if (request.includes("\r\n\r\n")) socket.end("HTTP/1.1 404 Not Found\r\n\r\n");
    });
  });
  await using client = new RecordingClient({
    signalingUrls: [`ws://user:password@127.0.0.1:${server.port}/a/b?token=secret`],
  });
  const error = await client.connect().then(() => undefined, (error: Error) => error);
  assert.match(request, /^GET \/a\/b\?token=secret HTTP\/1\.1\r\n/);
  assert.doesNotMatch(error!.message, /password|secret/);
});

/** Whether this machine has IPv6 on loopback. */
function hasIpv6(): Promise<boolean> {
  const probe = createServer();
  return new Promise((resolve) => {
    probe.once("error", () => resolve(false));
    probe.listen(0, "::1", () => probe.close(() => resolve(true)));
  });
}

const withoutIpv6 = !await hasIpv6() && "this machine has no IPv6 on loopback";

test("an IPv6 literal works", { skip: withoutIpv6 }, async () => {
  await using server = await SoraServer.start({ port: 0, host: "::1" });
  assert.match(server.url, /^ws:\/\/\[::1\]:\d+\//);
  await using client = new RecordingClient({ signalingUrls: [server.url] });
  await client.connect();
  assert.equal(server.stats().connections, 1);
});

test("an IPv6 literal where nobody listens is refused like any such address", async () => {
  await using client = new RecordingClient({ signalingUrls: ["ws://[::1]:1/signaling"] });
  await assert.rejects(client.connect(), {
    code: "WEBSOCKET_HANDSHAKE_FAILED",
    message: /last_url=ws:\/\/\[::1\]:1\/signaling$/,
  });
});
