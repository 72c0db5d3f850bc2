import assert from "node:assert/strict";
import { test } from "node:test";
import type { SoraConnectionOptions } from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { CANARY, countCanaries } from "../support/canary.ts";
import { RecordingClient } from "../support/recording_client.ts";
import { makeCertificate } from "../support/signaling_certificates.ts";
import { type RunningProxy, startProxy, startRawServer } from "../support/signaling_servers.ts";

const authority = makeCertificate({ subject: "Test CA", isAuthority: true });
const { cert, key } = makeCertificate({
  subject: "server",
  hosts: ["127.0.0.1"],
  issuer: authority,
});
const tls = { cert, key };

/** A client of a server, behind a proxy. */
function behind(
  proxy: { readonly port: number },
  server: SoraServer,
  options: Partial<SoraConnectionOptions> = {},
): RecordingClient {
  return new RecordingClient({
    signalingUrls: [server.url],
    caCert: authority.cert,
    proxyUrl: `http://127.0.0.1:${proxy.port}`,
    ...options,
  });
}

function assertTunnelled(proxy: RunningProxy, server: SoraServer): void {
  assert.deepEqual(proxy.requests.map(({ target }) => target), [`127.0.0.1:${server.port}`]);
  assert.equal(server.stats().connections, 1);
}

test("a proxy without credentials gets the agent's name", async () => {
  await using server = await SoraServer.start({ port: 0, tls });
  await using proxy = await startProxy();
  await using client = behind(proxy, server, { proxyAgent: "agent/1.0" });
  await client.connect();
  assertTunnelled(proxy, server);
  assert.equal(proxy.requests[0]!.headers["user-agent"], "agent/1.0");
});

for (const password of ["secret", "p@ss:w%rd", "%40", ":", "@", "a b/c?d#e"]) {
  test(`the right password, ${JSON.stringify(password)}, as an option and in the URL`, async () => {
    await using server = await SoraServer.start({ port: 0, tls });
    for (const inUrl of [false, true]) {
      await using proxy = await startProxy({ credentials: `user:${password}` });
      await using client = behind(
        proxy,
        server,
        inUrl
          ? { proxyUrl: `http://user:${encodeURIComponent(password)}@127.0.0.1:${proxy.port}` }
          : { proxyUsername: "user", proxyPassword: password },
      );
      await client.connect();
      assertTunnelled(proxy, server);
      await client.connection.disconnect();
    }
  });
}

const wrong: Readonly<Record<string, Partial<SoraConnectionOptions>>> = {
  "no password": {},
  "the wrong password": { proxyUsername: "user", proxyPassword: `wr@ng:%${CANARY}` },
  "the wrong user": { proxyUsername: "other", proxyPassword: "secret" },
};
for (const [name, options] of Object.entries(wrong)) {
  test(`${name}: refused with 407, without a second try and without the password in the text`, async () => {
    await using server = await SoraServer.start({ port: 0, tls });
    await using proxy = await startProxy({ credentials: "user:secret" });
    await using client = behind(proxy, server, {
      ...options,
      // A refused password is not tried again for ever.
      reconnect: { initialDelayMs: 1 },
    });
    const error = await client.connect().then(() => undefined, (error: Error) => error);
    assert.match(
      error!.message,
      /^Failed Websocket handshake: last_ec=.*407.* last_url=wss:.+ proxy_url=http:/,
    );
    assert.doesNotMatch(error!.message, /wr@ng|wr%40ng|secret/);
    assert.equal(countCanaries(error!.message), 0);
    assert.equal(proxy.requests.length, 1);
    assert.equal(server.stats().acceptedSockets, 0);
    assert.deepEqual(client.of("onReconnecting"), []);
  });
}

test("a proxy that answers 407 for ever, each time over a new connection", async () => {
  await using server = await SoraServer.start({ port: 0, tls });
  await using proxy = await startProxy({ credentials: "nobody:knows" });
  await using client = behind(proxy, server);
  for (let round = 1; round <= 3; round++) {
    await assert.rejects(client.connect(), { code: "WEBSOCKET_HANDSHAKE_FAILED" });
    assert.equal(proxy.requests.length, round);
  }
});

test("a proxy that takes the request and does not answer: the timeout ends it", async () => {
  await using server = await SoraServer.start({ port: 0, tls });
  await using proxy = await startProxy({ silent: true });
  await using client = behind(proxy, server, { webSocketConnectionTimeoutMs: 200 });
  await assert.rejects(client.connect(), { code: "INTERNAL_ERROR", message: "Connection timeout" });
});

const broken: Readonly<Record<string, string>> = {
  "closes in the middle of its answer": "HTTP/1.1 200 Connec",
  "closes at once": "",
  "speaks another protocol": "SSH-2.0-OpenSSH_9.6\r\n",
  "opens a tunnel to nowhere": "HTTP/1.1 200 Connection established\r\n\r\n",
};
for (const [name, answer] of Object.entries(broken)) {
  test(`a proxy that ${name}`, async () => {
    await using server = await SoraServer.start({ port: 0, tls });
    await using proxy = await startRawServer((socket) => {
      socket.once("data", () => socket.end(answer));
    });
    await using client = behind(proxy, server, { webSocketConnectionTimeoutMs: 5_000 });
    const start = performance.now();
    await assert.rejects(client.connect(), { code: "WEBSOCKET_HANDSHAKE_FAILED" });
    assert.ok(performance.now() - start < 4_000);
  });
}

test("nobody listens where the proxy should be", async () => {
  await using server = await SoraServer.start({ port: 0, tls });
  await using client = behind({ port: 1 }, server);
  await assert.rejects(client.connect(), {
    code: "WEBSOCKET_HANDSHAKE_FAILED",
    message: / proxy_url=http:\/\/127\.0\.0\.1:1/,
  });
});

test("the server's certificate is verified behind a proxy", async () => {
  const stranger = makeCertificate({ subject: "Other CA", isAuthority: true });
  await using server = await SoraServer.start({ port: 0, tls });
  await using proxy = await startProxy();
  await using client = behind(proxy, server, { caCert: stranger.cert });
  await assert.rejects(client.connect(), { code: "WEBSOCKET_HANDSHAKE_FAILED" });
  assert.equal(server.stats().acceptedSockets, 0);
});

test("a proxy is not used for ws", async () => {
  await using server = await SoraServer.start({ port: 0 });
  await using proxy = await startProxy({ credentials: "user:secret" });
  await using client = behind(proxy, server);
  await client.connect();
  assert.deepEqual(proxy.requests, []);
});
