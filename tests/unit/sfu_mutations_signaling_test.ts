/** Mutated messages of a client: each is taken or refused, and none throws anything else, takes long or leaves anything behind. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { SignJWT } from "jose";
import { isObject, type JsonObject, type JsonValue } from "../../base/json.ts";
import { ConnectionInbox } from "../../sfu/connection/inbox.ts";
import type { SignalingLabel } from "../../sfu/data/data_channel_settings.ts";
import { authorize } from "../../sfu/signaling/access_token.ts";
import { parseConnect } from "../../sfu/signaling/connect_request.ts";
import { FilterSet } from "../../sfu/signaling/filter_set.ts";
import { parseForwardingFilters } from "../../sfu/signaling/forwarding_filter.ts";
import { MemberMetadata } from "../../sfu/signaling/member_metadata.ts";
import { Refusal } from "../../sfu/signaling/refusal.ts";
import { RPC_METHODS } from "../../sfu/signaling/rpc/methods.ts";
import { handleRpc } from "../../sfu/signaling/rpc/rpc.ts";
import { parseSignal } from "../../sfu/signaling/signal.ts";
import { fakeRpcTarget } from "../support/rpc_target.ts";
import { type MutationCounts, type Mutator, survives } from "../support/mutations.ts";

const MAX_BYTES = 64 * 1024;
/** Largest close reason (RFC 6455, 5.5). */
const MAX_REASON_BYTES = 123;

/** A refusal that a close frame can carry. */
function refuses(error: unknown): boolean {
  return error instanceof Refusal && new TextEncoder().encode(error.reason).length <=
      MAX_REASON_BYTES;
}

/** A run in which everything, or nothing, is refused tests little. */
function assertMixed({ accepted, refused }: MutationCounts): void {
  assert.ok(accepted > 0, "nothing was accepted");
  assert.ok(refused > 0, "nothing was refused");
}

const filter = {
  action: "block",
  priority: 5,
  rules: [[
    { field: "connection_id", operator: "is_in", values: ["a", "b"] },
    { field: "kind", operator: "is_not_in", values: ["audio"] },
  ]],
};

const connects: readonly JsonObject[] = [
  { type: "connect", role: "sendrecv", channel_id: "c" },
  {
    type: "connect",
    role: "sendonly",
    channel_id: "c",
    client_id: "client",
    bundle_id: "bundle",
    metadata: { access_token: "x" },
    signaling_notify_metadata: { name: "a", list: [1, 2, { b: null }] },
    multistream: true,
    redirect: true,
    audio: {
      codec_type: "OPUS",
      bit_rate: 64,
      opus_params: { channels: 2, clock_rate: 48_000, ptime: 20, stereo: true, usedtx: false },
    },
    video: { codec_type: "H264", bit_rate: 1000, h264_params: { profile_level_id: "42e01f" } },
  },
  {
    type: "connect",
    role: "recvonly",
    channel_id: "c",
    data_channel_signaling: true,
    ignore_disconnect_websocket: true,
    data_channels: [
      { label: "#a", direction: "sendrecv", ordered: false, max_retransmits: 3, compress: true },
      {
        label: "#b",
        direction: "recvonly",
        max_packet_life_time: 100,
        protocol: "p",
        header: [{ type: "sender_connection_id" }],
      },
    ],
    forwarding_filters: [filter, { ...filter, action: "allow", name: "b", priority: 1 }],
    video: { codec_type: "AV1", av1_params: { profile: 0 } },
  },
  {
    type: "connect",
    role: "sendrecv",
    channel_id: "c",
    simulcast: true,
    simulcast_rid: "r0",
    simulcast_encodings: [
      { rid: "r0", active: true, maxBitrate: 200_000, minBitrate: 30_000 },
      { rid: "r1", active: false, scaleResolutionDownBy: 2, scalabilityMode: "L1T2" },
      { rid: "r2", scaleResolutionDownTo: { maxWidth: 640, maxHeight: 360 }, maxFramerate: 30 },
    ],
    simulcast_rpc_rids: ["none", "r0"],
    spotlight: true,
    spotlight_number: 3,
    spotlight_focus_rid: "r1",
    forwarding_filter: filter,
    video: { codec_type: "VP9", vp9_params: { profile_id: 2 } },
  },
];

const others: readonly JsonObject[] = [
  { type: "answer", sdp: "v=0\r\n" },
  { type: "re-answer", sdp: "v=0\r\n" },
  { type: "candidate", candidate: "candidate:1 1 udp 1 127.0.0.1 1 typ host" },
  { type: "pong", stats: [{ id: "a", type: "codec", timestamp: 1 }] },
  { type: "stats", reports: [{ id: "a" }] },
  { type: "disconnect", reason: "NO-ERROR" },
];

const params = [
  { metadata: { a: 1 }, push: true },
  { key: "a", value: [{ b: 1 }], push: false },
  { rid: "r1", sender_connection_id: "B" },
  { send_connection_id: "B", spotlight_focus_rid: "r1", spotlight_unfocus_rid: "none" },
  { send_connection_id: "B" },
];
const rpcs: readonly JsonObject[] = RPC_METHODS.map((method, id) => ({
  jsonrpc: "2.0",
  id,
  method,
  params: params[id] ?? {},
}));

test("parseSignal survives mutated texts", async () => {
  assertMixed(
    await survives({
      steps: 2_000,
      seed: 1,
      input: (mutator) => mutator.jsonText([...connects, ...others]),
      run: (text) => parseSignal(text, MAX_BYTES),
      refuses,
    }),
  );
});

test("parseConnect survives mutated messages", async () => {
  assertMixed(
    await survives({
      steps: 5_000,
      seed: 2,
      input: (mutator) => {
        const message = mutator.json(connects);
        return isObject(message) ? message : mutator.pick(connects);
      },
      run: (message) => {
        const { audio, video, dataChannels } = parseConnect(message);
        // What goes into the offer is a line of it.
        for (const text of [audio?.parameters ?? "", video?.parameters ?? ""]) {
          assert.match(text, /^[\w=;-]*$/);
        }
        assert.ok(dataChannels.length <= 32);
      },
      refuses,
    }),
  );
});

test("forwarding filters survive mutations, and so do those that they are applied to", async () => {
  assertMixed(
    await survives({
      steps: 5_000,
      seed: 3,
      input: (mutator): JsonObject => {
        const filters = mutator.json([[filter, filter], [filter]]);
        return mutator.once(3)
          ? { forwarding_filter: mutator.json([filter]) }
          : { forwarding_filters: filters };
      },
      run: (message) => {
        const filters = new FilterSet();
        filters.replaceAll(parseForwardingFilters(message));
        const subject = { connection_id: "a", client_id: "__proto__", kind: "video" } as const;
        assert.ok([true, false, undefined].includes(filters.decide(subject)));
      },
      refuses,
    }),
  );
});

test("authorize survives mutated tokens and claims", async () => {
  const secret = "secret of the test";
  const key = new TextEncoder().encode(secret);
  const claims: readonly JsonObject[] = [
    { channel_id: "c", exp: 4e9, nbf: 1, connection_lifetime: 60, signaling_notify: true },
    { audio: true, audio_bit_rate: 64, video_codec_type: "VP8", video: { bit_rate: 100 } },
    { rpc_methods: [...RPC_METHODS], metadata: { a: 1 }, signaling_notify_metadata: [1] },
    { forwarding_filters: [filter], data_channels: [{ label: "#a", direction: "sendrecv" }] },
  ];
  const sign = (payload: JsonObject) =>
    new SignJWT({ ...payload }).setProtectedHeader({ alg: "HS256", typ: "JWT" }).sign(key);
  const tokens = await Promise.all(claims.map(sign));
  const message = (access_token: JsonValue): JsonObject => ({
    ...connects[0],
    metadata: { access_token },
  });
  const run = async (token: JsonValue) => {
    const { message: overridden } = await authorize(message(token), secret, 1e9);
    parseConnect(overridden);
  };
  assertMixed(
    await survives({
      steps: 1_000,
      seed: 4,
      input: (mutator) => {
        const payload = mutator.json(claims);
        return isObject(payload) ? payload : {};
      },
      run: async (payload) => run(await sign(payload)),
      refuses,
    }),
  );
  const headers = ["{}", '{"alg":"none"}', '{"alg":"HS256","crit":["b64"],"b64":false}', "[]"]
    .map((header) => btoa(header).replaceAll("=", ""));
  const forged = tokens.flatMap((token) => headers.map((head) => token.replace(/^\w+/, head)));
  const { refused } = await survives({
    steps: 1_000,
    seed: 5,
    input: (mutator) => mutator.text([...tokens, ...forged]),
    run,
    refuses,
  });
  assert.ok(refused > 900);
});

test("RPC calls survive mutations, and metadata stays small", async () => {
  let pushed = 0;
  const metadata = new MemberMetadata("id", () => pushed++);
  const { refused } = await survives({
    steps: 5_000,
    seed: 6,
    input: (mutator) => {
      const text = mutator.jsonText(rpcs);
      // A client sets one property after the other.
      return mutator.once(2) ? text.replace('"key":"a"', `"key":"${mutator.integer(1e6)}"`) : text;
    },
    run: (text) => {
      const response = handleRpc(text, fakeRpcTarget(metadata), RPC_METHODS);
      if (response !== undefined) {
        assert.equal(response.jsonrpc, "2.0");
        assert.ok(("result" in response) !== ("error" in response));
      }
      assert.ok(JSON.stringify(metadata.value ?? null).length <= 16_384);
    },
  });
  assert.equal(refused, 0);
  assert.ok(pushed > 0);
});

test("a connection's inbox survives mutated messages over either transport", async () => {
  const labels: readonly SignalingLabel[] = ["signaling", "stats", "rpc", "notify", "push"];
  const reached = new Set<string>();
  const ignore = (name: string) => () => void reached.add(name);
  const metadata = new MemberMetadata("id", () => {});
  const create = () =>
    new ConnectionInbox(
      { maxMessageBytes: MAX_BYTES, maxSignalingRate: 100_000 },
      fakeRpcTarget(metadata),
      {
        onConnect: ignore("connect"),
        onAnswer: ignore("answer"),
        onPong: ignore("pong"),
        onDisconnect: ignore("disconnect"),
        onRpcResponse: ignore("rpc"),
      },
    );
  let inbox = create();
  assertMixed(
    await survives({
      steps: 5_000,
      seed: 7,
      input: (mutator: Mutator) => ({
        label: mutator.once(2) ? undefined : mutator.pick(labels),
        text: mutator.jsonText([...others, ...rpcs, mutator.pick(connects)]),
        anew: mutator.once(20),
      }),
      run: ({ label, text, anew }) => {
        if (anew) inbox = create();
        if (label !== undefined) {
          inbox.onChannelMessage(label, text, RPC_METHODS);
          return;
        }
        const { type, message } = parseSignal(text, MAX_BYTES);
        inbox.onSocketMessage(type, message);
      },
      refuses,
    }),
  );
  assert.deepEqual([...reached].sort(), ["answer", "connect", "disconnect", "pong", "rpc"]);
});
