import assert from "node:assert/strict";
import { test } from "node:test";
import type { TlsOptions } from "node:tls";
import { Sora, type SoraConnectionOptions, SoraVideoSink } from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { eventually } from "../support/eventually.ts";
import { makeCertificate } from "../support/signaling_certificates.ts";
import { startProxy, startRawServer } from "../support/signaling_servers.ts";
import { type RunningTurnServer, startTurnServer, turnUser } from "../support/turn_server.ts";

const authority = makeCertificate({ subject: "Test CA", isAuthority: true });
const server = makeCertificate({
  subject: "server",
  hosts: ["127.0.0.1", "localhost"],
  issuer: authority,
});
const elsewhere = makeCertificate({
  subject: "elsewhere",
  hosts: ["127.0.0.2", "turn.test"],
  issuer: authority,
});
const client = makeCertificate({ subject: "the client", issuer: authority });
const stranger = makeCertificate({
  subject: "a stranger",
  issuer: makeCertificate({ subject: "Other CA", isAuthority: true }),
});
const plain: TlsOptions = { cert: server.cert, key: server.key };
const mutual: TlsOptions = {
  ...plain,
  ca: authority.cert,
  requestCert: true,
  rejectUnauthorized: true,
};

type Options = Partial<SoraConnectionOptions>;

function turnUrl(turn: RunningTurnServer, scheme: "turn" | "turns", host = "127.0.0.1"): string {
  return `${scheme}:${host}:${turn.port}?transport=tcp`;
}

/** An SFU that tells its clients to use nothing but a TURN server. */
function startServer(url: string, credential: string = turnUser.credential): Promise<SoraServer> {
  return SoraServer.start({
    port: 0,
    iceServers: [{ urls: [url], username: turnUser.username, credential }],
    iceTransportPolicy: "relay",
  });
}

/** Connects once through TURN; after that what was allocated is in use. */
async function connect(url: string, options: Options = {}): Promise<void> {
  await using sfu = await startServer(url);
  await using sora = new Sora();
  await using connection = sora.createConnection({
    signalingUrls: [sfu.url],
    channelId: "turn",
    role: "recvonly",
    ...options,
  });
  await connection.connect();
}

/** Tries to connect, and gives up as soon as `refused`. */
async function connectUntil(
  what: string,
  refused: () => boolean,
  url: string,
  options: Options = {},
  { credential, limitMs }: { credential?: string; limitMs?: number } = {},
): Promise<void> {
  await using sfu = await startServer(url, credential);
  await using sora = new Sora();
  await using connection = sora.createConnection({
    signalingUrls: [sfu.url],
    channelId: "turn",
    role: "recvonly",
    ...options,
  });
  const abort = new AbortController();
  const connecting = connection.connect({ signal: abort.signal });
  const ended = assert.rejects(connecting, { name: "AbortError" });
  await Promise.race([
    eventually(what, refused, limitMs),
    connecting.then(() => assert.fail("connected")),
  ]);
  abort.abort();
  await ended;
}

/** Sends pictures from one client to another, both through TURN. */
async function sendPictures(url: string, options: Options = {}): Promise<void> {
  await using sfu = await startServer(url);
  await using sora = new Sora();
  const room = { signalingUrls: [sfu.url], channelId: "turn", audio: false, ...options };
  const videoSource = sora.createVideoSource();
  await using sender = sora.createConnection({ ...room, role: "sendonly", videoSource });
  await using receiver = sora.createConnection({ ...room, role: "recvonly" });
  const first = Promise.withResolvers<[number, number]>();
  receiver.onTrack = (track) => {
    const sink = new SoraVideoSink(track);
    sink.onFrame = (frame) => {
      first.resolve([frame.width, frame.height]);
      frame.close();
    };
  };
  await Promise.all([sender.connect(), receiver.connect()]);
  const grey = new Uint8Array(320 * 240 * 3).fill(128);
  const camera = setInterval(() => videoSource.onCaptured(grey, { width: 320, height: 240 }), 33);
  try {
    assert.deepEqual(await first.promise, [320, 240]);
  } finally {
    clearInterval(camera);
  }
  for (const connection of [sender, receiver]) {
    const types = (await connection.getStats()).flatMap((stats) =>
      stats.type === "local-candidate" ? [stats.candidateType] : []
    );
    assert.deepEqual(new Set(types), new Set(["relay"]));
  }
}

test("TURN over TCP: pictures flow", async () => {
  await using turn = await startTurnServer();
  await sendPictures(turnUrl(turn, "turn"));
  assert.ok(turn.counters.sent > 10 && turn.counters.received > 10, JSON.stringify(turn.counters));
});

test("TURN over TLS: pictures flow when caCert vouches for the server", async () => {
  await using turn = await startTurnServer(plain);
  await sendPictures(turnUrl(turn, "turns"), { caCert: authority.cert });
  assert.ok(turn.counters.sent > 10 && turn.counters.received > 10, JSON.stringify(turn.counters));
  assert.equal(turn.counters.refusals, 0);
});

test("TURN over TLS: wrong TURN credentials are refused", async () => {
  await using turn = await startTurnServer(plain);
  await connectUntil(
    "a refused request",
    () => turn.counters.unauthorized > 0,
    turnUrl(turn, "turns"),
    { caCert: authority.cert },
    { credential: "wrong" },
  );
  assert.equal(turn.counters.allocations, 0);
});

const selfSigned = makeCertificate({ subject: "self", hosts: ["127.0.0.1"] });
const expired = makeCertificate({
  subject: "expired",
  hosts: ["127.0.0.1"],
  issuer: authority,
  validDays: [-30, -1],
});
const future = makeCertificate({
  subject: "future",
  hosts: ["127.0.0.1"],
  issuer: authority,
  validDays: [1, 30],
});
const refusedServers: readonly [string, { cert: string; key: string }, Options, string?][] = [
  ["a self-signed certificate", selfSigned, {}],
  ["a certificate of an authority that the system does not know", server, {}],
  ["a certificate of an authority that is not caCert", selfSigned, { caCert: authority.cert }],
  ["a certificate for another address", elsewhere, { caCert: authority.cert }],
  ["a certificate for another host name", elsewhere, { caCert: authority.cert }, "localhost"],
  ["a certificate that is expired", expired, { caCert: authority.cert }],
  ["a certificate that is not yet valid", future, { caCert: authority.cert }],
];
for (const [what, { cert, key }, options, host] of refusedServers) {
  test(`TURN over TLS: ${what} is refused`, async () => {
    await using turn = await startTurnServer({ cert, key });
    const { counters } = turn;
    const url = turnUrl(turn, "turns", host);
    await connectUntil("a refusal", () => counters.refusals > 0, url, options);
    assert.equal(counters.allocations, 0);
    assert.deepEqual(turn.greetings, []);
  });

  test(`TURN over TLS: insecure accepts ${what}`, async () => {
    await using turn = await startTurnServer({ cert, key });
    await connect(turnUrl(turn, "turns", host), { ...options, insecure: true });
    assert.ok(turn.counters.allocations > 0);
  });
}

test("TURN over TLS: a self-signed certificate is accepted when it is caCert", async () => {
  await using turn = await startTurnServer({ cert: selfSigned.cert, key: selfSigned.key });
  await connect(turnUrl(turn, "turns"), { caCert: selfSigned.cert });
});

test("TURN over TLS: the host name is verified", async () => {
  await using turn = await startTurnServer(plain);
  await connect(turnUrl(turn, "turns", "localhost"), { caCert: authority.cert });
});

for (const [host, told] of [["localhost", true], ["127.0.0.1", false]] as const) {
  test(`TURN over TLS: ${host} is ${told ? "" : "not "}told to the server`, async () => {
    let hello = "";
    await using raw = await startRawServer((socket) =>
      socket.on("data", (bytes) => hello += bytes.toString("latin1"))
    );
    const url = `turns:${host}:${raw.port}?transport=tcp`;
    await connectUntil("a ClientHello", () => hello.length > 100, url);
    assert.equal(hello[0], "\x16");
    assert.equal(hello.includes(host), told);
  });
}

test("TURN over TLS: TLS 1.2 is spoken", async () => {
  await using turn = await startTurnServer({ ...plain, maxVersion: "TLSv1.2" });
  await connect(turnUrl(turn, "turns"), { caCert: authority.cert });
});

test("TURN over TLS: the client certificate is presented", async () => {
  await using turn = await startTurnServer(mutual);
  await connect(turnUrl(turn, "turns"), {
    caCert: authority.cert,
    clientCert: client.cert,
    clientKey: client.key,
  });
  assert.ok(turn.subjects.length > 0);
  assert.deepEqual(new Set(turn.subjects), new Set(["the client"]));
});

const refusedClients: readonly [string, Options][] = [
  ["no client certificate", {}],
  ["a client certificate of another authority", {
    clientCert: stranger.cert,
    clientKey: stranger.key,
  }],
];
for (const [what, options] of refusedClients) {
  test(`TURN over TLS: ${what} is not accepted by the server`, async () => {
    await using turn = await startTurnServer(mutual);
    await connectUntil(
      "a refusal",
      () => turn.counters.refusals > 0,
      turnUrl(turn, "turns"),
      { caCert: authority.cert, ...options },
    );
    assert.equal(turn.counters.allocations, 0);
  });
}

for (const scheme of ["turn", "turns"] as const) {
  const proxied = { proxyUsername: "user", proxyPassword: "p@ss:w%rd", proxyAgent: "test/1.0" };

  test(`${scheme}: through a proxy that wants credentials, which the TURN server never sees`, async () => {
    await using turn = await startTurnServer(scheme === "turns" ? plain : undefined);
    await using proxy = await startProxy({ credentials: "user:p@ss:w%rd" });
    const proxyUrl = `http://127.0.0.1:${proxy.port}`;
    await sendPictures(turnUrl(turn, scheme), { caCert: authority.cert, proxyUrl, ...proxied });
    assert.ok(proxy.requests.length >= 2);
    for (const { target, headers } of proxy.requests) {
      assert.equal(target, `127.0.0.1:${turn.port}`);
      assert.equal(headers["user-agent"], "test/1.0");
    }
    assert.equal(turn.counters.connections, proxy.requests.length);
    for (const greeting of turn.greetings) {
      assert.ok(
        !/authorization|p@ss/i.test(greeting) && !greeting.includes(btoa("user:p@ss:w%rd")),
      );
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

test("TURN over TLS and through a proxy: who never answers is left after 10 s", async () => {
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
