import { Buffer } from "node:buffer";
import { strict as assert } from "node:assert";
import { createHash, X509Certificate } from "node:crypto";
import process from "node:process";
import { test } from "node:test";
import {
  CipherContext,
  DtlsClient,
  HashAlgorithm,
  NamedCurveAlgorithm,
  SignatureAlgorithm,
} from "werift";
import { dtlsCertificate, formatFingerprint } from "../../sfu/certificate.ts";
import { DtlsEndpoint, type DtlsResult, isDtls } from "../../sfu/dtls.ts";
import { finishedData } from "../../sfu/dtls_verification.ts";
import { until } from "../support/sfu_client.ts";

const SIGNATURE_HASH = {
  hash: HashAlgorithm.sha256_4,
  signature: SignatureAlgorithm.ecdsa_3,
} as const;

function makeCertificate() {
  return CipherContext.createSelfSignedCertificateWithKey(
    SIGNATURE_HASH,
    NamedCurveAlgorithm.secp256r1_23,
  );
}

/** A client and an endpoint joined in memory. */
async function pair(keys: { certPem: string; keyPem: string }, srtpProfiles = [7, 1]) {
  const seen = {
    results: [] as DtlsResult[],
    errors: [] as Error[],
    closed: 0,
    data: [] as string[],
    received: [] as string[],
    records: [] as Buffer[],
    connected: false,
  };
  const transport = {
    type: "test",
    address: { address: "127.0.0.1", family: "IPv4", port: 1 },
    closed: false,
    onData: (_data: Buffer) => {},
    send: (data: Buffer) => {
      queueMicrotask(() => endpoint.receive(data));
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
  const client = new DtlsClient({
    transport,
    cert: keys.certPem,
    key: keys.keyPem,
    signatureHash: SIGNATURE_HASH,
    srtpProfiles: srtpProfiles as (1 | 7)[],
    extendedMasterSecret: true,
  });
  client.onConnect.subscribe(() => {
    seen.connected = true;
  });
  client.onData.subscribe((data) => seen.received.push(data.toString()));
  const endpoint = new DtlsEndpoint(await dtlsCertificate(), {
    send: (data) => {
      seen.records.push(Buffer.from(data));
      queueMicrotask(() => transport.onData(data));
    },
    onConnected: (result) => seen.results.push(result),
    onData: (data) => seen.data.push(data.toString()),
    onClosed: () => seen.closed++,
    onError: (error) => seen.errors.push(error),
  });
  client.connect().catch(() => {});
  return { client, endpoint, transport, seen };
}

for (
  const [profiles, name, salt] of [
    [[7, 1], "AEAD_AES_128_GCM", 12],
    [[1], "AES_CM_128_HMAC_SHA1_80", 14],
  ] as const
) {
  test(`DtlsEndpoint: ${name} is agreed on, both sides have the same keys`, async () => {
    const keys = await makeCertificate();
    const { client, endpoint, seen } = await pair(keys, [...profiles]);
    await until("connected", () => seen.results.length === 1 && seen.connected);
    const [result] = seen.results;
    assert.equal(result!.profile, name);
    const theirs = client.extractSessionKeys(16, salt);
    assert.deepEqual(result!.local, { key: theirs.remoteKey, salt: theirs.remoteSalt });
    assert.deepEqual(result!.remote, { key: theirs.localKey, salt: theirs.localSalt });
    const der = new X509Certificate(keys.certPem).raw;
    assert.equal(
      result!.remoteFingerprint,
      formatFingerprint(createHash("sha256").update(der).digest()),
    );
    endpoint.close();
  });
}

test("DtlsEndpoint: a certificate shown without its key is not believed", async () => {
  const victim = await makeCertificate();
  const attacker = await makeCertificate();
  const { endpoint, seen } = await pair({ certPem: victim.certPem, keyPem: attacker.keyPem });
  await until("refused", () => seen.errors.length > 0);
  assert.match(String(seen.errors[0]!.cause), /does not own its certificate's key/);
  assert.equal(seen.results.length, 0);
  endpoint.close();
});

test("DtlsEndpoint: data goes both ways and no record number is used twice", async () => {
  const { client, endpoint, seen } = await pair(await makeCertificate());
  await until("connected", () => seen.results.length === 1 && seen.connected);
  for (let i = 0; i < 20; i++) {
    endpoint.send(Buffer.from(`down ${i}`));
    await client.send(Buffer.from(`up ${i}`));
  }
  await until("data", () => seen.data.length === 20 && seen.received.length === 20);
  const numbers = seen.records.flatMap(records)
    .filter((record) => record.readUInt16BE(3) === 1)
    .map((record) => record.readUIntBE(5, 6));
  assert.equal(new Set(numbers).size, numbers.length);
  endpoint.close();
});

/** The records of one datagram. */
function records(datagram: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < datagram.length;) {
    const end = at + 13 + datagram.readUInt16BE(at + 11);
    found.push(datagram.subarray(at, end));
    at = end;
  }
  return found;
}

test("DtlsEndpoint: plain-text and forged records change nothing once connected", async () => {
  const { client, endpoint, seen } = await pair(await makeCertificate());
  await until("connected", () => seen.results.length === 1 && seen.connected);
  const hello = Buffer.from("16fefd0000000000000000002a010000", "hex");
  const alert = Buffer.from("15fefd000000000000000900020100", "hex");
  const forged = Buffer.from("15fefd000100000000000900020100", "hex");
  const cut = Buffer.from("17fefd0001000000000009ffff00", "hex");
  for (const record of [hello, alert, forged, cut, Buffer.concat([alert, hello])]) {
    endpoint.receive(record);
  }
  assert.equal(seen.closed, 0);
  await client.send(Buffer.from("still here"));
  await until("data", () => seen.data.includes("still here"));
  endpoint.close();
});

test("DtlsEndpoint: rubbish and endless fragments before the handshake are survived", async () => {
  const seen = { errors: 0, results: 0 };
  const endpoint = new DtlsEndpoint(await dtlsCertificate(), {
    send: () => {},
    onConnected: () => seen.results++,
    onData: () => {},
    onClosed: () => {},
    onError: () => seen.errors++,
  });
  const fragment = Buffer.alloc(13 + 12 + 1000);
  fragment.write("16fefd00000000000000000000", 0, "hex");
  fragment.writeUInt16BE(1012, 11);
  fragment.write("01ffffff0000000000000003e8", 13, "hex");
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < 100_000; i++) endpoint.receive(fragment);
  assert.ok(process.memoryUsage().heapUsed - before < 64 * 1024 * 1024);
  endpoint.receive(Buffer.from("16fefd"));
  assert.equal(seen.results, 0);
  endpoint.close();
});

test("isDtls looks at the first byte as RFC 7983 says", () => {
  assert.equal(isDtls(Buffer.alloc(13, 22)), true);
  assert.equal(isDtls(Buffer.alloc(12, 22)), false);
  assert.equal(isDtls(Buffer.alloc(13, 128)), false);
});

test("finishedData depends on secret, label and transcript", () => {
  const secret = Buffer.alloc(48, 1);
  const data = finishedData(secret, "client finished", Buffer.from("a"));
  assert.equal(data.length, 12);
  assert.notDeepEqual(finishedData(secret, "server finished", Buffer.from("a")), data);
  assert.notDeepEqual(finishedData(secret, "client finished", Buffer.from("b")), data);
  assert.notDeepEqual(finishedData(Buffer.alloc(48, 2), "client finished", Buffer.from("a")), data);
});
