import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openRealm } from "../../ffi/realm.ts";
import type { SoraConnectionOptions } from "../../mod.ts";
import { type ServerTls, SoraServer } from "../../sfu/mod.ts";
import { Child } from "../support/child.ts";
import { RecordingClient } from "../support/recording_client.ts";
import { type Certificate, makeCertificate } from "../support/signaling_certificates.ts";

const authority = makeCertificate({ subject: "Test CA", isAuthority: true });
const stranger = makeCertificate({ subject: "Other CA", isAuthority: true });
const hosts = ["127.0.0.1"];

const good = makeCertificate({ subject: "server", hosts, issuer: authority });
const bad: Readonly<Record<string, Certificate>> = {
  "self-signed": makeCertificate({ subject: "server", hosts }),
  "of an unknown authority": makeCertificate({ subject: "server", hosts, issuer: stranger }),
  "for another host": makeCertificate({
    subject: "server",
    hosts: ["192.0.2.1", "other.example"],
    issuer: authority,
  }),
  "expired": makeCertificate({
    subject: "server",
    hosts,
    issuer: authority,
    validDays: [-10, -1],
  }),
  "not yet valid": makeCertificate({
    subject: "server",
    hosts,
    issuer: authority,
    validDays: [1, 10],
  }),
};

/** Connects to a server with that certificate, or gives the error. */
async function connect(
  tls: ServerTls,
  options: Partial<SoraConnectionOptions>,
): Promise<Error | undefined> {
  await using server = await SoraServer.start({ port: 0, tls });
  assert.match(server.url, /^wss:/);
  await using client = new RecordingClient({ signalingUrls: [server.url], ...options });
  const error = await client.connect().then(() => undefined, (error: Error) => error);
  assert.equal(server.stats().connections, error === undefined ? 1 : 0);
  if (error !== undefined) {
    assert.equal((error as { code?: unknown }).code, "WEBSOCKET_HANDSHAKE_FAILED");
    assert.match(error.message, /^Failed Websocket handshake: last_ec=.+ last_url=wss:/);
    assert.deepEqual(client.of("onDisconnect"), [[
      "WEBSOCKET_HANDSHAKE_FAILED",
      error.message,
    ]]);
  }
  return error;
}

test("wss: a server whose authority is given as caCert, as a string or as bytes", async () => {
  for (const caCert of [authority.cert, new TextEncoder().encode(authority.cert)]) {
    assert.equal(await connect(good, { caCert }), undefined);
  }
});

test("wss: caCert may hold several authorities", async () => {
  const caCert = stranger.cert + authority.cert;
  assert.equal(await connect(good, { caCert }), undefined);
});

test("wss: the system's roots do not know a private authority", async () => {
  assert.ok(await connect(good, {}) instanceof Error);
});

test("wss: a self-signed certificate is taken when it is given as caCert", async () => {
  const certificate = bad["self-signed"]!;
  assert.equal(await connect(certificate, { caCert: certificate.cert }), undefined);
});

for (const [name, certificate] of Object.entries(bad)) {
  test(`wss: a certificate that is ${name} is refused, and taken with insecure`, async () => {
    assert.ok(await connect(certificate, { caCert: authority.cert }) instanceof Error);
    assert.equal(await connect(certificate, { insecure: true }), undefined);
  });
}

const clients: Readonly<Record<string, Certificate | undefined>> = {
  none: undefined,
  wrong: makeCertificate({ subject: "client", issuer: stranger }),
  right: makeCertificate({ subject: "client", issuer: authority }),
};

for (const [name, certificate] of Object.entries(clients)) {
  test(`wss: the server asks for a client certificate and gets ${name}`, async () => {
    const tls = { cert: good.cert, key: good.key, clientCa: authority.cert };
    await using server = await SoraServer.start({ port: 0, tls });
    await using client = new RecordingClient({
      signalingUrls: [server.url],
      caCert: authority.cert,
      ...(certificate && { clientCert: certificate.cert, clientKey: certificate.key }),
    });
    if (name === "right") {
      await client.connect();
      await client.connection.disconnect();
      assert.equal(client.of("onDisconnect")[0]![0], "CLOSE_SUCCEEDED");
      return;
    }
    const error = await client.connect().then(() => undefined, (error: Error) => error);
    // TLS 1.3 reports the refusal to a client after its own handshake is done, so that the text differs.
    assert.ok(error instanceof Error);
    assert.equal(server.stats().acceptedSockets, 0);
    assert.doesNotMatch(error.message, /PRIVATE KEY/);
  });
}

test("wss: a redirect to another server is verified with the same settings", async () => {
  const tls = { cert: good.cert, key: good.key };
  const unknown = bad["of an unknown authority"]!;
  await using right = await SoraServer.start({ port: 0, tls });
  await using wrong = await SoraServer.start({
    port: 0,
    tls: { cert: unknown.cert, key: unknown.key },
  });
  for (const [second, works] of [[right, true], [wrong, false]] as const) {
    await using first = await SoraServer.start({ port: 0, tls, redirect: second.url });
    await using client = new RecordingClient({
      signalingUrls: [first.url],
      caCert: authority.cert,
    });
    const outcome = await client.connect().then(() => "connected", (error: Error) => error.message);
    if (works) assert.equal(outcome, "connected");
    else assert.match(outcome, /^Failed Websocket handshake in redirecting: ec=/);
  }
});

/** Connects in a process whose system's root is `authority`: once for each of the options, one after the other. */
async function withSystemRoot(
  server: SoraServer,
  ...options: readonly Partial<SoraConnectionOptions>[]
): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), "sora-roots-"));
  try {
    const file = join(folder, "roots.pem");
    await writeFile(file, authority.cert);
    const program = new URL("../support/tls_program.ts", import.meta.url);
    const args = options.map((some) => JSON.stringify({ signalingUrls: [server.url], ...some }));
    await using child = new Child(program, args, [
      "--no-prompt",
      `--allow-net=127.0.0.1,localhost:${server.port}`,
      `--allow-ffi=${openRealm().path}`,
      "--allow-sys=ca",
    ], { SSL_CERT_FILE: file });
    const { code } = await child.ended();
    assert.equal(code, 0, child.errors);
    return child.lines;
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("wss: the system's roots are those of SSL_CERT_FILE; caCert replaces them; insecure is for one connection", async () => {
  await using server = await SoraServer.start({ port: 0, tls: good });
  const outcomes = await withSystemRoot(
    server,
    {},
    { caCert: stranger.cert },
    { caCert: authority.cert },
  );
  assert.deepEqual(outcomes, ["connected", "WEBSOCKET_HANDSHAKE_FAILED", "connected"]);
  const unknown = bad["of an unknown authority"]!;
  await using other = await SoraServer.start({ port: 0, tls: unknown });
  assert.deepEqual(await withSystemRoot(other, {}, { insecure: true }, {}), [
    "WEBSOCKET_HANDSHAKE_FAILED",
    "connected",
    "WEBSOCKET_HANDSHAKE_FAILED",
  ]);
});

test("wss: a server with a name is verified by its name", async () => {
  const named = makeCertificate({ subject: "server", hosts: ["localhost"], issuer: authority });
  for (const [tls, works] of [[named, true], [good, false]] as const) {
    await using server = await SoraServer.start({ port: 0, tls });
    const url = new URL(server.url);
    url.hostname = "localhost";
    await using client = new RecordingClient({
      signalingUrls: [url.href],
      caCert: authority.cert,
    });
    const outcome = client.connect().then(() => true, ({ code }: { code: string }) => code);
    assert.equal(await outcome, works || "WEBSOCKET_HANDSHAKE_FAILED");
  }
});

test("wss: certificates that are none are refused before anything is sent", async () => {
  await using server = await SoraServer.start({ port: 0, tls: good });
  for (const caCert of ["nonsense", new Uint8Array(10)]) {
    assert.throws(
      () => new RecordingClient({ signalingUrls: [server.url], caCert }),
      { name: "TypeError", message: /^options\.caCert must contain a PEM certificate/ },
    );
  }
});
