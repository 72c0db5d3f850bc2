import assert from "node:assert/strict";
import { test } from "node:test";
import { checkSignalingOptions } from "../../signaling/mod.ts";
import { socketRequest } from "../../signaling/socket/request.ts";
import { makeCertificate } from "../support/signaling_certificates.ts";
import { type RunningProxy, startEchoServer, startProxy } from "../support/signaling_servers.ts";
import { Client } from "../support/signaling_websocket_client.ts";

const authority = makeCertificate({ subject: "Test CA", isAuthority: true });
const { cert, key } = makeCertificate({
  subject: "server",
  hosts: ["127.0.0.1"],
  issuer: authority,
});

const required = { signalingUrls: ["wss://x"], role: "sendrecv", channelId: "c" };

/** Connects to an echo server through a proxy. */
async function connect(proxy: RunningProxy, port: number, options: object): Promise<Client> {
  const checked = checkSignalingOptions({
    ...required,
    caCert: authority.cert,
    proxyUrl: `http://127.0.0.1:${proxy.port}`,
    ...options,
  });
  const url = `wss://127.0.0.1:${port}/signaling`;
  const client = new Client(url, socketRequest(url, checked, { soraClient: "SDK" }, 1000));
  await client.settled();
  return client;
}

test("createWebSocket connects through a proxy that asks for nothing", async () => {
  await using server = await startEchoServer({ cert, key });
  await using proxy = await startProxy();
  const client = await connect(proxy, server.port, { proxyAgent: "proxy agent" });
  client.socket.send("hello");
  await client.until(() => client.texts.length > 0 || client.ends.length > 0);
  assert.deepEqual(client.texts, ["hello"]);
  assert.equal(proxy.requests[0]!.target, `127.0.0.1:${server.port}`);
  assert.equal(proxy.requests[0]!.headers["user-agent"], "proxy agent");
  assert.equal(proxy.requests[0]!.headers["proxy-authorization"], `Basic ${btoa(":")}`);
  client.socket.terminate();
});

const passwords = ["secret", "p@ss:w%rd", "%40", "a b/c?d#e"];
for (const password of passwords) {
  test(`createWebSocket gives the proxy the password ${password}, and the server nothing of it`, async () => {
    await using server = await startEchoServer({ cert, key });
    await using proxy = await startProxy({ credentials: `user:${password}` });
    const explicit = await connect(proxy, server.port, {
      proxyUsername: "user",
      proxyPassword: password,
    });
    const inUrl = await connect(proxy, server.port, {
      proxyUrl: `http://user:${encodeURIComponent(password)}@127.0.0.1:${proxy.port}`,
    });
    for (const client of [explicit, inUrl]) {
      assert.equal(client.opens, 1);
      client.socket.terminate();
    }
    for (const { headers } of server.requests) {
      assert.equal(headers["proxy-authorization"], undefined);
      assert.equal(headers["authorization"], undefined);
    }
  });
}

for (const proxyPassword of [undefined, "wrong"]) {
  test(`createWebSocket reports a proxy that refuses ${proxyPassword ?? "no password"}`, async () => {
    await using server = await startEchoServer({ cert, key });
    await using proxy = await startProxy({ credentials: "user:secret" });
    const client = await connect(proxy, server.port, {
      proxyUsername: "user",
      ...(proxyPassword && { proxyPassword }),
    });
    const { code, error, httpStatus } = await client.ended();
    assert.deepEqual([code, httpStatus], [0, 407]);
    assert.match(error!.message, /407/);
    assert.equal(server.requests.length, 0);
  });
}

test("createWebSocket verifies the server's certificate behind a proxy", async () => {
  await using server = await startEchoServer({ cert, key });
  await using proxy = await startProxy();
  const stranger = makeCertificate({ subject: "Other CA", isAuthority: true });
  const client = await connect(proxy, server.port, { caCert: stranger.cert });
  assert.equal(client.opens, 0);
  assert.ok((await client.ended()).error instanceof Error);
  const insecure = await connect(proxy, server.port, { caCert: stranger.cert, insecure: true });
  assert.equal(insecure.opens, 1);
  insecure.socket.terminate();
});

test("createWebSocket compares the certificate with the server's address behind a proxy", async () => {
  const local = makeCertificate({ subject: "server", hosts: ["localhost"], issuer: authority });
  await using server = await startEchoServer({ cert: local.cert, key: local.key });
  await using proxy = await startProxy();
  const client = await connect(proxy, server.port, {});
  assert.equal(client.opens, 0);
  assert.match((await client.ended()).error!.message, /does not match/);
});

test("createWebSocket uses a client certificate behind a proxy", async () => {
  const certificate = makeCertificate({ subject: "client", issuer: authority });
  await using server = await startEchoServer({
    cert,
    key,
    ca: authority.cert,
    requestCert: true,
    rejectUnauthorized: true,
  });
  await using proxy = await startProxy();
  const client = await connect(proxy, server.port, {
    clientCert: certificate.cert,
    clientKey: certificate.key,
  });
  assert.equal(client.opens, 1);
  client.socket.terminate();
});

test("createWebSocket reports a proxy that cannot reach the server", async () => {
  const gone = await startEchoServer({ cert, key });
  await gone[Symbol.asyncDispose]();
  await using proxy = await startProxy();
  const client = await connect(proxy, gone.port, {});
  assert.ok((await client.ended()).error instanceof Error);
});

test("createWebSocket gives up on a silent proxy when it is terminated", async () => {
  await using proxy = await startProxy({ silent: true });
  const checked = checkSignalingOptions({
    ...required,
    proxyUrl: `http://127.0.0.1:${proxy.port}`,
  });
  const url = "wss://127.0.0.1:1/signaling";
  const client = new Client(url, socketRequest(url, checked, { soraClient: "SDK" }, 1000));
  while (proxy.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
  client.socket.terminate();
  assert.deepEqual([client.opens, client.ends], [0, []]);
});

test("socketRequest ignores the proxy for ws:", () => {
  const checked = checkSignalingOptions({ ...required, proxyUrl: "http://tunnel.example" });
  const request = (url: string) => socketRequest(url, checked, { soraClient: "SDK" }, 1000);
  assert.equal(request("ws://sora.example/").proxy, undefined);
  assert.equal(request("wss://sora.example/").proxy?.url, "http://tunnel.example");
});

test("socketRequest names the SDK as user agent by default", () => {
  const request = (options: object) =>
    socketRequest(
      "ws://x/",
      checkSignalingOptions({ ...required, ...options }),
      { soraClient: "Sora FFI SDK 1.0.0" },
      1000,
    );
  assert.equal(request({}).userAgent, "Mozilla/5.0 (Sora FFI SDK 1.0.0)");
  assert.equal(request({ userAgent: "mine" }).userAgent, "mine");
});
