import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseServerMessage } from "../../signaling/messages/parse.ts";
import { INVALID_MESSAGES } from "../corpus/invalid_messages.ts";
import { NOT_JSON } from "../corpus/texts.ts";
import { connectionNotify, dataChannelOffer, offerMessage } from "../support/signaling_scene.ts";

const parse = (message: unknown) => parseServerMessage(JSON.stringify(message));

const valid: object[] = [
  offerMessage(),
  offerMessage({ mid: {}, encodings: [] }),
  dataChannelOffer([{
    label: "#a",
    direction: "recvonly",
    compress: true,
    header: [{ type: "sender_connection_id", length: 26 }],
    ordered: false,
    max_packet_life_time: 10,
    protocol: "p",
  }]),
  offerMessage({
    encodings: [{
      rid: "r0",
      active: true,
      maxBitrate: 200000,
      maxFramerate: 30,
      scaleResolutionDownBy: 4.0,
      scaleResolutionDownTo: { maxWidth: 640, maxHeight: 360 },
      scalabilityMode: "L1T1",
      codec: { mimeType: "video/VP8", clockRate: 90000 },
    }],
    config: {
      iceServers: [{ urls: ["turn:t.example"], username: "u", credential: "c" }],
      iceTransportPolicy: "relay",
    },
    metadata: { anything: [] },
    rpc_methods: ["2025.2.0/RequestSimulcastRid"],
    simulcast_rpc_rids: ["none", "r0"],
  }),
  { type: "redirect", location: "wss://node2.example/signaling" },
  { type: "re-offer", sdp: "v=0" },
  { type: "update", sdp: "v=0" },
  { type: "ping" },
  { type: "ping", stats: true },
  connectionNotify("created", { data: [{ connection_id: "x", authn_metadata: 1 }] }),
  connectionNotify("updated"),
  connectionNotify("destroyed"),
  { type: "notify", event_type: "network.status", unstable_level: 3 },
  { type: "notify", event_type: "spotlight.changed", client_id: null, connection_id: null },
  { type: "notify", event_type: "spotlight.focused", connection_id: "x", client_id: null },
  { type: "notify", event_type: "spotlight.unfocused", connection_id: "x" },
  { type: "notify", event_type: "simulcast.switched", sender_connection_id: null, rpc_rids: [] },
  { type: "notify", event_type: "something.new", connection_id: 5 },
  { type: "push", data: null },
  { type: "push", data: { action: "PutMetadataItem" } },
  { type: "switched", ignore_disconnect_websocket: false },
  { type: "req-stats" },
  { type: "close", code: 1000, reason: "" },
];
for (const message of valid) {
  const { type, event_type = "" } = message as { type: string; event_type?: string };
  test(`parseServerMessage takes ${type} ${event_type} as it is`, () => {
    assert.deepEqual(parse(message), { kind: "message", message });
  });
}

test("parseServerMessage keeps fields it does not know", () => {
  const message = { type: "ping", stats: false, new_field: { a: 1 } };
  assert.deepEqual(parse(message), { kind: "message", message });
});

test("parseServerMessage distinguishes unknown types from malformed ones", () => {
  assert.deepEqual(parse({ type: "invented", sdp: 5 }), { kind: "unknown", type: "invented" });
  for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty"]) {
    assert.deepEqual(parse({ type: name }), { kind: "unknown", type: name });
  }
});

for (const { name, text, path, problem } of INVALID_MESSAGES) {
  test(`parseServerMessage names what is wrong: ${name}`, () => {
    const result = parseServerMessage(text);
    assert.ok(result.kind === "invalid");
    assert.equal(result.path, path);
    assert.match(result.problem, problem);
  });
}

for (const { name, text } of NOT_JSON) {
  test(`parseServerMessage refuses what is not JSON: ${name}`, () => {
    assert.deepEqual(parseServerMessage(text), {
      kind: "invalid",
      path: "",
      problem: "must be JSON",
    });
  });
}

test("parseServerMessage bounds the size, counted in bytes", () => {
  const limits = { maxBytes: 100, maxNotifyBytes: 200, maxDepth: 10 };
  const fits = JSON.stringify({ type: "push", data: "x".repeat(75) });
  assert.equal(new TextEncoder().encode(fits).length, 100);
  assert.equal(parseServerMessage(fits, limits).kind, "message");
  const problem = "must have at most 100 bytes";
  for (const data of ["x".repeat(76), "あ".repeat(26), "x".repeat(5000)]) {
    const result = parseServerMessage(JSON.stringify({ type: "push", data }), limits);
    assert.deepEqual(result, { kind: "invalid", path: "", problem });
  }
});

test("parseServerMessage lets notify be longer than the rest, within a limit of its own", () => {
  const limits = { maxBytes: 100, maxNotifyBytes: 200, maxDepth: 10 };
  const notify = (bytes: number) => {
    const text = JSON.stringify({ type: "notify", event_type: "x", metadata: "" });
    return text.replace(`""}`, `"${"x".repeat(bytes - text.length)}"}`);
  };
  for (const bytes of [100, 101, 200]) {
    assert.equal(new TextEncoder().encode(notify(bytes)).length, bytes);
    assert.equal(parseServerMessage(notify(bytes), limits).kind, "message");
  }
  assert.deepEqual(parseServerMessage(notify(201), limits), {
    kind: "invalid",
    path: "",
    problem: "must have at most 200 bytes",
  });
  const push = JSON.stringify({ type: "push", data: ["notify", "x".repeat(100)] });
  assert.deepEqual(parseServerMessage(push, limits), {
    kind: "invalid",
    path: "",
    problem: "must have at most 100 bytes",
  });
});

test("parseServerMessage bounds the depth, also where the runtime's own parser would give up", () => {
  const nested = (depth: number) =>
    `{"type":"push","data":${"[".repeat(depth)}${"]".repeat(depth)}}`;
  assert.equal(parseServerMessage(nested(63)).kind, "message");
  assert.equal(parseServerMessage(nested(64)).kind, "invalid");
  assert.equal(parseServerMessage(nested(500_000)).kind, "invalid");
  assert.equal(parseServerMessage("[".repeat(1_000_000)).kind, "invalid");
  const objects = `${`{"a":`.repeat(150_000)}1${"}".repeat(150_000)}`;
  assert.equal(parseServerMessage(objects).kind, "invalid");
});

test("parseServerMessage removes __proto__, so that copies cannot change prototypes", () => {
  const text = `{"type":"push","data":{"__proto__":{"polluted":1},"ok":[{"__proto__":2,"a":1}]},` +
    `"__proto__":{"type":"offer"}}`;
  assert.deepEqual(parseServerMessage(text), {
    kind: "message",
    message: { type: "push", data: { ok: [{ a: 1 }] } },
  });
  assert.equal(({} as { polluted?: number }).polluted, undefined);
});

test("parseServerMessage does not take a type from a prototype", () => {
  assert.equal(parseServerMessage(`{"__proto__":{"type":"ping"}}`).kind, "invalid");
});

test("parseServerMessage never throws, whatever JSON or text comes", () => {
  const types = [...new Set(valid.map((message) => (message as { type: string }).type))];
  const field = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.constantFrom("sendrecv", "connection.created", [], {}),
  );
  const message = fc.record({
    type: fc.constantFrom(...types),
    sdp: field,
    connection_id: field,
    config: field,
    data_channels: field,
    encodings: field,
    event_type: field,
    data: field,
    code: field,
  }, { requiredKeys: ["type"] });
  fc.assert(
    fc.property(fc.oneof(message.map((m) => JSON.stringify(m)), fc.string(), fc.json()), (text) => {
      const { kind } = parseServerMessage(text);
      assert.ok(["message", "unknown", "invalid"].includes(kind));
    }),
    { numRuns: 500 },
  );
});
