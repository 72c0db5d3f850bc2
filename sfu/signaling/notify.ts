/** `notify` messages. */
import type { JsonObject, JsonValue } from "../../base/json.ts";
import { isHigher, type RequestRid } from "../sdp/rids.ts";
import type { Role } from "./connect_request.ts";

/** The connection that a notification is about. */
export interface NotifySubject {
  readonly role: Role;
  readonly sessionId: string;
  readonly clientId: string;
  readonly bundleId: string;
  readonly connectionId: string;
  readonly audio: boolean;
  readonly video: boolean;
  /** `signaling_notify_metadata` of its `connect`. */
  readonly notifyMetadata?: JsonValue;
  /** `signaling_notify_metadata` of its access token. */
  readonly authzMetadata?: JsonValue;
  /** Metadata that the connection set by RPC or the server's API. */
  readonly metadata?: JsonValue;
  /** Whole minutes since it was created. */
  readonly minutes: number;
}

/** Connections of a channel by role. */
export interface ChannelCounts {
  readonly sendrecv: number;
  readonly sendonly: number;
  readonly recvonly: number;
  /** How many members its spotlight focuses; absent without one. */
  readonly spotlightNumber?: number;
}

/** A time of `performance.now()`, or the present one, as Sora writes it: RFC 3339, UTC, microseconds. */
export function timestamp(nowMs = performance.now()): string {
  const ms = performance.timeOrigin + nowMs;
  const micros = Math.floor((ms % 1) * 1000).toString().padStart(3, "0");
  return new Date(ms).toISOString().replace("Z", `${micros}Z`);
}

/** An event of a connection. */
export function connectionEvent(
  event: "connection.created" | "connection.updated" | "connection.destroyed",
  subject: NotifySubject,
  counts: ChannelCounts,
): JsonObject {
  return {
    type: "notify",
    event_type: event,
    timestamp: timestamp(),
    role: subject.role,
    session_id: subject.sessionId,
    client_id: subject.clientId,
    bundle_id: subject.bundleId,
    connection_id: subject.connectionId,
    audio: subject.audio,
    video: subject.video,
    minutes: subject.minutes,
    channel_connections: counts.sendrecv + counts.sendonly + counts.recvonly,
    channel_sendrecv_connections: counts.sendrecv,
    channel_sendonly_connections: counts.sendonly,
    channel_recvonly_connections: counts.recvonly,
    turn_transport_type: "udp",
    ...(counts.spotlightNumber === undefined ? {} : { spotlight_number: counts.spotlightNumber }),
    ...(event === "connection.updated" ? {} : metadataOf(subject)),
  };
}

/**
 * The server is about to close. Sora has no such notification; clients hand on those that they do not know.
 *
 * @param remainingMs time until connections end that have not ended by themselves
 */
export function serverClosing(remainingMs: number): JsonObject {
  return {
    type: "notify",
    event_type: "server.closing",
    timestamp: timestamp(),
    remaining_ms: remainingMs,
  };
}

/**
 * A member gained the focus of its channel's spotlight, or lost it.
 *
 * @param fixed whether it keeps it, or kept it, whoever speaks
 */
export function spotlightEvent(
  subject: NotifySubject,
  focused: boolean,
  fixed: boolean,
): JsonObject {
  return {
    type: "notify",
    event_type: focused ? "spotlight.focused" : "spotlight.unfocused",
    timestamp: timestamp(),
    session_id: subject.sessionId,
    client_id: subject.clientId,
    bundle_id: subject.bundleId,
    connection_id: subject.connectionId,
    audio: subject.audio,
    video: subject.video,
    fixed,
  };
}

function metadataOf(subject: NotifySubject): JsonObject {
  return {
    ...(subject.notifyMetadata === undefined ? {} : { authn_metadata: subject.notifyMetadata }),
    ...(subject.authzMetadata === undefined ? {} : { authz_metadata: subject.authzMetadata }),
    ...(subject.metadata === undefined ? {} : { metadata: subject.metadata }),
  };
}

/** One entry of `data` in a newcomer's own `connection.created`. */
export function presentMember(subject: NotifySubject): JsonObject {
  return {
    client_id: subject.clientId,
    bundle_id: subject.bundleId,
    connection_id: subject.connectionId,
    ...metadataOf(subject),
  };
}

/** A change of the layer that a receiver gets of a sender. */
export interface SimulcastSwitch {
  readonly senderId: string;
  readonly requested: RequestRid;
  readonly current: RequestRid;
  readonly previous: RequestRid;
  readonly trigger: "receiver" | "sender";
}

/** The notification of that change, to the receiver alone. */
export function simulcastSwitched(
  { senderId, requested, current, previous, trigger }: SimulcastSwitch,
  rpcRids: readonly RequestRid[],
): JsonObject {
  return {
    type: "notify",
    event_type: "simulcast.switched",
    timestamp: timestamp(),
    sender_connection_id: senderId,
    priority: isHigher(current, previous) ? "higher" : "lower",
    trigger,
    rpc_rids: rpcRids,
    auto_rids: [],
    request_rid: requested,
    current_rid: current,
    previous_rid: previous,
  };
}
