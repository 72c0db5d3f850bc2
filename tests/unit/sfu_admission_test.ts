import { Buffer } from "node:buffer";
import { strict as assert } from "node:assert";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { WebSocket } from "ws";
import { dtlsCertificate } from "../../sfu/certificate.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { authorize } from "../../sfu/signaling/access_token.ts";
import { allows, parseForwardingFilters } from "../../sfu/signaling/forwarding_filter.ts";
import { MemberMetadata } from "../../sfu/signaling/member_metadata.ts";
import { handleRpc, RPC_METHODS } from "../../sfu/signaling/rpc.ts";
import type { JsonObject } from "../../sfu/signaling/json.ts";
import { Refusal } from "../../sfu/signaling/refusal.ts";
import { TestClient, until } from "../support/sfu_client.ts";

const SECRET = "secret of a test";
const connect = { role: "sendrecv", channel_id: "c" };

/** A JSON Web Token, made independently of the server's reader. */
function token(claims: unknown, secret = SECRET, header: unknown = { alg: "HS256" }): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const body = `${part(header)}.${part(claims)}`;
  return `${body}.${createHmac("sha256", secret).update(body).digest("base64url")}`;
}

const withToken = (access_token: unknown): JsonObject => ({
  ...connect,
  metadata: { access_token } as JsonObject,
});

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
  ["a lifetime of zero", withToken(token({ connection_lifetime: 0 }))],
];
for (const [name, message] of wrongTokens) {
  test(`authorize refuses ${name}`, () => {
    assert.throws(
      () => authorize(message, SECRET, 1000),
      (error) => error instanceof Refusal && error.reason === "AUTHENTICATION-FAILURE",
    );
  });
}

test("authorize applies private claims over what connect asks for", () => {
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
  const grant = authorize(message, SECRET, 1000);
  assert.deepEqual(grant.message.video, { codec_type: "AV1", bit_rate: 700 });
  assert.equal(grant.message.audio, false);
  assert.equal(grant.message.client_id, "from-token");
  assert.deepEqual(grant.metadata, { role: "host" });
  assert.equal(grant.authzMetadata, "authz");
  assert.equal(grant.lifetimeSeconds, 3);
});

test("authorize: the token's forwarding filters replace the client's, whichever form they have", () => {
  const blocking = { rules: [[{ field: "kind", operator: "is_in", values: ["audio"] }]] };
  const own = { rules: [] };
  for (const name of ["forwarding_filter", "forwarding_filters"] as const) {
    const value = name === "forwarding_filter" ? blocking : [blocking];
    for (const given of [{ forwarding_filter: own }, { forwarding_filters: [own] }]) {
      const message = { ...withToken(token({ [name]: value })), ...given } as JsonObject;
      const { message: result } = authorize(message, SECRET, 1000);
      const filters = parseForwardingFilters(result);
      assert.equal(filters.length, 1);
      const subject = { kind: "audio", client_id: "", connection_id: "" } as const;
      assert.equal(allows(filters, subject), false);
    }
  }
});

test("authorize: the token's codec does not get the parameters of the client's", () => {
  const message = {
    ...withToken(token({ video_codec_type: "VP8", video_bit_rate: 9 })),
    video: { codec_type: "VP9", vp9_params: { profile_id: 1 } },
  };
  const grant = authorize(message, SECRET, 1000);
  assert.deepEqual(grant.message.video, { codec_type: "VP8", bit_rate: 9 });
});

const unsupported: [claims: Record<string, unknown>, reason: string][] = [
  [{ simulcast: true }, "UNSUPPORTED-SIMULCAST"],
  [{ simulcast_encodings: [{ rid: "r0" }] }, "UNSUPPORTED-SIMULCAST-ENCODINGS"],
  [{ simulcast_multicodec: true }, "UNSUPPORTED-SIMULCAST-MULTICODEC"],
  [{ simulcast_codecs: [] }, "UNSUPPORTED-SIMULCAST-CODECS"],
  [{ simulcast_rpc_rids: ["r0"] }, "UNSUPPORTED-SIMULCAST-RPC-RIDS"],
  [{ spotlight: true }, "UNSUPPORTED-SPOTLIGHT"],
  [{ spotlight_encodings: [] }, "UNSUPPORTED-SPOTLIGHT-ENCODINGS"],
  [{ rpc_methods: ["2025.2.0/RequestSimulcastRid"] }, "UNSUPPORTED-RPC-METHODS"],
  [{ rpc_methods: "all" }, "AUTHENTICATION-FAILURE"],
  [{ signaling_notify: "no" }, "AUTHENTICATION-FAILURE"],
];
for (const [claims, reason] of unsupported) {
  test(`authorize refuses a token that grants ${JSON.stringify(claims)}`, () => {
    assert.throws(
      () => authorize(withToken(token(claims)), SECRET, 1000),
      (error) => error instanceof Refusal && error.reason === reason,
    );
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
    name: "TypeError",
    message: /"secret"/,
  });
  await assert.rejects(SoraServer.start({ rpcMethods: ["all"] }), {
    name: "TypeError",
    message: /"rpcMethods"/,
  });
});

test("MemberMetadata: what would make it too large is not put", () => {
  const pushed: unknown[] = [];
  const metadata = new MemberMetadata("C", (data) => pushed.push(data));
  assert.equal(metadata.putMetadata("x".repeat(17_000), true), undefined);
  assert.deepEqual(metadata.putMetadata({ a: "x".repeat(8_000) }, false), { a: "x".repeat(8_000) });
  assert.equal(metadata.putMetadataItem("b", "y".repeat(9_000), true), undefined);
  assert.deepEqual(Object.keys(metadata.value as object), ["a"]);
  assert.deepEqual(pushed, []);
  const call = { jsonrpc: "2.0", id: 1, method: RPC_METHODS[1]!, params: { key: "b", value: "" } };
  call.params.value = "z".repeat(9_000);
  assert.deepEqual(handleRpc(JSON.stringify(call), metadata, RPC_METHODS), {
    jsonrpc: "2.0",
    id: 1,
    error: { code: -32_602, message: "metadata is too large" },
  });
});

test("SoraServer with a secret lets only good tokens in, and tells what they say", async () => {
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

test("SoraServer: clients are redirected once", async () => {
  await using target = await SoraServer.start();
  await using server = await SoraServer.start({
    redirect: (channelId) => channelId === "c" ? target.url : undefined,
  });
  const client = await TestClient.open(server.url, connect);
  await until("closed", () => client.closed !== undefined);
  assert.deepEqual(client.messages, [{ type: "redirect", location: target.url }]);
  const stays = await TestClient.join(server.url, { ...connect, redirect: true });
  const other = await TestClient.join(server.url, { ...connect, channel_id: "d" });
  await stays.disconnect();
  await other.disconnect();
});

const messaging = (...channels: unknown[]) => ({
  data_channel_signaling: true,
  data_channels: channels,
});
const channel = { label: "#a", direction: "sendrecv" };
const filter = { rules: [] };

const combinations: [name: string, members: Record<string, unknown>, reason: string][] = [
  [
    "spotlight_number without spotlight",
    { spotlight_number: 2 },
    "SPOTLIGHT-NUMBER-WITHOUT-SPOTLIGHT",
  ],
  [
    "spotlight_focus_rid without spotlight",
    { spotlight: false, spotlight_focus_rid: "r1" },
    "SPOTLIGHT-FOCUS-RID-WITHOUT-SPOTLIGHT",
  ],
  [
    "spotlight_unfocus_rid without spotlight",
    { spotlight_unfocus_rid: "none" },
    "SPOTLIGHT-UNFOCUS-RID-WITHOUT-SPOTLIGHT",
  ],
  ["a spotlight_number of 9", { spotlight: true, spotlight_number: 9 }, "INVALID-SPOTLIGHT-NUMBER"],
  ["an unknown rid", { simulcast: true, simulcast_rid: "r3" }, "INVALID-SIMULCAST-RID"],
  ["simulcast_rid without simulcast", { simulcast_rid: "r1" }, "SIMULCAST-RID-WITHOUT-SIMULCAST"],
  [
    "simulcast_request_rid without simulcast",
    { simulcast: false, simulcast_request_rid: "r1" },
    "SIMULCAST-REQUEST-RID-WITHOUT-SIMULCAST",
  ],
  [
    "simulcast_multicodec without simulcast",
    { simulcast_multicodec: true },
    "SIMULCAST-MULTICODEC-WITHOUT-SIMULCAST",
  ],
  ["simulcast as text", { simulcast: "yes" }, "INVALID-SIMULCAST"],
  ["redirect as text", { redirect: "yes" }, "INVALID-REDIRECT"],
  ["a bundle_id that is a number", { bundle_id: 5 }, "INVALID-BUNDLE-ID"],
  [
    "data_channel_signaling as text",
    { data_channel_signaling: "yes" },
    "INVALID-DATA-CHANNEL-SIGNALING",
  ],
  [
    "messaging without data channel signaling",
    { data_channels: [channel] },
    "DATA-CHANNELS-WITHOUT-DATA-CHANNEL-SIGNALING",
  ],
  [
    "ignoring the WebSocket without data channel signaling",
    { data_channel_signaling: false, ignore_disconnect_websocket: true },
    "IGNORE-DISCONNECT-WEBSOCKET-WITHOUT-DATA-CHANNEL-SIGNALING",
  ],
  ["a label without #", messaging({ ...channel, label: "a" }), "INVALID-DATA-CHANNELS"],
  ["a label twice", messaging(channel, channel), "INVALID-DATA-CHANNELS"],
  [
    "both limits of reliability",
    messaging({ ...channel, max_retransmits: 1, max_packet_life_time: 1 }),
    "INVALID-DATA-CHANNELS",
  ],
  ["a forwarding filter without rules", { forwarding_filter: {} }, "INVALID-FORWARDING-FILTER"],
  [
    "both forms of forwarding filters",
    { forwarding_filter: filter, forwarding_filters: [] },
    "FORWARDING-FILTER-WITH-FORWARDING-FILTERS",
  ],
  [
    "metadata for others of 17 kB",
    { signaling_notify_metadata: "x".repeat(17_000) },
    "INVALID-SIGNALING-NOTIFY-METADATA",
  ],
  ...([
    ["VP8", "VP9", { profile_id: 0 }],
    ["VP9", "AV1", { profile: 0 }],
    ["VP9", "H264", { profile_level_id: "42e034" }],
    ["H264", "H265", { level_id: 93 }],
  ] as const).map(([used, other, params]): [string, Record<string, unknown>, string] => [
    `parameters of ${other} with ${used}`,
    { video: { codec_type: used, [`${other.toLowerCase()}_params`]: params } },
    `${other}-PARAMS-WITHOUT-${other}`,
  ]),
];

test("SoraServer: each combination that makes no sense is refused with 4490 and names it", async (t) => {
  await using server = await SoraServer.start();
  for (const [name, members, reason] of combinations) {
    await t.test(name, async () => {
      const client = await TestClient.open(server.url, { ...connect, ...members });
      await until("close", () => client.closed !== undefined);
      assert.deepEqual(client.closed, { code: 4490, reason });
      assert.ok(Buffer.byteLength(reason) <= 123, "as long as a close frame may be");
    });
  }
});

test("allows: outer lists are alternatives, inner ones all hold, lower priority first", () => {
  const isIn = (field: string, ...values: string[]) => ({ field, operator: "is_in", values });
  const filters = parseForwardingFilters({
    forwarding_filters: [
      { priority: 2, action: "block", rules: [[isIn("client_id", "a", "b")]] },
      {
        priority: 1,
        action: "allow",
        rules: [[isIn("client_id", "a"), isIn("kind", "audio")], [isIn("connection_id", "C")]],
      },
    ],
  });
  const subject = (client_id: string, kind: "audio" | "video", connection_id = "X") => ({
    client_id,
    kind,
    connection_id,
  });
  assert.equal(allows(filters, subject("a", "audio")), true);
  assert.equal(allows(filters, subject("a", "video")), false);
  assert.equal(allows(filters, subject("b", "audio")), false);
  assert.equal(allows(filters, subject("b", "audio", "C")), true);
  assert.equal(allows(filters, subject("z", "video")), true);
  const notIn = parseForwardingFilters({
    forwarding_filter: {
      rules: [[{ field: "kind", operator: "is_not_in", values: ["audio"] }]],
    },
  });
  assert.equal(allows(notIn, subject("a", "video")), false);
  assert.equal(allows(notIn, subject("a", "audio")), true);
});

test("SoraServer: a forwarding filter keeps sections out of the offer", async () => {
  await using server = await SoraServer.start();
  const a = await TestClient.join(server.url, { ...connect, client_id: "a" });
  const b = await TestClient.join(server.url, {
    ...connect,
    forwarding_filter: {
      rules: [[{ field: "kind", operator: "is_in", values: ["video"] }]],
    },
  });
  assert.match(String(b.offer!.sdp), new RegExp(`a=msid:${a.id} ${a.id}-audio`));
  assert.doesNotMatch(String(b.offer!.sdp), new RegExp(`a=msid:${a.id} ${a.id}-video`));
  await a.disconnect();
  await b.disconnect();
});

test("SoraServer: a forwarding filter picks senders by client_id and by connection_id", async () => {
  await using server = await SoraServer.start();
  const a = await TestClient.join(server.url, { ...connect, client_id: "a" });
  const b = await TestClient.join(server.url, { ...connect, client_id: "b" });
  const sees = async (field: string, operator: string, value: string) => {
    const rules = [[{ field, operator, values: [value] }]];
    const filter = { forwarding_filters: [{ action: "block", rules }] };
    const client = await TestClient.join(server.url, { ...connect, role: "recvonly", ...filter });
    const seen = [a, b].filter(({ id }) => String(client.offer!.sdp).includes(`a=msid:${id} `));
    await client.disconnect();
    return seen;
  };
  assert.deepEqual(await sees("client_id", "is_in", "a"), [b]);
  assert.deepEqual(await sees("client_id", "is_not_in", "a"), [a]);
  assert.deepEqual(await sees("connection_id", "is_in", b.id), [a]);
  assert.deepEqual(await sees("connection_id", "is_not_in", b.id), [b]);
  await a.disconnect();
  await b.disconnect();
});

test("SoraServer: a member without audio neither sends nor gets any", async () => {
  await using server = await SoraServer.start();
  const full = await TestClient.join(server.url, connect);
  const mute = await TestClient.join(server.url, { ...connect, audio: false });
  assert.deepEqual(Object.keys(mute.offer!.mid as object), ["video"]);
  assert.match(String(mute.offer!.sdp), new RegExp(`a=msid:${full.id} ${full.id}-video`));
  assert.doesNotMatch(String(mute.offer!.sdp), new RegExp(`${full.id}-audio`));
  const reoffer = () => full.messages.find(({ type }) => type === "re-offer")?.sdp;
  await until("the re-offer", () => reoffer() !== undefined);
  assert.match(String(reoffer()), new RegExp(`a=msid:${mute.id} ${mute.id}-video`));
  assert.doesNotMatch(String(reoffer()), new RegExp(`${mute.id}-audio`));
  await full.disconnect();
  await mute.disconnect();
});

test("SoraServer: the HTTP API disconnects, pushes and asks for key frames", async () => {
  await using server = await SoraServer.start({ httpApi: true });
  const api = async (target: string, body: unknown) => {
    const response = await fetch(`http://127.0.0.1:${server.port}/`, {
      method: "POST",
      headers: { "x-sora-target": target },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    await response.text();
    return response.status;
  };
  const a = await TestClient.join(server.url, connect);
  const b = await TestClient.join(server.url, connect);
  const of = (client: TestClient, channel_id = "c") => ({ channel_id, connection_id: client.id });
  assert.equal(await api("Sora_20160711.PushChannel", { channel_id: "c", data: { x: 1 } }), 200);
  await until("push", () => a.messages.some((message) => message.type === "push"));
  assert.equal(await api("Sora_20241218.RequestKeyFrame", of(a)), 200);
  assert.equal(await api("Sora_20151104.DisconnectConnection", of(a, "other")), 404);
  assert.equal(await api("Sora_20151104.DisconnectConnection", of(a)), 200);
  await until("a is out", () => a.closed !== undefined);
  assert.deepEqual(a.closed, { code: 1000, reason: "DISCONNECTED-API" });
  assert.equal(await api("Sora_20151104.DisconnectChannel", { channel_id: "c" }), 200);
  await until("b is out", () => b.closed !== undefined);
  assert.equal(await api("Sora_20151104.DisconnectChannel", "{"), 400);
  assert.equal(await api("Sora_20151104.DisconnectChannel", "x".repeat(300_000)), 400);
  assert.equal(await api("Unknown", {}), 400);
  await a.disconnect();
  await b.disconnect();
});

test("SoraServer: faults of the signaling happen at the named message", async (t) => {
  await t.test("silent", async () => {
    await using server = await SoraServer.start({ faults: { silentFrom: "offer" } });
    const client = await TestClient.open(server.url, connect);
    client.send({ type: "disconnect", reason: "NO-ERROR" });
    await until("the server knows it", () => server.stats().pendingConnections === 1);
    assert.deepEqual(client.messages, []);
    await client.cut();
  });
  await t.test("closed", async () => {
    const closeInsteadOf = { type: "offer", code: 4000, reason: "BECAUSE" } as const;
    await using server = await SoraServer.start({ faults: { closeInsteadOf } });
    const client = await TestClient.open(server.url, connect);
    await until("close", () => client.closed !== undefined);
    assert.deepEqual(client.closed, { code: 4000, reason: "BECAUSE" });
  });
  await t.test("cut", async () => {
    await using server = await SoraServer.start({ faults: { cutInsteadOf: "offer" } });
    const client = await TestClient.open(server.url, connect);
    await until("close", () => client.closed !== undefined);
    assert.equal(client.closed!.code, 1006);
  });
  await t.test("deaf", async () => {
    await using server = await SoraServer.start({
      faults: { ignoreDisconnect: true, signalingDelayMs: 20 },
      pingIntervalMs: 20,
    });
    const client = await TestClient.join(server.url, connect);
    client.send({ type: "disconnect", reason: "NO-ERROR" });
    const pings = () => client.messages.filter((message) => message.type === "ping").length;
    const before = pings();
    await until("it goes on", () => pings() > before + 3);
    assert.equal(server.stats().connections, 1);
    await client.cut();
  });
});

test("SoraServer: signaling over TLS, with and without client certificates", async () => {
  const own = await dtlsCertificate();
  const tls = { cert: own.certPem, key: own.keyPem };
  const opens = (url: string, options: Record<string, unknown>) =>
    new Promise<boolean>((resolve) => {
      const socket = new WebSocket(url, { rejectUnauthorized: false, ...options });
      socket.on("open", () => {
        socket.on("close", () => resolve(true));
        socket.close();
      });
      socket.on("error", () => resolve(false));
    });
  await using server = await SoraServer.start({ tls });
  assert.match(server.url, /^wss:/);
  assert.equal(await opens(server.url, {}), true);
  assert.equal(await opens(server.url, { rejectUnauthorized: true }), false);
  const demanding = { tls: { ...tls, clientCa: own.certPem } };
  await using strict = await SoraServer.start(demanding);
  assert.equal(await opens(strict.url, {}), false);
  assert.equal(await opens(strict.url, { cert: own.certPem, key: own.keyPem }), true);
  const start = (options: unknown) =>
    SoraServer.start({ tls: options as { cert: string } & typeof tls });
  await assert.rejects(start({ cert: "x" }), { name: "TypeError", message: /tls\.key/ });
});
