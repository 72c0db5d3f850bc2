import { strict as assert } from "node:assert";
import type { Socket } from "node:net";
import { test } from "node:test";
import { WebSocket } from "ws";
import { SoraServer } from "../../sfu/mod.ts";
import { authorize } from "../../sfu/signaling/access_token.ts";
import { decide, parseForwardingFilters } from "../../sfu/signaling/forwarding_filter.ts";
import type { JsonObject } from "../../base/json.ts";
import { Refusal } from "../../sfu/signaling/refusal.ts";
import { accessToken } from "../support/access_token.ts";
import { TestClient, until } from "../support/sfu_client.ts";

const SECRET = "secret of a test";

const token = (claims: unknown, secret = SECRET, header?: unknown) =>
  accessToken(claims, secret, header);

const connect = { role: "sendrecv", channel_id: "c" };

const withToken = (access_token: unknown): JsonObject => ({
  ...connect,
  metadata: { access_token } as JsonObject,
});

/** Lists in each other. */
const nested = (depth: number): unknown => JSON.parse("[".repeat(depth) + "]".repeat(depth));

const wrongTokens: [name: string, message: JsonObject][] = [
  ["no metadata", connect],
  ["a number", withToken(1)],
  ["two parts", withToken("a.b")],
  ["four parts", withToken(`${token({})}.x`)],
  ["another secret", withToken(token({}, "other"))],
  ["no signature", withToken(token({}).replace(/\.[^.]*$/, "."))],
  ["the algorithm none", withToken(token({}, SECRET, { alg: "none" }))],
  ["claims that are a list", withToken(token([]))],
  ["another channel", withToken(token({ channel_id: "other" }))],
  ["an expired token", withToken(token({ exp: 999 }))],
  ["a token of tomorrow", withToken(token({ nbf: 2000 }))],
  ["an expiry that is a text", withToken(token({ exp: "2000" }))],
  ["an issue time that is a text", withToken(token({ iat: "900" }))],
  ["a lifetime of zero", withToken(token({ connection_lifetime: 0 }))],
  ["a header that is no JSON", withToken(token({}).replace(/^[^.]*/, "e30x"))],
  ["an extension that is unknown", withToken(token({}, SECRET, { alg: "HS256", crit: ["x"] }))],
  [
    "claims that are not encoded",
    withToken(token({}, SECRET, { alg: "HS256", crit: ["b64"], b64: false })),
  ],
  ["claims that nest 33 deep", withToken(token({ metadata: nested(32) }))],
  ["16 KiB and a bit", withToken(token({ metadata: "x".repeat(13_000) }))],
  ["characters that no token has", withToken(token({}).replace(".", ".\u{1f511}"))],
];
for (const [name, message] of wrongTokens) {
  test(`authorize refuses ${name}`, async () => {
    await assert.rejects(
      () => authorize(message, SECRET, 1000),
      (error) => error instanceof Refusal && error.reason === "AUTHENTICATION-FAILURE",
    );
  });
}

test("authorize takes the secret itself for a token where that is allowed, and nothing like it", async () => {
  const grant = await authorize(withToken(SECRET), SECRET, 1000, true);
  const { metadata: _, ...others } = grant.message;
  assert.deepEqual(others, connect);
  assert.equal(grant.notifies, true);
  for (const [given, allowed] of [[SECRET, false], [`${SECRET} `, true], ["", true]] as const) {
    await assert.rejects(
      () => authorize(withToken(given), SECRET, 1000, allowed),
      (error) =>
        error instanceof Refusal && error.reason === "AUTHENTICATION-FAILURE" &&
        !error.message.includes(SECRET),
    );
  }
  await assert.rejects(SoraServer.start({ secretAsToken: true }), {
    name: "TypeError",
    message: "options.secret must be given with options.secretAsToken",
  });
});

test("authorize applies private claims over what connect asks for", async () => {
  const claims = {
    channel_id: "c",
    exp: 1001,
    video_codec_type: "AV1",
    video_bit_rate: 700,
    audio: false,
    client_id: "from-token",
    metadata: { role: "host" },
    signaling_notify_metadata: "authz",
    connection_lifetime: 3,
  };
  const message = { ...withToken(token(claims)), video: { codec_type: "VP8" }, client_id: "own" };
  const grant = await authorize(message, SECRET, 1000);
  assert.deepEqual(grant.message.video, { codec_type: "AV1", bit_rate: 700 });
  assert.equal(grant.message.audio, false);
  assert.equal(grant.message.client_id, "from-token");
  assert.deepEqual(grant.metadata, { role: "host" });
  assert.equal(grant.authzMetadata, "authz");
  assert.equal(grant.lifetimeSeconds, 3);
});

test("authorize: the token's forwarding filters replace the client's, whichever form they have", async () => {
  const blocking = { rules: [[{ field: "kind", operator: "is_in", values: ["audio"] }]] };
  const own = { rules: [] };
  for (const name of ["forwarding_filter", "forwarding_filters"] as const) {
    const value = name === "forwarding_filter" ? blocking : [blocking];
    for (const given of [{ forwarding_filter: own }, { forwarding_filters: [own] }]) {
      const message = { ...withToken(token({ [name]: value })), ...given } as JsonObject;
      const { message: result } = await authorize(message, SECRET, 1000);
      const filters = parseForwardingFilters(result);
      assert.equal(filters.length, 1);
      const subject = { kind: "audio", client_id: "", connection_id: "" } as const;
      assert.equal(decide(filters, subject), false);
    }
  }
});

test("authorize: the token's codec does not get the parameters of the client's", async () => {
  const message = {
    ...withToken(token({ video_codec_type: "VP8", video_bit_rate: 9 })),
    video: { codec_type: "VP9", vp9_params: { profile_id: 1 } },
  };
  const grant = await authorize(message, SECRET, 1000);
  assert.deepEqual(grant.message.video, { codec_type: "VP8", bit_rate: 9 });
});

const refusedClaims: [claims: Record<string, unknown>, reason: string][] = [
  [{ rpc_methods: ["2025.2.0/RequestNothing"] }, "UNSUPPORTED-RPC-METHODS"],
  [{ rpc_methods: "all" }, "AUTHENTICATION-FAILURE"],
  [{ signaling_notify: "no" }, "AUTHENTICATION-FAILURE"],
];
for (const [claims, reason] of refusedClaims) {
  test(`authorize refuses a token that grants ${JSON.stringify(claims)}`, async () => {
    await assert.rejects(
      () => authorize(withToken(token(claims)), SECRET, 1000),
      (error) => error instanceof Refusal && error.reason === reason,
    );
  });
}

test("authorize takes claims that nest 32 deep, and a token that is valid from now", async () => {
  const message = withToken(token({ metadata: nested(31), nbf: 1000, exp: 1001, iat: 2000 }));
  const grant = await authorize(message, SECRET, 1000.9);
  assert.deepEqual(grant.metadata, nested(31));
});

test("authorize refuses a token of which any character is another, and does nothing else", async () => {
  const good = token({ channel_id: "c" });
  for (let i = 0; i < good.length; i++) {
    // The last character of a signature has two bits that are of no account (RFC 4648, 3.5).
    if (i === good.length - 1) continue;
    for (const other of ["A", "B", "=", ".", "\0", "é"]) {
      if (good[i] === other) continue;
      const message = withToken(good.slice(0, i) + other + good.slice(i + 1));
      await assert.rejects(
        authorize(message, SECRET, 1000),
        (error) => error instanceof Refusal && error.reason === "AUTHENTICATION-FAILURE",
        `${i} ${other}`,
      );
    }
  }
});

const early: [name: string, send: (socket: WebSocket) => void, reason: string | undefined][] = [
  ["leaves", (socket) => socket.send('{"type":"disconnect"}'), undefined],
  ["closes its socket", (socket) => socket.close(), undefined],
  ["cuts its socket", (socket) => socket.terminate(), undefined],
  ["answers", (socket) => socket.send('{"type":"answer"}'), "INVALID-MESSAGE"],
  ["connects again", (socket) => socket.send('{"type":"connect"}'), "INVALID-MESSAGE"],
];
for (const [name, send, reason] of early) {
  test(`SoraServer: a client that ${name} while its token is verified joins no channel`, async () => {
    await using server = await SoraServer.start({ secret: SECRET });
    const socket = new WebSocket(server.url);
    const closed = new Promise<number>((resolve) => socket.on("close", resolve));
    const received: string[] = [];
    socket.on("message", (data) => received.push(String(JSON.parse(data.toString()).type)));
    await new Promise((resolve) => socket.on("open", resolve));
    const message = withToken(token({}));
    // In one packet, so that the second is there while the token of the first is verified.
    const { _socket: tcp } = socket as unknown as { _socket?: Socket };
    tcp?.cork?.();
    socket.send(JSON.stringify({ type: "connect", ...message }));
    send(socket);
    tcp?.uncork?.();
    const code = await closed;
    if (reason !== undefined) assert.equal(code, 4490);
    await until("it is gone", () => {
      const { channels, connections, pendingConnections } = server.stats();
      return channels === 0 && connections === 0 && pendingConnections === 0;
    });
    assert.deepEqual(server.stats().refusals, reason === undefined ? {} : { [reason]: 1 });
    assert.deepEqual(received.filter((type) => type !== "offer"), []);
    const next = await TestClient.join(server.url, message);
    await next.disconnect();
  });
}

test("SoraServer: rpc_methods of the token, else of the server, are offered and may be called", async () => {
  const all = ["2025.2.0/PutSignalingNotifyMetadata", "2025.2.0/PutSignalingNotifyMetadataItem"];
  await using server = await SoraServer.start({ secret: SECRET, rpcMethods: [all[1]!] });
  const join = async (claims: object) => {
    const message = withToken(token({ ...claims, data_channel_signaling: true }));
    const client = await TestClient.join(server.url, message);
    await until("switched", () => client.messages.some(({ type }) => type === "switched"));
    return client;
  };
  const call = async (client: TestClient, method: string, params: unknown) => {
    client.sendOn("rpc", { jsonrpc: "2.0", id: 1, method, params });
    const answer = () => client.channelMessages.find(({ label }) => label === "rpc")?.message;
    await until("an answer", () => answer() !== undefined);
    return answer() as { result?: unknown; error?: { code: number } };
  };
  const granted = await join({ rpc_methods: [all[0]] });
  assert.deepEqual(granted.offer!.rpc_methods, [all[0]]);
  const refused = await call(granted, all[1]!, { key: "a", value: 1 });
  assert.equal(refused.error?.code, -32_601);
  const plain = await join({ signaling_notify_metadata_ext: { from: "token" } });
  assert.deepEqual(plain.offer!.rpc_methods, [all[1]]);
  const known = plain.created!.data as { connection_id: string; metadata?: unknown }[];
  assert.deepEqual(known.map(({ metadata }) => metadata), [undefined]);
  assert.deepEqual(plain.created!.metadata, { from: "token" });
  const put = await call(plain, all[1]!, { key: "a", value: 1 });
  assert.deepEqual(put.result, { from: "token", a: 1 });
  const none = await join({ rpc_methods: [] });
  assert.equal("rpc_methods" in none.offer!, false);
  for (const client of [granted, plain, none]) await client.disconnect();
});

test("SoraServer: signaling_notify false in the token keeps notifications away from its bearer", async () => {
  await using server = await SoraServer.start({ secret: SECRET });
  const deaf = await TestClient.open(server.url, withToken(token({ signaling_notify: false })));
  await until("deaf is in", () => server.stats().connections === 1);
  const other = await TestClient.join(server.url, withToken(token({})));
  const data = other.created!.data as { connection_id: string }[];
  assert.deepEqual(data.map(({ connection_id }) => connection_id), [deaf.id]);
  server.push("after the news");
  await until("the push", () => deaf.messages.some(({ type }) => type === "push"));
  assert.equal(deaf.messages.some(({ type }) => type === "notify"), false);
  await other.disconnect();
  await deaf.disconnect();
});

test("SoraServer.start refuses an empty secret and unknown RPC methods", async () => {
  await assert.rejects(SoraServer.start({ secret: "" }), {
    name: "RangeError",
    message: "options.secret must not be empty",
  });
  await assert.rejects(SoraServer.start({ rpcMethods: ["all"] }), {
    name: "TypeError",
    message: /^options\.rpcMethods\[0\] must be one of .*, not "all"$/,
  });
});

test("SoraServer with a secret accepts only good tokens, and passes on their claims", async () => {
  await using server = await SoraServer.start({ secret: SECRET });
  const refused = await TestClient.open(server.url, withToken(token({}, "other")));
  await until("refused", () => refused.closed !== undefined);
  assert.deepEqual(refused.closed, { code: 4490, reason: "AUTHENTICATION-FAILURE" });
  const claims = { video_codec_type: "VP8", metadata: 5, signaling_notify_metadata: "z" };
  const client = await TestClient.join(server.url, withToken(token(claims)));
  assert.equal(client.offer!.metadata, 5);
  assert.equal(client.offer!.video_codec_type, "VP8");
  assert.equal(client.created!.authz_metadata, "z");
  await client.disconnect();
});

test("SoraServer: a connection ends when its lifetime is over", async () => {
  await using server = await SoraServer.start({ connectionLifetimeMs: 200 });
  const client = await TestClient.join(server.url, connect);
  await until("end", () => client.closed !== undefined);
  assert.deepEqual(client.closed, { code: 1000, reason: "LIFETIME-EXPIRED" });
  await client.disconnect();
});
