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
import { dtlsCertificate, formatFingerprint } from "../../sfu/transport/certificate.ts";
import { DtlsEndpoint, type DtlsResult, isDtls } from "../../sfu/transport/dtls.ts";
import { finishedData } from "../../sfu/transport/dtls_verification.ts";
import { dtlsRecord, handshakeFragment } from "../support/hostile_peer.ts";
import { HandshakeReassembly } from "../../sfu/transport/handshake_reassembly.ts";
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

/** A client and an endpoint joined in memory; `deliver` says what becomes of the client's datagrams. */
async function pair(
  keys: { certPem: string; keyPem: string },
  srtpProfiles = [7, 1],
  deliver: (datagram: Buffer) => Buffer[] = (datagram) => [datagram],
) {
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
      queueMicrotask(() => deliver(data).forEach((datagram) => endpoint.receive(datagram)));
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

test("DtlsEndpoint: malformed records and endless fragments before the handshake are survived", async () => {
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
  fragment.write("01ffffff00000000000003e8", 13, "hex");
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < 100_000; i++) endpoint.receive(fragment);
  assert.ok(process.memoryUsage().heapUsed - before < 64 * 1024 * 1024);
  endpoint.receive(Buffer.from("16fefd"));
  assert.equal(seen.results, 0);
  endpoint.close();
});

const isEncrypted = (datagram: Buffer) => records(datagram).some((one) => one.readUInt16BE(3) > 0);
const isHello = (datagram: Buffer) =>
  datagram[0] === 22 && datagram[13] === 1 && !isEncrypted(datagram);

/** The handshake messages of a datagram in fragments of 50 bytes, a record each. */
function fragments(datagram: Buffer): Buffer[] {
  return records(datagram).flatMap((record) => {
    if (record[0] !== 22 || isEncrypted(record)) return [record];
    const [type, length] = [record[13]!, record.readUIntBE(14, 3)];
    const sequence = record.readUInt16BE(17);
    const message = record.subarray(25, 25 + length);
    return Array.from({ length: Math.ceil(length / 50) }, (_, i) => {
      const body = message.subarray(i * 50, i * 50 + 50);
      const fragment = { type, length, sequence, offset: i * 50, body };
      return dtlsRecord(22, handshakeFragment(fragment), record.readUIntBE(5, 6));
    });
  });
}

test("DtlsEndpoint: messages in fragments, out of order and each twice, are a handshake", async () => {
  const held: Buffer[] = [];
  const { endpoint, seen } = await pair(await makeCertificate(), undefined, (datagram) => {
    if (isHello(datagram)) return fragments(datagram).reverse();
    if (!isEncrypted(datagram)) {
      held.push(...fragments(datagram));
      return [];
    }
    const all = held.splice(0).reverse();
    return [...all, ...all, datagram];
  });
  await until("connected", () => seen.results.length === 1 && seen.connected);
  assert.deepEqual(seen.errors, []);
  endpoint.close();
});

test("DtlsEndpoint: a client whose Finished was lost sends its messages again", async () => {
  let lost = false;
  const { endpoint, seen } = await pair(await makeCertificate(), undefined, (datagram) => {
    if (lost || !isEncrypted(datagram)) return [datagram];
    lost = true;
    return [];
  });
  await until("connected", () => seen.results.length === 1 && seen.connected, 10_000);
  assert.ok(lost);
  endpoint.close();
});

test("DtlsEndpoint: of what is encrypted only Finished, alerts and data are looked at", async () => {
  const { client, endpoint, seen } = await pair(await makeCertificate());
  await until("connected", () => seen.results.length === 1 && seen.connected);
  const encrypted = (contentType: number, content: Buffer, number: number) => {
    const recordLayerHeader = {
      contentType,
      protocolVersion: { major: 0xfe, minor: 0xfd },
      epoch: 1,
      sequenceNumber: number,
      contentLen: content.length,
    };
    const packet = { recordLayerHeader, fragment: content };
    client.cipher.encryptPacket(packet as Parameters<typeof client.cipher.encryptPacket>[0]);
    const record = dtlsRecord(contentType, packet.fragment, number);
    record.writeUInt16BE(1, 3);
    return record;
  };
  const [length, body] = [0xff_ffff, Buffer.alloc(12)];
  const wrong = [
    encrypted(22, handshakeFragment({ type: 20, length, body }), 1000),
    encrypted(22, handshakeFragment({ type: 20, length, offset: length - 12, body }), 1001),
    encrypted(22, handshakeFragment({ type: 1, length: 12, body }), 1002),
    encrypted(25, body, 1003),
    encrypted(24, body, 1004),
    encrypted(22, body, 1005).subarray(0, 30),
  ];
  for (const record of wrong) endpoint.receive(record);
  assert.equal(endpoint.dropped, wrong.length);
  assert.equal(seen.closed, 0);
  await client.send(Buffer.from("still here"));
  await until("data", () => seen.data.includes("still here"));
  endpoint.receive(encrypted(21, Buffer.from([1, 0]), 1006));
  assert.equal(seen.closed, 1, "close_notify");
  endpoint.close();
});

test("HandshakeReassembly keeps to 16 KiB a message and to eight messages ahead", () => {
  const reassembly = new HandshakeReassembly();
  const certificate = (length: number, offset: number, body: Buffer, sequence = 0) =>
    reassembly.take(handshakeFragment({ type: 11, length, offset, body, sequence }));
  const half = Buffer.alloc(8192, 7);
  assert.deepEqual(certificate(16_385, 0, half), []);
  assert.deepEqual(certificate(16_384, 8193, half), [], "beyond its message");
  assert.deepEqual(certificate(16_384, 0, half, 8), [], "too far ahead");
  assert.equal(reassembly.dropped, 3);
  assert.deepEqual(certificate(16_384, 8192, half, 1), []);
  assert.deepEqual(certificate(16_384, 0, half, 1), [], "whole, but not its turn");
  const [first, second] = certificate(3, 0, Buffer.alloc(3));
  assert.deepEqual([first?.length, second?.length], [12 + 3, 12 + 16_384]);
  assert.ok(second!.subarray(12).every((byte) => byte === 7));
  assert.deepEqual(certificate(3, 0, Buffer.alloc(3)), [], "each once");
  assert.equal(reassembly.dropped, 4);
});

test("isDtls checks the first byte as in RFC 7983", () => {
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
