/** Settings of data channels: as `connect` requests them and as `offer` lists them. */
import { isObject, type JsonObject, type JsonValue } from "../../base/json.ts";
import { Refusal } from "../signaling/refusal.ts";
import type { DataChannelParameters } from "./dcep.ts";

/** Direction from the client's point of view. */
export type ChannelDirection = "sendrecv" | "sendonly" | "recvonly";

/** One data channel of a connection. */
export interface DataChannelSettings extends DataChannelParameters {
  readonly direction: ChannelDirection;
  /** Whether messages are zlib streams, both ways. */
  readonly compress: boolean;
  /** Whether each message to the client starts with its sender's connection id. */
  readonly header: boolean;
}

/** Labels of the data channels for signaling itself. */
export type SignalingLabel = "signaling" | "notify" | "push" | "stats" | "rpc";

/** Most messaging data channels of one connection. */
const MAX_CHANNELS = 32;
const MAX_LABEL_BYTES = 256;

function builtIn(label: SignalingLabel, direction: ChannelDirection): DataChannelSettings {
  return { label, direction, compress: true, header: false, ordered: true, protocol: "" };
}

/** The data channels that every connection with data channel signaling has. */
export const SIGNALING_DATA_CHANNELS: readonly DataChannelSettings[] = [
  builtIn("signaling", "sendrecv"),
  builtIn("notify", "recvonly"),
  builtIn("push", "recvonly"),
  builtIn("stats", "sendrecv"),
  builtIn("rpc", "sendrecv"),
];

/**
 * Reads `connect.data_channels`.
 *
 * @throws Refusal with the path of the wrong property.
 */
export function parseDataChannels(value: JsonValue | undefined): DataChannelSettings[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length > MAX_CHANNELS) {
    throw fail("connect.data_channels", `must be an array of at most ${MAX_CHANNELS} channels`);
  }
  const channels = value.map((item, index) => parseChannel(item, `data_channels[${index}]`));
  const labels = new Set(channels.map((channel) => channel.label));
  if (labels.size !== channels.length) throw fail("connect.data_channels", "has a label twice");
  return channels;
}

function fail(path: string, what: string): Refusal {
  return new Refusal("INVALID-DATA-CHANNELS", `${path} ${what}`);
}

function parseChannel(value: JsonValue, path: string): DataChannelSettings {
  if (!isObject(value)) throw fail(path, "must be an object");
  const { label, direction } = value;
  if (
    typeof label !== "string" || !/^#./.test(label) ||
    new TextEncoder().encode(label).length > MAX_LABEL_BYTES
  ) {
    throw fail(`${path}.label`, `must start with # and have 2 to ${MAX_LABEL_BYTES} bytes`);
  }
  if (direction !== "sendrecv" && direction !== "sendonly" && direction !== "recvonly") {
    throw fail(`${path}.direction`, "must be sendrecv, sendonly or recvonly");
  }
  const maxPacketLifeTime = limit(value, "max_packet_life_time", path);
  const maxRetransmits = limit(value, "max_retransmits", path);
  if (maxPacketLifeTime !== undefined && maxRetransmits !== undefined) {
    throw fail(path, "may have only one of max_packet_life_time and max_retransmits");
  }
  const protocol = value.protocol ?? "";
  if (typeof protocol !== "string" || new TextEncoder().encode(protocol).length > 255) {
    throw fail(`${path}.protocol`, "must be a string of at most 255 bytes");
  }
  return {
    label,
    direction,
    protocol,
    ordered: flag(value, "ordered", path) ?? true,
    compress: flag(value, "compress", path) ?? false,
    header: parseHeader(value.header, `${path}.header`),
    ...(maxPacketLifeTime === undefined ? {} : { maxPacketLifeTime }),
    ...(maxRetransmits === undefined ? {} : { maxRetransmits }),
  };
}

function limit(value: JsonObject, key: string, path: string): number | undefined {
  const number = value[key];
  if (number === undefined) return undefined;
  if (typeof number !== "number" || !Number.isInteger(number) || number < 0 || number > 65_535) {
    throw fail(`${path}.${key}`, "must be an integer from 0 to 65535");
  }
  return number;
}

function flag(value: JsonObject, key: string, path: string): boolean | undefined {
  const bool = value[key];
  if (bool !== undefined && typeof bool !== "boolean") {
    throw fail(`${path}.${key}`, "must be a boolean");
  }
  return bool;
}

function parseHeader(value: JsonValue | undefined, path: string): boolean {
  if (value === undefined) return false;
  const known = Array.isArray(value) && value.length <= 1 &&
    value.every((item) => isObject(item) && item.type === "sender_connection_id");
  if (!known) throw fail(path, 'must be a list of one {"type":"sender_connection_id"}');
  return value.length === 1;
}

/** A data channel as the offer lists it. */
export function offeredDataChannel(channel: DataChannelSettings): JsonObject {
  const { label, direction, compress, maxPacketLifeTime, maxRetransmits } = channel;
  if (!label.startsWith("#")) return { label, direction, compress };
  return {
    label,
    direction,
    compress,
    ordered: channel.ordered,
    ...(channel.protocol === "" ? {} : { protocol: channel.protocol }),
    ...(maxPacketLifeTime === undefined ? {} : { max_packet_life_time: maxPacketLifeTime }),
    ...(maxRetransmits === undefined ? {} : { max_retransmits: maxRetransmits }),
    ...(channel.header ? { header: [{ type: "sender_connection_id", length: 26 }] } : {}),
  };
}
