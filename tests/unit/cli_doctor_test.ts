/** What `sora-ffi doctor` makes of targets and statistics, and its checks of the way to a server, against servers on loopback. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash, createHmac } from "node:crypto";
import { createSocket } from "node:dgram";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { UsageError } from "../../cli/command.ts";
import type { ConnectionFlags } from "../../cli/connection/flags.ts";
import type { Check, CheckName, Finding } from "../../cli/doctor/finding.ts";
import { isSettled, pathsFinding, pathsOf } from "../../cli/doctor/paths.ts";
import { endpointText, targetOf } from "../../cli/doctor/target.ts";
import {
  Attribute,
  HEADER_BYTES,
  makeRequest,
  Method,
  readResponse,
} from "../../cli/doctor/stun.ts";
import { iceServerOf, turnFinding } from "../../cli/doctor/turn.ts";
import { checkClock, checkDns, checkProxy, checkTcp, checkTls } from "../../cli/doctor/way.ts";
import type { SoraStats } from "../../mod.ts";
import { makeCertificate } from "../support/signaling_certificates.ts";
import { startProxy, startRawServer } from "../support/signaling_servers.ts";
import { startTurnServer, turnUser } from "../support/turn_server.ts";

const { signal } = new AbortController();
const flags = (more: Partial<ConnectionFlags> = {}): ConnectionFlags => ({
  signalingUrls: [],
  channelId: "sora",
  ...more,
});

/** What a check finds about one URL. */
async function find(
  check: (targets: ReturnType<typeof targetOf>[]) => Check,
  url: string,
  more: Partial<ConnectionFlags> = {},
  before: ReadonlyMap<CheckName, Finding> = new Map(),
): Promise<Finding> {
  return await check([targetOf(url, flags(more))])(before, signal);
}

test("targetOf takes a URL apart and shows none of its secrets", () => {
  const { host, port, secure, text, proxy } = targetOf(
    "wss://user:secret@[2001:db8::1]/signaling?token=secret",
    flags({ proxyUrl: "http://who:pass%20word@relay.example:3128" }),
  );
  assert.deepEqual([host, port, secure], ["2001:db8::1", 443, true]);
  assert.equal(text, "wss://[2001:db8::1]/signaling");
  assert.deepEqual(proxy, { host: "relay.example", port: 3128, credentials: "who:pass word" });
  assert.equal(endpointText({ host, port }), "[2001:db8::1]:443");
  const plain = targetOf("ws://a:8080/x", flags({ proxyUrl: "http://relay.example" }));
  assert.deepEqual([plain.port, plain.proxy], [8080, undefined]);
});

test("targetOf refuses what is no URL, and does not show it", () => {
  for (const url of ["secret", "http://a/secret", "ws://"]) {
    assert.throws(
      () => targetOf(url, flags()),
      (error) =>
        error instanceof UsageError &&
        error.message === "--signaling-url must be a URL that begins with ws: or wss:",
    );
  }
  assert.throws(
    () => targetOf("wss://a/", flags({ proxyUrl: "https://user:secret@proxy" })),
    /^UsageError: --proxy-url must be a URL that begins with http:$/,
  );
});

test("checkDns names what is not found, and needs no DNS for an address", async () => {
  assert.match((await find(checkDns, "ws://127.0.0.1/")).text, /^127\.0\.0\.1 is an address/);
  const local = await find(checkDns, "ws://localhost/");
  assert.deepEqual(local.verdict, "ok", local.text);
  const { verdict, text } = await find(checkDns, "ws://nowhere.invalid/");
  assert.equal(verdict, "failed");
  assert.match(text, /^the name nowhere\.invalid is not found \(\w+\): look for a typing error/);
});

test("checkTcp says that nothing listens, and is skipped without an address", async () => {
  const server = await startRawServer(() => {});
  const url = `ws://127.0.0.1:${server.port}/`;
  const found = await find(checkTcp, url);
  assert.match(found.text, new RegExp(`^127\\.0\\.0\\.1:${server.port} answers in [\\d.]+ ms$`));
  await server[Symbol.asyncDispose]();
  const { verdict, text } = await find(checkTcp, url);
  assert.equal(verdict, "failed");
  assert.match(text, /^nothing listens on 127\.0\.0\.1:\d+: look whether Sora runs and the port/);
  const unknown = new Map([["dns", { verdict: "failed", text: "" }] as const]);
  assert.equal((await find(checkTcp, url, {}, unknown)).verdict, "skipped");
});

test("checkProxy opens a tunnel with credentials, and says that others are wanted", async () => {
  await using server = await startRawServer(() => {});
  await using proxy = await startProxy({ credentials: "user:secret" });
  const url = `wss://127.0.0.1:${server.port}/`;
  const proxyUrl = `http://127.0.0.1:${proxy.port}`;
  const good = await find(checkProxy, url, {
    proxyUrl,
    proxyUsername: "user",
    proxyPassword: "secret",
  });
  assert.match(good.text, /^127\.0\.0\.1:\d+ opens a tunnel to 127\.0\.0\.1:\d+$/);
  const { verdict, text } = await find(checkProxy, url, {
    proxyUrl: `http://user:wrong@127.0.0.1:${proxy.port}`,
  });
  assert.equal(verdict, "failed");
  assert.match(text, /opens no tunnel to .*: it wants other credentials: give --proxy-username/);
  assert.doesNotMatch(text, /wrong|user:/);
});

const authority = makeCertificate({ subject: "Test CA", isAuthority: true });
const make = (hosts: readonly string[], validDays: readonly [number, number] = [-1, 300]) =>
  makeCertificate({ subject: "server", hosts, issuer: authority, validDays });

/** What `checkTls` finds about a server with a certificate. */
async function findTls(options: TlsOptions, more: Partial<ConnectionFlags> = {}): Promise<Finding> {
  const server = createTlsServer(options, (socket) => socket.on("error", () => {}));
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as AddressInfo;
    return await find(checkTls, `wss://127.0.0.1:${port}/`, more);
  } finally {
    server.close();
  }
}

const trusting = { caCert: authority.cert };
const certificates: readonly (readonly [
  what: string,
  hosts: readonly string[],
  validDays: readonly [number, number],
  flags: Partial<ConnectionFlags>,
  verdict: Finding["verdict"],
  text: RegExp,
])[] = [
  [
    "that is right",
    ["127.0.0.1"],
    [-1, 300],
    trusting,
    "ok",
    /: TLSv1\.\d, certificate of Test CA until \d{4}-\d\d-\d\d$/,
  ],
  [
    "that expires soon",
    ["127.0.0.1"],
    [-1, 3],
    trusting,
    "ok",
    /; renew it, it has [23] days left$/,
  ],
  ["of an unknown authority", ["127.0.0.1"], [-1, 300], {}, "failed", /give .*--ca-cert$/],
  [
    "for another name",
    ["other.test"],
    [-1, 300],
    trusting,
    "failed",
    /it is for DNS:other\.test, not for 127\.0\.0\.1/,
  ],
  [
    "that has expired",
    ["127.0.0.1"],
    [-30, -2],
    trusting,
    "failed",
    /it has expired: renew it, or look at this machine's clock$/,
  ],
  [
    "that is not verified",
    ["other.test"],
    [-1, 300],
    { insecure: true },
    "ok",
    /--insecure ignores that it is for DNS:other\.test/,
  ],
];
for (const [what, hosts, validDays, more, verdict, text] of certificates) {
  test(`checkTls finds a certificate ${what}`, async () => {
    const { cert, key } = make(hosts, validDays);
    const found = await findTls({ cert, key }, more);
    assert.equal(found.verdict, verdict, found.text);
    assert.match(found.text, text);
  });
}

test("checkTls says that a server speaks no TLS, and that ws: is not encrypted", async () => {
  await using server = await startRawServer((socket) => socket.end("SSH-2.0-OpenSSH\r\n"));
  const { verdict, text } = await find(checkTls, `wss://127.0.0.1:${server.port}/`);
  assert.equal(verdict, "failed");
  assert.match(text, /: no TLS: look whether the server speaks wss: on this port/);
  assert.match((await find(checkTls, "ws://sora.test/")).text, /: beyond this machine, use wss:$/);
});

/** What `checkClock` finds about a server whose clock is off by some seconds. */
async function findClock(offsetS: number | undefined): Promise<Finding> {
  await using server = await startRawServer((socket) => {
    socket.once("data", () => {
      const date = offsetS === undefined
        ? ""
        : `Date: ${new Date(Date.now() + offsetS * 1_000).toUTCString()}\r\n`;
      socket.end(`HTTP/1.1 404 Not Found\r\n${date}Content-Length: 0\r\n\r\n`);
    });
  });
  return await find(checkClock, `ws://127.0.0.1:${server.port}/`);
}

test("checkClock compares this machine's clock with the server's", async () => {
  assert.match((await findClock(0)).text, /^this machine's clock is within \d+ s of the server's$/);
  const behind = await findClock(300);
  assert.equal(behind.verdict, "failed");
  assert.match(
    behind.text,
    /^this machine's clock is (299|300|301) s behind that of ws:.*timedatectl/,
  );
  assert.match((await findClock(-300)).text, /^this machine's clock is \d+ s ahead of that of ws:/);
  const silent = await findClock(undefined);
  assert.deepEqual([silent.verdict, /does not say its time$/.test(silent.text)], ["ok", true]);
});

/** A report with a pair of each state, the first of which is selected. */
function report(
  locals: readonly (readonly [type: string, state: string])[],
  selected = true,
): SoraStats[] {
  const remote = { type: "remote-candidate", id: "r", candidateType: "host", protocol: "udp" };
  const all: Record<string, unknown>[] = [
    { type: "transport", id: "t", ...(selected ? { selectedCandidatePairId: "p0" } : {}) },
    { ...remote, address: "192.0.2.9", port: 9 },
  ];
  for (const [i, [candidateType, state]] of locals.entries()) {
    const own = { address: "192.0.2.1", port: i, protocol: "udp" };
    all.push({ type: "local-candidate", id: `l${i}`, candidateType, ...own });
    all.push({
      type: "candidate-pair",
      id: `p${i}`,
      localCandidateId: `l${i}`,
      remoteCandidateId: "r",
      state,
      currentRoundTripTime: 0.01,
    });
  }
  return all as unknown as SoraStats[];
}

test("pathsFinding lists what works and what does not", () => {
  const paths = pathsOf(report([["relay", "succeeded"], ["host", "failed"], [
    "srflx",
    "in-progress",
  ]]));
  assert.equal(isSettled(paths), false);
  const { verdict, text, data } = pathsFinding(paths);
  assert.equal(verdict, "ok");
  assert.deepEqual(text.split("\n"), [
    "media takes relay udp 192.0.2.1:0 to host udp 192.0.2.9:9, round trip 10 ms",
    "nothing works without TURN, which costs time: allow outgoing UDP to the server",
    "does not work: host udp 192.0.2.1:1 to host udp 192.0.2.9:9, round trip 10 ms",
    "not tried to the end: 1 more pairs",
  ]);
  assert.equal((data!["pairs"] as unknown[]).length, 3);
});

test("pathsFinding has failed without a path, and says what to allow", () => {
  const { verdict, text } = pathsFinding(pathsOf(report([["host", "failed"]], false)));
  assert.equal(verdict, "failed");
  assert.match(text, /^no path for media: none of 1 pairs of addresses works; allow outgoing UDP/);
  assert.match(pathsFinding(pathsOf([])).text, /^no path for media: .* were not tried; allow/);
});

test("isSettled when every pair has worked or failed", () => {
  assert.equal(isSettled(pathsOf(report([["host", "succeeded"], ["host", "failed"]]))), true);
  assert.equal(isSettled(pathsOf(report([["host", "succeeded"]], false))), false);
});

test("iceServerOf takes a URL apart, with the defaults of RFC 7065", () => {
  const parts = (url: string) => {
    const { text, host, port, transport } = iceServerOf(url)!;
    return [text, host, port, transport];
  };
  assert.deepEqual(parts("turn:turn.test"), ["turn:turn.test", "turn.test", 3478, "udp"]);
  assert.deepEqual(parts("turns:[2001:db8::1]?transport=tcp"), [
    "turns:[2001:db8::1]?transport=tcp",
    "2001:db8::1",
    5349,
    "tls",
  ]);
  assert.deepEqual(parts("turn:user:secret@a:80?transport=tcp"), [
    "turn:a:80?transport=tcp",
    "a",
    80,
    "tcp",
  ]);
  assert.equal(iceServerOf("http://a"), undefined);
});

/** A UDP socket that answers a request with an error (RFC 8489, section 5) of a number. */
async function startUdpServer(errorCode: number) {
  const socket = createSocket("udp4");
  socket.on("message", (request, { port, address }) => {
    const answer = Buffer.concat([
      request.subarray(0, HEADER_BYTES),
      Buffer.of(0, Attribute.ERROR_CODE, 0, 4, 0, 0, Math.floor(errorCode / 100), errorCode % 100),
    ]);
    answer.writeUInt16BE(0x0113, 0);
    answer.writeUInt16BE(8, 2);
    socket.send(answer, port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return { url: `turn:127.0.0.1:${socket.address().port}`, [Symbol.dispose]: () => socket.close() };
}

test("turnFinding allocates an address, and says which servers refuse or do not answer", async () => {
  await using turn = await startTurnServer();
  const url = `turn:127.0.0.1:${turn.port}?transport=tcp`;
  using full = await startUdpServer(486);
  await using none = await startRawServer((socket) => socket.end("HTTP/1.1 400 no\r\n\r\n"));
  const other = `turn:127.0.0.1:${none.port}?transport=tcp`;
  const offered = [{ ...turnUser, urls: [url, full.url, other] }];
  const { verdict, text } = await turnFinding(offered, flags(), signal);
  assert.equal(verdict, "ok", text);
  const [first, second, third] = text.split("\n");
  assert.match(first!, /^turn:.*transport=tcp allocates an address over TCP in [\d.]+ ms$/);
  assert.match(second!, /^turn:.* answers over UDP, but it has no more addresses .* \(486\): look/);
  assert.match(third!, /^turn:.* does not answer over TCP \(.*\): allow outgoing TCP to /);
  assert.ok(turn.counters.allocations >= 1);
  const wrong = [{ urls: [url], username: turnUser.username, credential: "wrong" }];
  const refused = await turnFinding(wrong, flags(), signal);
  assert.equal(refused.verdict, "failed");
  assert.match(refused.text, /but the credentials that the Sora gives are wrong \(401\)/);
  assert.doesNotMatch(refused.text, /"wrong"|turn user/);
});

test("a request is signed over all that stands before the signature", () => {
  const credential = {
    username: "user",
    password: "secret",
    realm: Buffer.from("realm"),
    nonce: Buffer.from("nonce"),
  };
  const request = makeRequest(Method.ALLOCATE, [], credential);
  const at = request.byteLength - 24;
  assert.deepEqual([...request.subarray(at, at + 4)], [0, Attribute.MESSAGE_INTEGRITY, 0, 20]);
  const key = createHash("md5").update("user:realm:secret").digest();
  const expected = createHmac("sha1", key).update(request.subarray(0, at)).digest();
  assert.deepEqual(request.subarray(at + 4), expected);
  assert.equal(request.readUInt16BE(2), request.byteLength - HEADER_BYTES);
});

test("readResponse takes nothing that is not the response to the request, or is cut off", () => {
  const request = makeRequest(Method.BINDING, []);
  const answer = Buffer.from(request);
  answer.writeUInt16BE(0x0101, 0);
  assert.equal(readResponse(answer, request)?.isSuccess, true);
  assert.equal(readResponse(request, request), undefined);
  assert.equal(readResponse(answer, makeRequest(Method.BINDING, [])), undefined);
  assert.equal(readResponse(answer.subarray(0, 19), request), undefined);
  answer.writeUInt16BE(4, 2);
  assert.equal(readResponse(answer, request), undefined);
  // An attribute that is longer than the message.
  const long = Buffer.concat([answer, Buffer.of(0, 9, 255, 255)]);
  assert.deepEqual(readResponse(long, request)?.attributes.size, 0);
});
