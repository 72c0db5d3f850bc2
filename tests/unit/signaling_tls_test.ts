import assert from "node:assert/strict";
import { test } from "node:test";
import type { SocketTls } from "../../signaling/socket/socket.ts";
import { type Certificate, makeCertificate } from "../support/signaling_certificates.ts";
import { startEchoServer } from "../support/signaling_servers.ts";
import { Client } from "../support/signaling_websocket_client.ts";

const authority = makeCertificate({ subject: "Test CA", isAuthority: true });
const stranger = makeCertificate({ subject: "Other CA", isAuthority: true });
const host = "127.0.0.1";

const certificates = {
  good: makeCertificate({ subject: "server", hosts: [host], issuer: authority }),
  "self-signed": makeCertificate({ subject: "server", hosts: [host] }),
  "unknown CA": makeCertificate({ subject: "server", hosts: [host], issuer: stranger }),
  "wrong host": makeCertificate({
    subject: "server",
    hosts: ["192.0.2.1", "other.example"],
    issuer: authority,
  }),
  expired: makeCertificate({
    subject: "server",
    hosts: [host],
    issuer: authority,
    validDays: [-10, -1],
  }),
  "not yet valid": makeCertificate({
    subject: "server",
    hosts: [host],
    issuer: authority,
    validDays: [1, 10],
  }),
};

/** Connects, sends "hello" and gives what came back, or the error. */
async function talk(server: Certificate, tls: SocketTls): Promise<string> {
  await using running = await startEchoServer({ cert: server.cert, key: server.key });
  const client = new Client(`wss://${host}:${running.port}/`, { tls });
  const outcome = await client.settled();
  if (outcome !== "open") return `error: ${outcome.error!.message}`;
  client.socket.send("hello");
  await client.until(() => client.texts.length > 0 || client.ends.length > 0);
  client.socket.terminate();
  return client.texts[0] ?? "nothing";
}

test("createWebSocket trusts a server whose authority is given as caCert, as a string or as bytes", async () => {
  assert.equal(await talk(certificates.good, { caCert: authority.cert }), "hello");
  const caCert = new TextEncoder().encode(authority.cert);
  assert.equal(await talk(certificates.good, { caCert }), "hello");
});

test("createWebSocket refuses a private authority unless it is given", async () => {
  assert.match(await talk(certificates.good, {}), /^error: /);
});

test("createWebSocket takes a self-signed certificate that is given as caCert", async () => {
  const certificate = certificates["self-signed"];
  assert.equal(await talk(certificate, { caCert: certificate.cert }), "hello");
});

for (
  const name of ["self-signed", "unknown CA", "wrong host", "expired", "not yet valid"] as const
) {
  test(`createWebSocket refuses a certificate that is ${name}`, async () => {
    assert.match(await talk(certificates[name], { caCert: authority.cert }), /^error: /);
  });

  test(`createWebSocket takes a certificate that is ${name} with insecure`, async () => {
    assert.equal(await talk(certificates[name], { insecure: true }), "hello");
  });
}

test("createWebSocket keeps insecure to its own connection", async () => {
  assert.equal(await talk(certificates["unknown CA"], { insecure: true }), "hello");
  assert.match(await talk(certificates["unknown CA"], {}), /^error: /);
});

const clients = {
  none: undefined,
  wrong: makeCertificate({ subject: "client", issuer: stranger }),
  right: makeCertificate({ subject: "client", issuer: authority }),
};
for (const [name, certificate] of Object.entries(clients)) {
  test(`createWebSocket with ${name} client certificate, where one is asked for`, async () => {
    const { cert, key } = certificates.good;
    await using server = await startEchoServer({
      cert,
      key,
      ca: authority.cert,
      requestCert: true,
      rejectUnauthorized: true,
    });
    const client = new Client(`wss://${host}:${server.port}/`, {
      tls: {
        caCert: authority.cert,
        ...(certificate && {
          clientCert: certificate.cert,
          clientKey: new TextEncoder().encode(certificate.key),
        }),
      },
    });
    const outcome = await client.settled();
    client.socket.terminate();
    if (name === "right") assert.equal(outcome, "open");
    else assert.ok(outcome !== "open" && outcome.code === 0 && outcome.error instanceof Error);
  });
}
