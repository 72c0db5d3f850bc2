import assert from "node:assert/strict";
import { test } from "node:test";
import { Sora } from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { CANARY, countCanaries } from "../support/canary.ts";
import { makeCertificate } from "../support/signaling_certificates.ts";
import { startProxy, startRawServer } from "../support/signaling_servers.ts";
import { startTurnServer, turnUser } from "../support/turn_server.ts";
import { connect, connectUntil, sendVideo, turnUrl } from "../support/turn_session.ts";

const authority = makeCertificate({ subject: "Test CA", isAuthority: true });
const server = makeCertificate({
  subject: "server",
  hosts: ["127.0.0.1", "localhost"],
  issuer: authority,
});
const plain = { cert: server.cert, key: server.key };

test("TURN over TCP: frames flow", async () => {
  await using turn = await startTurnServer();
  await sendVideo(turnUrl(turn, "turn"));
  assert.ok(turn.counters.sent > 10 && turn.counters.received > 10, JSON.stringify(turn.counters));
});

test("the option relay leaves TURN as the only way, whatever the offer allows", async () => {
  await using turn = await startTurnServer();
  const iceServers = [{ urls: [turnUrl(turn, "turn")], ...turnUser }];
  await using server = await SoraServer.start({ port: 0, iceServers });
  await using sora = new Sora();
  await using connection = sora.createConnection({
    signalingUrls: [server.url],
    channelId: "relay",
    role: "recvonly",
    iceTransportPolicy: "relay",
  });
  await connection.connect();
  const types = (await connection.getStats()).flatMap((one) =>
    one.type === "local-candidate" ? [one.candidateType] : []
  );
  assert.deepEqual(new Set(types), new Set(["relay"]));
  assert.ok(turn.counters.sent > 0);
});

for (const scheme of ["turn", "turns"] as const) {
  const password = `p@ss:w%rd${CANARY}`;
  const proxied = { proxyUsername: "user", proxyPassword: password, proxyAgent: "test/1.0" };

  test(`${scheme}: through a proxy that wants credentials, which the TURN server never sees`, async () => {
    await using turn = await startTurnServer(scheme === "turns" ? plain : undefined);
    await using proxy = await startProxy({ credentials: `user:${password}` });
    const proxyUrl = `http://127.0.0.1:${proxy.port}`;
    await sendVideo(turnUrl(turn, scheme), { caCert: authority.cert, proxyUrl, ...proxied });
    assert.ok(proxy.requests.length >= 2);
    for (const { target, headers } of proxy.requests) {
      assert.equal(target, `127.0.0.1:${turn.port}`);
      assert.equal(headers["user-agent"], "test/1.0");
    }
    assert.equal(turn.counters.connections, proxy.requests.length);
    for (const greeting of turn.greetings) {
      assert.ok(!/authorization|p@ss/i.test(greeting) && countCanaries(greeting) === 0);
    }
  });

  test(`${scheme}: a proxy that refuses the credentials is not gone round`, async () => {
    await using turn = await startTurnServer(scheme === "turns" ? plain : undefined);
    await using proxy = await startProxy({ credentials: "user:secret" });
    const proxyUrl = `http://127.0.0.1:${proxy.port}`;
    await connectUntil(
      "a request to the proxy",
      () => proxy.requests.length > 0,
      turnUrl(turn, scheme),
      { caCert: authority.cert, proxyUrl, ...proxied },
    );
    assert.equal(turn.counters.connections, 0);
  });
}

test("TURN through a proxy: the proxy gets the host name as the server gave it", async () => {
  await using turn = await startTurnServer(plain);
  await using proxy = await startProxy();
  const proxyUrl = `http://127.0.0.1:${proxy.port}`;
  await connect(turnUrl(turn, "turns", "localhost"), { caCert: authority.cert, proxyUrl });
  for (const { target } of proxy.requests) assert.equal(target, `localhost:${turn.port}`);
});

test("TURN through a proxy that has a name", async () => {
  await using turn = await startTurnServer();
  await using proxy = await startProxy();
  await connect(turnUrl(turn, "turn"), { proxyUrl: `http://localhost:${proxy.port}` });
  assert.ok(proxy.requests.length > 0);
});

test("TURN through a proxy that never answers: connect() ends when its time is over", async () => {
  await using turn = await startTurnServer();
  await using proxy = await startProxy({ silent: true });
  const proxyUrl = `http://127.0.0.1:${proxy.port}`;
  const connecting = connect(turnUrl(turn, "turn"), {
    proxyUrl,
    webSocketConnectionTimeoutMs: 1_500,
  });
  await assert.rejects(connecting, { name: "SoraError" });
  assert.ok(proxy.requests.length > 0);
  assert.equal(turn.counters.connections, 0);
});

test("TURN over TLS and through a proxy: a server that never answers is abandoned after 10 s", async () => {
  const startSilent = async () => {
    const times: number[] = [];
    const start = performance.now();
    const silent = await startRawServer((socket) => {
      socket.resume();
      socket.on("close", () => times.push(performance.now() - start));
    });
    return { silent, times };
  };
  const { silent: server, times: tlsTimes } = await startSilent();
  const { silent: proxy, times: proxyTimes } = await startSilent();
  const url = `turns:127.0.0.1:${server.port}?transport=tcp`;
  const proxyUrl = `http://127.0.0.1:${proxy.port}`;
  const wait = { limitMs: 15_000 };
  try {
    await Promise.all([
      connectUntil("the end of TLS", () => tlsTimes.length > 0, url, {}, wait),
      connectUntil("the end of the tunnel", () => proxyTimes.length > 0, url, { proxyUrl }, wait),
    ]);
  } finally {
    await server[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
  }
  for (const [first] of [tlsTimes, proxyTimes]) {
    assert.ok(first !== undefined && first > 9_000 && first < 13_000, `after ${first} ms`);
  }
});
