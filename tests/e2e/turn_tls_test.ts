import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import type { TlsOptions } from "node:tls";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { makeCertificate } from "../support/signaling_certificates.ts";
import { startRawServer } from "../support/signaling_servers.ts";
import { startTurnServer } from "../support/turn_server.ts";
import {
  connect,
  connectUntil,
  sendVideo,
  startServer,
  type TurnOptions,
  turnUrl,
} from "../support/turn_session.ts";

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

test("TURN over TLS: frames flow when caCert vouches for the server", async () => {
  await using turn = await startTurnServer(plain);
  await sendVideo(turnUrl(turn, "turns"), { caCert: authority.cert });
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
const refusedServers: readonly [string, { cert: string; key: string }, TurnOptions, string?][] = [
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

test("TURN over TLS: the system's roots are those of SSL_CERT_FILE, where it is set", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sora-turn-"));
  try {
    const roots = join(folder, "roots.pem");
    await writeFile(roots, authority.cert);
    await using turn = await startTurnServer(plain);
    await using sfu = await startServer(turnUrl(turn, "turns", "localhost"));
    const flags = "Deno" in globalThis ? ["run", "-A", "--no-check"] : [];
    const program = fileURLToPath(new URL("../support/turn_client_process.ts", import.meta.url));
    await promisify(execFile)(process.execPath, [...flags, program, sfu.url], {
      env: { ...process.env, SSL_CERT_FILE: roots },
      timeout: 20_000,
      killSignal: "SIGKILL",
    });
    assert.ok(turn.counters.allocations > 0);
    assert.equal(turn.counters.refusals, 0);
  } finally {
    await rm(folder, { recursive: true });
  }
});

for (const [host, isSent] of [["localhost", true], ["127.0.0.1", false]] as const) {
  test(`TURN over TLS: ${host} is ${isSent ? "" : "not "}sent to the server`, async () => {
    let hello = "";
    await using raw = await startRawServer((socket) =>
      socket.on("data", (bytes) => hello += bytes.toString("latin1"))
    );
    const url = `turns:${host}:${raw.port}?transport=tcp`;
    await connectUntil("a ClientHello", () => hello.length > 100, url);
    assert.equal(hello[0], "\x16");
    assert.equal(hello.includes(host), isSent);
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

const refusedClients: readonly [string, TurnOptions][] = [
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
