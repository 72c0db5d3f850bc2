/**
 * Malformed signaling messages, for the parser alone and for whole sessions.
 *
 * @module
 */

import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { connectionNotify, offerMessage } from "./signaling_scene.ts";

const offerWith = (changes: object) => ({ ...offerMessage(), ...changes });
const iceServers = (server: unknown) => ({ config: { iceServers: [server] } });
const dataChannel = (changes: object) => ({
  data_channels: [{ label: "a", direction: "sendrecv", compress: true, ...changes }],
});
/** JSON that is no valid message: the path of what is wrong, and what is wrong with it. */
export const INVALID_MESSAGES: readonly (readonly [unknown, string, RegExp])[] = [
  [null, "", /object, not null/],
  [[], "", /object, not array/],
  ["offer", "", /object, not string/],
  [5, "", /object, not number/],
  [{}, "type", /string, not undefined/],
  [{ type: 5 }, "type", /string, not number/],
  [{ type: null }, "type", /string, not null/],
  [offerWith({ sdp: undefined }), "sdp", /string, not undefined/],
  [offerWith({ sdp: "" }), "sdp", /empty/],
  [offerWith({ sdp: ["v=0"] }), "sdp", /string, not array/],
  [offerWith({ connection_id: undefined }), "connection_id", /string/],
  [offerWith({ connection_id: 7 }), "connection_id", /string/],
  [offerWith({ config: undefined }), "config", /object/],
  [offerWith({ config: [] }), "config", /object/],
  [offerWith({ config: {} }), "config.iceServers", /array/],
  [offerWith({ config: { iceServers: {} } }), "config.iceServers", /array/],
  [offerWith(iceServers("x")), "config.iceServers[0]", /object/],
  [offerWith(iceServers({ urls: "stun:x" })), "config.iceServers[0].urls", /array/],
  [offerWith(iceServers({ urls: [""] })), "config.iceServers[0].urls[0]", /empty/],
  [
    offerWith(iceServers({ urls: ["turn:x"], username: 1 })),
    "config.iceServers[0].username",
    /string/,
  ],
  [
    offerWith({ config: { iceServers: [], iceTransportPolicy: "none" } }),
    "config.iceTransportPolicy",
    /one of all, relay/,
  ],
  [offerWith({ simulcast: "true" }), "simulcast", /boolean/],
  [offerWith({ data_channel_signaling: 1 }), "data_channel_signaling", /boolean/],
  [offerWith({ encodings: {} }), "encodings", /array/],
  [offerWith({ encodings: [{}] }), "encodings[0].rid", /string/],
  [
    offerWith({ encodings: [{ rid: "r0", scaleResolutionDownTo: { maxWidth: 1 } }] }),
    "encodings[0].scaleResolutionDownTo.maxHeight",
    /number/,
  ],
  [offerWith({ encodings: [{ rid: "r0", active: 1 }] }), "encodings[0].active", /boolean/],
  [offerWith({ mid: "0" }), "mid", /object/],
  [offerWith({ mid: { audio: 0 } }), "mid.audio", /string/],
  [offerWith({ data_channels: {} }), "data_channels", /array/],
  [offerWith(dataChannel({ label: "" })), "data_channels[0].label", /empty/],
  [offerWith(dataChannel({ direction: "up" })), "data_channels[0].direction", /one of/],
  [offerWith(dataChannel({ compress: undefined })), "data_channels[0].compress", /boolean/],
  [offerWith(dataChannel({ header: {} })), "data_channels[0].header", /array/],
  [offerWith(dataChannel({ header: [{}] })), "data_channels[0].header[0].type", /string/],
  [offerWith({ rpc_methods: [1] }), "rpc_methods[0]", /string/],
  [
    offerWith({ rpc_methods: Array.from({ length: 1025 }, () => "x") }),
    "rpc_methods",
    /at most 1024 items, not 1025/,
  ],
  [{ type: "redirect" }, "location", /string/],
  [{ type: "redirect", location: "" }, "location", /empty/],
  [{ type: "re-offer" }, "sdp", /string/],
  [{ type: "re-offer", sdp: 1 }, "sdp", /string/],
  [{ type: "update", sdp: null }, "sdp", /string/],
  [{ type: "ping", stats: "yes" }, "stats", /boolean/],
  [{ type: "notify" }, "event_type", /string/],
  [{ type: "notify", event_type: 1 }, "event_type", /string/],
  [{ type: "notify", event_type: "connection.created" }, "connection_id", /string/],
  [connectionNotify("created", { channel_connections: "1" }), "channel_connections", /integer/],
  [connectionNotify("created", { minutes: 1.5 }), "minutes", /integer/],
  [connectionNotify("created", { audio: "x" }), "audio", /boolean/],
  [connectionNotify("created", { data: {} }), "data", /array/],
  [connectionNotify("created", { data: [{}] }), "data[0].connection_id", /string/],
  [{ type: "notify", event_type: "network.status" }, "unstable_level", /integer/],
  [{ type: "notify", event_type: "spotlight.focused" }, "connection_id", /string/],
  [
    { type: "notify", event_type: "simulcast.switched", rpc_rids: "r0" },
    "rpc_rids",
    /array/,
  ],
  [{ type: "push" }, "data", /be there/],
  [{ type: "switched" }, "ignore_disconnect_websocket", /boolean/],
  [{ type: "close", reason: "x" }, "code", /integer/],
  [{ type: "close", code: 1000 }, "reason", /string/],
];

/** Texts that are not JSON. */
export const NOT_JSON: readonly string[] = [
  "",
  " ",
  "{",
  "}",
  `{"type":"ping"`,
  `{"type":"ping"}x`,
  "NaN",
  "\u0000",
  "{'a':1}",
];

/** Texts that are too long or nest too deep. */
export const EXCESSIVE: readonly (readonly [string, string])[] = [
  ["2 MiB in one string", JSON.stringify({ type: "push", data: "x".repeat(2 * 1024 * 1024) })],
  ["1 MiB of three-byte characters", JSON.stringify({ type: "push", data: "あ".repeat(400_000) })],
  ["500,000 brackets", "[".repeat(500_000)],
  ["250,000 nested arrays", `${"[".repeat(250_000)}${"]".repeat(250_000)}`],
  ["150,000 nested objects", `${`{"a":`.repeat(150_000)}1${"}".repeat(150_000)}`],
  ["nesting one above the limit", `{"type":"push","data":${"[".repeat(64)}${"]".repeat(64)}}`],
];

const push = new TextEncoder().encode(JSON.stringify({ type: "push", data: 1 }));
const whole = deflateSync(push);

/** Bytes that are no message on a compressed data channel. */
export const BROKEN_COMPRESSED: readonly (readonly [string, Uint8Array])[] = [
  ["nothing", new Uint8Array(0)],
  ["one byte", Uint8Array.of(0x78)],
  ["uncompressed text", push],
  ["a stream without its last byte", whole.subarray(0, whole.length - 1)],
  ["a stream without its checksum", whole.subarray(0, whole.length - 4)],
  ["half a stream", whole.subarray(0, whole.length >> 1)],
  ["a wrong checksum", Uint8Array.from(whole, (byte, i) => i === whole.length - 1 ? ~byte : byte)],
  ["a wrong header", Uint8Array.from(whole, (byte, i) => i === 0 ? 0xff : byte)],
  ["a preset dictionary", Uint8Array.of(0x78, 0xbb, 1, 2, 3, 4, ...deflateRawSync(push))],
  ["raw deflate", deflateRawSync(push)],
  ["gzip", gzipSync(push)],
  ["a bomb of 64 MiB", deflateSync(new Uint8Array(64 * 1024 * 1024))],
  ["compressed twice", deflateSync(whole)],
  ["compressed bytes that are not UTF-8", deflateSync(Uint8Array.of(0xff, 0xfe, 0x80))],
  ["random bytes", Uint8Array.from({ length: 1000 }, (_, i) => (i * 7919) & 255)],
];
