/**
 * The fields of messages from the server, each with its check: what this version knows must be of its type, anything else passes.
 *
 * @module
 */

import {
  array,
  boolean,
  direction,
  type Fields,
  integer,
  nonEmptyString,
  number,
  object,
  oneOf,
  optionalFields,
  string,
  stringOrNull,
  strings,
} from "./fields.ts";

function iceServer(value: unknown, path: string): void {
  const server = object(value, path);
  array(server["urls"], `${path}.urls`, nonEmptyString);
  optionalFields(server, path, { username: string, credential: string });
}

function config(value: unknown, path: string): void {
  const from = object(value, path);
  array(from["iceServers"], `${path}.iceServers`, iceServer);
  optionalFields(from, path, { iceTransportPolicy: oneOf("all", "relay") });
}

function encoding(value: unknown, path: string): void {
  const from = object(value, path);
  nonEmptyString(from["rid"], `${path}.rid`);
  optionalFields(from, path, {
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
      optionalFields(codec, path, { sdpFmtpLine: string });
    },
  });
}

function dataChannel(value: unknown, path: string): void {
  const from = object(value, path);
  nonEmptyString(from["label"], `${path}.label`);
  direction(from["direction"], `${path}.direction`);
  boolean(from["compress"], `${path}.compress`);
  optionalFields(from, path, {
    header: (value, path) =>
      array(value, path, (value, path) => {
        const header = object(value, path);
        string(header["type"], `${path}.type`);
        optionalFields(header, path, { length: integer });
      }),
    ordered: boolean,
    max_packet_life_time: integer,
    max_retransmits: integer,
    protocol: string,
  });
}

/** `offer`. */
export function offer(from: Fields): void {
  nonEmptyString(from["sdp"], "sdp");
  nonEmptyString(from["connection_id"], "connection_id");
  config(from["config"], "config");
  optionalFields(from, "", {
    client_id: string,
    bundle_id: string,
    session_id: string,
    channel_id: string,
    version: string,
    simulcast: boolean,
    simulcast_multicodec: boolean,
    spotlight: boolean,
    multistream: boolean,
    encodings: (value, path) => array(value, path, encoding),
    mid: (value, path) =>
      optionalFields(object(value, path), path, {
        audio: nonEmptyString,
        video: nonEmptyString,
      }),
    data_channel_signaling: boolean,
    ignore_disconnect_websocket: boolean,
    data_channels: (value, path) => array(value, path, dataChannel),
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

/** Most members of a channel. */
const MAX_MEMBERS = 65536;

function members(value: unknown, path: string): void {
  array(value, path, (value, path) => {
    const member = object(value, path);
    string(member["connection_id"], `${path}.connection_id`);
    optionalFields(member, path, { client_id: string, bundle_id: string });
  }, MAX_MEMBERS);
}

function connectionEvent(from: Fields): void {
  nonEmptyString(from["connection_id"], "connection_id");
  optionalFields(from, "", { ...CONNECTION, data: members });
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
  optionalFields(from, "", SPOTLIGHT);
}

/** Checks of known notifications; others pass unchecked. */
const EVENTS = new Map<string, (from: Fields) => void>([
  ["connection.created", connectionEvent],
  ["connection.updated", connectionEvent],
  ["connection.destroyed", connectionEvent],
  ["network.status", (from) => integer(from["unstable_level"], "unstable_level")],
  [
    "spotlight.changed",
    (from) => optionalFields(from, "", { ...SPOTLIGHT, connection_id: stringOrNull }),
  ],
  ["spotlight.focused", spotlightFocus],
  ["spotlight.unfocused", spotlightFocus],
  [
    "simulcast.switched",
    (from) =>
      optionalFields(from, "", {
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

/** `notify`. */
export function notify(from: Fields): void {
  nonEmptyString(from["event_type"], "event_type");
  optionalFields(from, "", { timestamp: string });
  EVENTS.get(from["event_type"] as string)?.(from);
}
