/**
 * `notify`: what happened in the channel, told apart by `event_type`. Field names are those on the wire. Servers may send
 * more fields than are named here, and events that are not known here.
 *
 * @module
 */

import type { JsonValue } from "../../base/json.ts";
import type { SoraRole } from "../options/options.ts";

/** What all notifications have. */
export interface NotifyBase {
  /** Discriminant of the message. */
  readonly type: "notify";
  /** When it happened: RFC 3339, UTC, microseconds. */
  readonly timestamp?: string;
}

/** A member that was there before. */
export interface NotifyMember {
  /** The client's name. */
  readonly client_id?: string;
  /** The bundle. */
  readonly bundle_id?: string;
  /** The connection. */
  readonly connection_id: string;
  /** What the member gave as `signalingNotifyMetadata`. */
  readonly authn_metadata?: JsonValue;
  /** What its authentication gave. */
  readonly authz_metadata?: JsonValue;
  /** Its metadata as changed later. */
  readonly metadata?: JsonValue;
}

/** What the `connection.*` notifications share. */
export interface NotifyConnectionBase extends NotifyBase {
  /** What the connection does. */
  readonly role?: SoraRole;
  /** The channel's session. */
  readonly session_id?: string;
  /** The client's name. */
  readonly client_id?: string;
  /** The bundle. */
  readonly bundle_id?: string;
  /** The connection. */
  readonly connection_id: string;
  /** It has audio. */
  readonly audio?: boolean;
  /** It has video. */
  readonly video?: boolean;
  /** Whole minutes since it connected. */
  readonly minutes?: number;
  /** Members of the channel, after the event. */
  readonly channel_connections?: number;
  /** Members that send and receive. */
  readonly channel_sendrecv_connections?: number;
  /** Members that only send. */
  readonly channel_sendonly_connections?: number;
  /** Members that only receive. */
  readonly channel_recvonly_connections?: number;
  /** How it reaches TURN. */
  readonly turn_transport_type?: "udp" | "tcp";
}

/** A connection's media is up. */
export interface NotifyConnectionCreated extends NotifyConnectionBase {
  /** Discriminant. */
  readonly event_type: "connection.created";
  /** What the client gave as `signalingNotifyMetadata`. */
  readonly authn_metadata?: JsonValue;
  /** What its authentication gave. */
  readonly authz_metadata?: JsonValue;
  /** Its metadata as changed later. */
  readonly metadata?: JsonValue;
  /** Only in the newcomer's own notification: those who were there before. */
  readonly data?: readonly NotifyMember[];
}

/** A connection's regular sign of life. */
export interface NotifyConnectionUpdated extends NotifyConnectionBase {
  /** Discriminant. */
  readonly event_type: "connection.updated";
}

/** A connection ended. */
export interface NotifyConnectionDestroyed extends NotifyConnectionBase {
  /** Discriminant. */
  readonly event_type: "connection.destroyed";
  /** What the client gave as `signalingNotifyMetadata`. */
  readonly authn_metadata?: JsonValue;
  /** What its authentication gave. */
  readonly authz_metadata?: JsonValue;
  /** Its metadata as changed later. */
  readonly metadata?: JsonValue;
}

/** How stable the own network is. */
export interface NotifyNetworkStatus extends NotifyBase {
  /** Discriminant. */
  readonly event_type: "network.status";
  /** 0 (stable) to 3. */
  readonly unstable_level: number;
}

/** The spotlight changed (older servers). */
export interface NotifySpotlightChanged extends NotifyBase {
  /** Discriminant. */
  readonly event_type: "spotlight.changed";
  /** The client now in that place. */
  readonly client_id?: string | null;
  /** Its connection. */
  readonly connection_id?: string | null;
  /** The place. */
  readonly spotlight_id?: string;
  /** It was put there by hand. */
  readonly fixed?: boolean;
  /** It has audio. */
  readonly audio?: boolean;
  /** It has video. */
  readonly video?: boolean;
}

/** A member came into or left the focus. */
export interface NotifySpotlightFocus extends NotifyBase {
  /** Discriminant. */
  readonly event_type: "spotlight.focused" | "spotlight.unfocused";
  /** The client. */
  readonly client_id?: string | null;
  /** Its connection. */
  readonly connection_id: string;
  /** Its bundle. */
  readonly bundle_id?: string;
  /** It has audio. */
  readonly audio?: boolean;
  /** It has video. */
  readonly video?: boolean;
  /** It was put there by hand. */
  readonly fixed?: boolean;
}

/** The layer received from a sender changed (Sora 2025.2 and later). */
export interface NotifySimulcastSwitched extends NotifyBase {
  /** Discriminant. */
  readonly event_type: "simulcast.switched";
  /** The sender; `null` when it is about all. */
  readonly sender_connection_id?: string | null;
  /** The direction. */
  readonly priority?: string;
  /** Who caused it. */
  readonly trigger?: string;
  /** Layers that can be asked for by remote procedure call. */
  readonly rpc_rids?: readonly string[];
  /** Layers chosen from automatically. */
  readonly auto_rids?: readonly string[];
  /** The layer asked for. */
  readonly request_rid?: string;
  /** The layer now. */
  readonly current_rid?: string;
  /** The layer before. */
  readonly previous_rid?: string;
}

/** An event that this version does not know: all its fields as they came. */
export interface NotifyUnknown extends NotifyBase {
  /**
   * The event's own name at run time. TypeScript has no type for "any string but the known ones", and `string` here would
   * keep `switch (message.event_type)` from telling the known ones apart; assign it to a `string` to compare it.
   */
  readonly event_type: "(a name unknown to this version)";
  /** Whatever came. */
  readonly [field: string]: JsonValue | undefined;
}

/** Notifications whose `event_type` is known. */
export type KnownNotifyMessage =
  | NotifyConnectionCreated
  | NotifyConnectionUpdated
  | NotifyConnectionDestroyed
  | NotifyNetworkStatus
  | NotifySpotlightChanged
  | NotifySpotlightFocus
  | NotifySimulcastSwitched;

/** Every notification. */
export type NotifyMessage = KnownNotifyMessage | NotifyUnknown;
