/**
 * From the text of an incoming message to its type: bounded in size and depth, strict where the protocol is.
 *
 * @module
 */

import {
  array,
  boolean,
  FieldProblem,
  type Fields,
  integer,
  nonEmptyString,
  number,
  object,
  oneOf,
  optionalMembers,
  secure,
  string,
  stringOrNull,
} from "./fields.ts";
import type { ServerMessage } from "./server.ts";

/** Limits of an incoming message. */
export interface ParseLimits {
  /** Longest text but of `notify`, in bytes of UTF-8. */
  readonly maxBytes: number;
  /** Longest text of `notify`, in bytes of UTF-8: it tells a newcomer of everybody's metadata. */
  readonly maxNotifyBytes: number;
  /** Deepest nesting of arrays and objects. */
  readonly maxDepth: number;
}

/** The limits used unless told otherwise. */
export const DEFAULT_PARSE_LIMITS: ParseLimits = {
  maxBytes: 1024 * 1024,
  maxNotifyBytes: 16 * 1024 * 1024,
  maxDepth: 64,
};

/** What became of a text. */
export type ParseResult =
  /** A message that this version knows, with all its fields as they came. */
  | { readonly kind: "message"; readonly message: ServerMessage }
  /** A message of an unknown type, to be ignored. */
  | { readonly kind: "unknown"; readonly type: string }
  /** Not a valid message: where (`sdp` for instance, empty for the whole) and why. `type` if that much could be read. */
  | {
    readonly kind: "invalid";
    readonly type?: string;
    readonly path: string;
    readonly problem: string;
  };

/** Longest list accepted inside a message. */
const MAX_ITEMS = 1024;

const strings = (value: unknown, path: string) => array(value, path, MAX_ITEMS, string);
const direction = oneOf("sendrecv", "sendonly", "recvonly");

function iceServer(value: unknown, path: string): void {
  const server = object(value, path);
  array(server["urls"], `${path}.urls`, MAX_ITEMS, nonEmptyString);
  optionalMembers(server, path, { username: string, credential: string });
}

function config(value: unknown, path: string): void {
  const from = object(value, path);
  array(from["iceServers"], `${path}.iceServers`, MAX_ITEMS, iceServer);
  optionalMembers(from, path, { iceTransportPolicy: oneOf("all", "relay") });
}

function encoding(value: unknown, path: string): void {
  const from = object(value, path);
  nonEmptyString(from["rid"], `${path}.rid`);
  optionalMembers(from, path, {
    active: boolean,
    maxBitrate: number,
    minBitrate: number,
    maxFramerate: number,
    scaleResolutionDownBy: number,
    scaleResolutionDownTo: (value, path) => {
      const size = object(value, path);
      number(size["maxWidth"], `${path}.maxWidth`);
      number(size["maxHeight"], `${path}.maxHeight`);
    },
    scalabilityMode: string,
    adaptivePtime: boolean,
    codec: (value, path) => {
      const codec = object(value, path);
      string(codec["mimeType"], `${path}.mimeType`);
      number(codec["clockRate"], `${path}.clockRate`);
      optionalMembers(codec, path, { sdpFmtpLine: string });
    },
  });
}

function dataChannel(value: unknown, path: string): void {
  const from = object(value, path);
  nonEmptyString(from["label"], `${path}.label`);
  direction(from["direction"], `${path}.direction`);
  boolean(from["compress"], `${path}.compress`);
  optionalMembers(from, path, {
    header: (value, path) =>
      array(value, path, MAX_ITEMS, (value, path) => {
        const header = object(value, path);
        string(header["type"], `${path}.type`);
        optionalMembers(header, path, { length: integer });
      }),
    ordered: boolean,
    max_packet_life_time: integer,
    max_retransmits: integer,
    protocol: string,
  });
}

function offer(from: Fields): void {
  nonEmptyString(from["sdp"], "sdp");
  nonEmptyString(from["connection_id"], "connection_id");
  config(from["config"], "config");
  optionalMembers(from, "", {
    client_id: string,
    bundle_id: string,
    session_id: string,
    channel_id: string,
    version: string,
    simulcast: boolean,
    simulcast_multicodec: boolean,
    spotlight: boolean,
    multistream: boolean,
    encodings: (value, path) => array(value, path, MAX_ITEMS, encoding),
    mid: (value, path) =>
      optionalMembers(object(value, path), path, {
        audio: nonEmptyString,
        video: nonEmptyString,
      }),
    data_channel_signaling: boolean,
    ignore_disconnect_websocket: boolean,
    data_channels: (value, path) => array(value, path, MAX_ITEMS, dataChannel),
    rpc_methods: strings,
    simulcast_rpc_rids: strings,
    audio: boolean,
    audio_codec_type: string,
    audio_bit_rate: number,
    video: boolean,
    video_codec_type: string,
    video_bit_rate: number,
  });
}

const CONNECTION = {
  role: direction,
  session_id: string,
  client_id: string,
  bundle_id: string,
  audio: boolean,
  video: boolean,
  minutes: integer,
  channel_connections: integer,
  channel_sendrecv_connections: integer,
  channel_sendonly_connections: integer,
  channel_recvonly_connections: integer,
  turn_transport_type: string,
};

function members(value: unknown, path: string): void {
  array(value, path, 65536, (value, path) => {
    const member = object(value, path);
    string(member["connection_id"], `${path}.connection_id`);
    optionalMembers(member, path, { client_id: string, bundle_id: string });
  });
}

function connectionEvent(from: Fields): void {
  nonEmptyString(from["connection_id"], "connection_id");
  optionalMembers(from, "", { ...CONNECTION, data: members });
}

const SPOTLIGHT = {
  client_id: stringOrNull,
  bundle_id: string,
  spotlight_id: string,
  audio: boolean,
  video: boolean,
  fixed: boolean,
};

function spotlightFocus(from: Fields): void {
  string(from["connection_id"], "connection_id");
  optionalMembers(from, "", SPOTLIGHT);
}

/** Checks of the notifications that are known; others pass through. */
const EVENTS = new Map<string, (from: Fields) => void>([
  ["connection.created", connectionEvent],
  ["connection.updated", connectionEvent],
  ["connection.destroyed", connectionEvent],
  ["network.status", (from) => integer(from["unstable_level"], "unstable_level")],
  [
    "spotlight.changed",
    (from) => optionalMembers(from, "", { ...SPOTLIGHT, connection_id: stringOrNull }),
  ],
  ["spotlight.focused", spotlightFocus],
  ["spotlight.unfocused", spotlightFocus],
  [
    "simulcast.switched",
    (from) =>
      optionalMembers(from, "", {
        sender_connection_id: stringOrNull,
        priority: string,
        trigger: string,
        rpc_rids: strings,
        auto_rids: strings,
        request_rid: string,
        current_rid: string,
        previous_rid: string,
      }),
  ],
]);

function notify(from: Fields): void {
  nonEmptyString(from["event_type"], "event_type");
  optionalMembers(from, "", { timestamp: string });
  EVENTS.get(from["event_type"] as string)?.(from);
}

/** Checks of the messages that are known. */
const MESSAGES = new Map<string, (from: Fields) => void>([
  ["offer", offer],
  ["redirect", (from) => nonEmptyString(from["location"], "location")],
  ["re-offer", (from) => nonEmptyString(from["sdp"], "sdp")],
  ["update", (from) => nonEmptyString(from["sdp"], "sdp")],
  ["ping", (from) => optionalMembers(from, "", { stats: boolean })],
  ["notify", notify],
  [
    "push",
    (from) => {
      if (from["data"] === undefined) throw new FieldProblem("data", "must be there");
    },
  ],
  [
    "switched",
    (from) => boolean(from["ignore_disconnect_websocket"], "ignore_disconnect_websocket"),
  ],
  ["req-stats", () => {}],
  [
    "close",
    (from) => {
      integer(from["code"], "code");
      string(from["reason"], "reason");
    },
  ],
]);

/** Whether a text is longer than so many bytes of UTF-8; most need no counting. */
function exceeds(text: string, maxBytes: number): boolean {
  if (text.length > maxBytes) return true;
  return text.length * 3 > maxBytes && new TextEncoder().encode(text).byteLength > maxBytes;
}

/**
 * Parses a text that came from the server into JSON that is safe to handle.
 *
 * @throws {FieldProblem} If it is too long, nests too deep or is not JSON.
 */
export function parseJson(text: string, limits: ParseLimits): unknown {
  if (exceeds(text, limits.maxBytes)) {
    throw new FieldProblem("", `must have at most ${limits.maxBytes} bytes`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The runtimes' own texts quote the input, which may hold secrets.
    throw new FieldProblem("", "must be JSON");
  }
  secure(value, limits.maxDepth);
  return value;
}

/** What may be a long `notify` is parsed with its limit; anything else of that length is not even parsed. */
function parseMessage(text: string, limits: ParseLimits): Fields {
  const isLong = exceeds(text, limits.maxBytes);
  const mayBeLong = isLong && text.includes('"notify"');
  const maxBytes = mayBeLong ? limits.maxNotifyBytes : limits.maxBytes;
  const from = object(parseJson(text, { ...limits, maxBytes }), "");
  if (isLong && from["type"] !== "notify") {
    throw new FieldProblem("", `must have at most ${limits.maxBytes} bytes`);
  }
  return from;
}

/** Parses a signaling message. Never throws. */
export function parseServerMessage(
  text: string,
  limits: ParseLimits = DEFAULT_PARSE_LIMITS,
): ParseResult {
  let type: string | undefined;
  try {
    const from = parseMessage(text, limits);
    string(from["type"], "type");
    type = from["type"] as string;
    const check = MESSAGES.get(type);
    if (check === undefined) return { kind: "unknown", type };
    check(from);
    return { kind: "message", message: from as unknown as ServerMessage };
  } catch (error) {
    if (!(error instanceof FieldProblem)) throw error;
    const { path, message: problem } = error;
    return { kind: "invalid", ...(type === undefined ? {} : { type }), path, problem };
  }
}
