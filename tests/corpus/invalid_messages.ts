/**
 * JSON that is no valid message of the server: each names the path of what is wrong with it.
 *
 * @module
 */

import { connectionNotify, offerMessage } from "../support/signaling_scene.ts";

/** An invalid message. */
export interface InvalidMessage {
  readonly name: string;
  readonly text: string;
  /** The path of the wrong property; empty for the message itself. */
  readonly path: string;
  /** Part of the error, after `must`. */
  readonly problem: RegExp;
  /** Whether it ends a connection that waits for its offer; all others are dropped. */
  readonly endsOffer: boolean;
}

type Row = readonly [message: unknown, path: string, problem: string];

const created = (changes: object) => connectionNotify("created", changes);
const config = (iceServers: unknown) => offerMessage({ config: { iceServers } });
const channel = { label: "a", direction: "sendrecv", compress: true };
const channels = (changes: object) => offerMessage({ data_channels: [{ ...channel, ...changes }] });
const encodings = (changes: object) => offerMessage({ encodings: [{ rid: "r0", ...changes }] });

/** Messages whose name is made of their type, path and problem. A property that is `undefined` is left out. */
const NAMED: readonly Row[] = [
  [{}, "type", "string, not undefined"],
  [{ type: "close", reason: "x" }, "code", "integer"],
  [{ type: "close", code: 1000 }, "reason", "string"],
  [created({ audio: "x" }), "audio", "boolean"],
  [created({ channel_connections: "1" }), "channel_connections", "integer"],
  [created({ data: [{}] }), "data[0].connection_id", "string"],
  [created({ data: {} }), "data", "array"],
  [created({ minutes: 1.5 }), "minutes", "integer"],
  [{ type: "notify", event_type: "connection.created" }, "connection_id", "string"],
  [{ type: "notify", event_type: "spotlight.focused" }, "connection_id", "string"],
  [{ type: "notify", event_type: "simulcast.switched", rpc_rids: "r0" }, "rpc_rids", "array"],
  [{ type: "notify", event_type: "network.status" }, "unstable_level", "integer"],
  [{ type: "notify", event_type: 1 }, "event_type", "string"],
  [{ type: "notify" }, "event_type", "string"],
  [config(["x"]), "config.iceServers[0]", "object"],
  [config([{ urls: [""] }]), "config.iceServers[0].urls[0]", "empty"],
  [config([{ urls: "stun:x" }]), "config.iceServers[0].urls", "array"],
  [config([{ urls: ["turn:x"], username: 1 }]), "config.iceServers[0].username", "string"],
  [config({}), "config.iceServers", "array"],
  [config(undefined), "config.iceServers", "array"],
  [
    offerMessage({ config: { iceServers: [], iceTransportPolicy: "none" } }),
    "config.iceTransportPolicy",
    'one of "all", "relay"',
  ],
  [offerMessage({ config: [] }), "config", "object"],
  [offerMessage({ config: undefined }), "config", "object"],
  [offerMessage({ connection_id: 7 }), "connection_id", "string"],
  [offerMessage({ connection_id: undefined }), "connection_id", "string"],
  [offerMessage({ data_channel_signaling: 1 }), "data_channel_signaling", "boolean"],
  [channels({ compress: undefined }), "data_channels[0].compress", "boolean"],
  [channels({ direction: "up" }), "data_channels[0].direction", "one of"],
  [channels({ header: [{}] }), "data_channels[0].header[0].type", "string"],
  [channels({ header: {} }), "data_channels[0].header", "array"],
  [channels({ label: "" }), "data_channels[0].label", "empty"],
  [offerMessage({ data_channels: {} }), "data_channels", "array"],
  [encodings({ active: 1 }), "encodings[0].active", "boolean"],
  [encodings({ rid: undefined }), "encodings[0].rid", "string"],
  [
    encodings({ scaleResolutionDownTo: { maxWidth: 1 } }),
    "encodings[0].scaleResolutionDownTo.maxHeight",
    "number",
  ],
  [offerMessage({ encodings: {} }), "encodings", "array"],
  [offerMessage({ mid: { audio: 0 } }), "mid.audio", "string"],
  [offerMessage({ mid: "0" }), "mid", "object"],
  [offerMessage({ rpc_methods: [1] }), "rpc_methods[0]", "string"],
  [
    offerMessage({ rpc_methods: Array(1025).fill("x") }),
    "rpc_methods",
    "at most 1024 items, not 1025",
  ],
  [offerMessage({ sdp: "" }), "sdp", "empty"],
  [offerMessage({ sdp: ["v=0"] }), "sdp", "string, not array"],
  [offerMessage({ sdp: undefined }), "sdp", "string, not undefined"],
  [offerMessage({ simulcast: "true" }), "simulcast", "boolean"],
  [{ type: "ping", stats: "yes" }, "stats", "boolean"],
  [{ type: "push" }, "data", "be present"],
  [{ type: "re-offer", sdp: 1 }, "sdp", "string"],
  [{ type: "re-offer" }, "sdp", "string"],
  [{ type: "redirect", location: "" }, "location", "empty"],
  [{ type: "redirect" }, "location", "string"],
  [{ type: "switched" }, "ignore_disconnect_websocket", "boolean"],
  [{ type: 5 }, "type", "string, not number"],
  [{ type: null }, "type", "string, not null"],
  [{ type: "update", sdp: null }, "sdp", "string"],
];

const UNNAMED: Readonly<Record<string, Row>> = {
  "a number": [5, "", "object, not number"],
  "a string": ["offer", "", "object, not string"],
  "an array": [[], "", "object, not array"],
  "null": [null, "", "object, not null"],
};

function nameOf([message, path, problem]: Row): string {
  const { type } = message as { type?: unknown };
  const label = typeof type === "string" ? type : type === undefined ? "no type" : `type ${type}`;
  return `${label}, ${path} ${problem}`;
}

/** JSON that is no valid message. */
export const INVALID_MESSAGES: readonly InvalidMessage[] = [
  ...Object.entries(UNNAMED),
  ...NAMED.map((row) => [nameOf(row), row] as const),
].map(([name, [message, path, problem]]) => ({
  name,
  text: JSON.stringify(message),
  path,
  problem: new RegExp(problem),
  endsOffer: (message as { type?: unknown } | null)?.type === "offer",
}));
