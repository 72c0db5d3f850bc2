/** The `connect` message: validation and defaults. */
import { type DataChannelSettings, parseDataChannels } from "../data/data_channel_settings.ts";
import { type ForwardingFilter, parseForwardingFilters } from "./forwarding_filter.ts";
import type { JsonObject, JsonValue } from "../../base/json.ts";
import { type AudioRequest, parseAudio, parseVideo, type VideoRequest } from "./media_request.ts";
import { isTooLarge } from "./member_metadata.ts";
import { REQUEST_RIDS } from "../sdp/rids.ts";
import {
  parseSpotlight,
  type SpotlightRequest,
  withSpotlightSimulcast,
} from "./spotlight_request.ts";
import { invalid, reasonName, Refusal } from "./refusal.ts";
import { parseSimulcast, type SimulcastRequest } from "./simulcast.ts";

/** What a member does in its channel. */
export type Role = "sendrecv" | "sendonly" | "recvonly";

/** A valid `connect` message. */
export interface ConnectRequest {
  readonly role: Role;
  readonly channelId: string;
  readonly clientId?: string;
  readonly bundleId?: string;
  /** Absent when audio is off. */
  readonly audio?: AudioRequest;
  /** Absent when video is off. */
  readonly video?: VideoRequest;
  /** Absent when simulcast is off. */
  readonly simulcast?: SimulcastRequest;
  readonly notifyMetadata?: JsonValue;
  /** Absent without spotlight. */
  readonly spotlight?: SpotlightRequest;
  /** Whether the client was redirected here. */
  readonly redirected: boolean;
  /** The server's option decides if undefined. */
  readonly dataChannelSignaling?: boolean;
  readonly ignoreDisconnectWebSocket?: boolean;
  readonly dataChannels: readonly DataChannelSettings[];
  readonly forwardingFilters: readonly ForwardingFilter[];
}

/** Properties that describe the client, and change nothing. */
const DESCRIPTIONS = ["sora_client", "libwebrtc", "environment", "sdp"];

const MAX_ID_BYTES = 255;

/**
 * Reads a `connect` message.
 *
 * @throws Refusal naming the property that is wrong.
 */
export function parseConnect(message: JsonObject): ConnectRequest {
  const role = message.role;
  if (role !== "sendrecv" && role !== "sendonly" && role !== "recvonly") {
    throw new Refusal(
      role === undefined ? "MISSING-ROLE" : "INVALID-ROLE",
      "connect.role must be sendrecv, sendonly or recvonly",
    );
  }
  const channelId = id(message, "channel_id");
  if (channelId === undefined) {
    throw new Refusal("MISSING-CHANNEL-ID", "connect.channel_id must be given");
  }
  const clientId = id(message, "client_id");
  const bundleId = id(message, "bundle_id");
  const asked = withSpotlightSimulcast(message);
  checkCombinations(asked);
  for (const key of DESCRIPTIONS) {
    if (message[key] !== undefined && typeof message[key] !== "string") {
      throw new Refusal(invalid(key), `connect.${key} must be a string`);
    }
  }
  const dataChannelSignaling = boolean(message, "data_channel_signaling");
  const ignoreDisconnectWebSocket = boolean(message, "ignore_disconnect_websocket");
  const audio = parseAudio(message.audio);
  const video = parseVideo(message.video);
  const spotlight = parseSpotlight(message);
  const simulcast = parseSimulcast(asked);
  if (
    message.signaling_notify_metadata !== undefined && isTooLarge(message.signaling_notify_metadata)
  ) {
    throw new Refusal(
      invalid("signaling_notify_metadata"),
      "connect.signaling_notify_metadata is too large",
    );
  }
  return {
    role,
    channelId,
    ...(clientId === undefined ? {} : { clientId }),
    ...(bundleId === undefined ? {} : { bundleId }),
    ...(audio === undefined ? {} : { audio }),
    ...(video === undefined ? {} : { video }),
    ...(simulcast === undefined ? {} : { simulcast }),
    ...(spotlight === undefined ? {} : { spotlight }),
    redirected: boolean(message, "redirect") ?? false,
    ...(dataChannelSignaling === undefined ? {} : { dataChannelSignaling }),
    ...(ignoreDisconnectWebSocket === undefined ? {} : { ignoreDisconnectWebSocket }),
    dataChannels: parseDataChannels(message.data_channels),
    forwardingFilters: parseForwardingFilters(message),
    ...(message.signaling_notify_metadata === undefined
      ? {}
      : { notifyMetadata: message.signaling_notify_metadata }),
  };
}

function boolean(message: JsonObject, key: string): boolean | undefined {
  const value = message[key];
  if (value !== undefined && typeof value !== "boolean") {
    throw new Refusal(invalid(key), `connect.${key} must be a boolean`);
  }
  return value;
}

const RIDS: readonly JsonValue[] = REQUEST_RIDS;
const SIMULCAST_RIDS = ["simulcast_rid", "simulcast_request_rid"];
/** Properties that need another one to be true. */
const DEPENDENT: readonly (readonly [needed: string, properties: readonly string[]])[] = [
  [
    "simulcast",
    [...SIMULCAST_RIDS, "simulcast_encodings", "simulcast_rpc_rids", "simulcast_multicodec"],
  ],
  [
    "spotlight",
    ["spotlight_focus_rid", "spotlight_unfocus_rid", "spotlight_number", "spotlight_encodings"],
  ],
];

/** Checks properties that need another one, or that have few values. */
function checkCombinations(message: JsonObject): void {
  for (const key of ["multistream", "simulcast", "simulcast_multicodec", "spotlight"]) {
    boolean(message, key);
  }
  for (const [needed, properties] of DEPENDENT) {
    if (message[needed] === true) continue;
    const stray = properties.find((key) => message[key] !== undefined && message[key] !== false);
    if (stray !== undefined) {
      throw new Refusal(
        `${reasonName(stray)}-WITHOUT-${reasonName(needed)}`,
        `connect.${stray} needs ${needed} to be true`,
      );
    }
  }
  for (const key of SIMULCAST_RIDS) {
    const value = message[key];
    if (value !== undefined && !RIDS.includes(value)) {
      throw new Refusal(invalid(key), `connect.${key} must be one of ${RIDS.join(", ")}`);
    }
  }
}

/** Whether a value may be the id of a channel, a client or a bundle. */
export function isId(value: unknown): value is string {
  return typeof value === "string" && value !== "" &&
    new TextEncoder().encode(value).length <= MAX_ID_BYTES;
}

function id(message: JsonObject, key: string): string | undefined {
  const value = message[key];
  if (value === undefined) return undefined;
  if (!isId(value)) {
    throw new Refusal(invalid(key), `connect.${key} must be a string of 1 to 255 bytes`);
  }
  return value;
}
