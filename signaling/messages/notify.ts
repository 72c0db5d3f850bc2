/**
 * `notify`: events of the channel, distinguished by `event_type`. Field names are those on the wire. Servers may send more
 * fields than are listed here, and events that are unknown here.
 *
 * @module
 */

import type { JsonValue } from "../../base/json.ts";
import type { SoraRole } from "../options/options.ts";

/** What all notifications share. */
export interface NotifyBase {
  /** Discriminant of the message. */
  readonly type: "notify";
  /** The time of the event: RFC 3339, UTC, microseconds. */
  readonly timestamp?: string;
}

/** A member that joined before. */
export interface NotifyMember {
  /** The client's name. */
  readonly client_id?: string;
  /** The bundle. */
  readonly bundle_id?: string;
  /** The connection. */
  readonly connection_id: string;
  /** The member's `signalingNotifyMetadata`. */
  readonly authn_metadata?: JsonValue;
  /** The metadata from its authentication. */
  readonly authz_metadata?: JsonValue;
  /** Its metadata, if changed later. */
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
  /** Whether it has audio. */
  readonly audio?: boolean;
  /** Whether it has video. */
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
  /** The client's `signalingNotifyMetadata`. */
  readonly authn_metadata?: JsonValue;
  /** The metadata from its authentication. */
  readonly authz_metadata?: JsonValue;
  /** Its metadata, if changed later. */
  readonly metadata?: JsonValue;
  /** Only in the newcomer's own notification: the members that joined before. */
  readonly data?: readonly NotifyMember[];
}

/** A connection's periodic update. */
export interface NotifyConnectionUpdated extends NotifyConnectionBase {
  /** Discriminant. */
  readonly event_type: "connection.updated";
}

/** A connection ended. */
export interface NotifyConnectionDestroyed extends NotifyConnectionBase {
  /** Discriminant. */
  readonly event_type: "connection.destroyed";
  /** The client's `signalingNotifyMetadata`. */
  readonly authn_metadata?: JsonValue;
  /** The metadata from its authentication. */
  readonly authz_metadata?: JsonValue;
  /** Its metadata, if changed later. */
  readonly metadata?: JsonValue;
}

/** The stability of this client's network. */
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
  /** The client that is now in the place. */
  readonly client_id?: string | null;
  /** Its connection. */
  readonly connection_id?: string | null;
  /** The place. */
  readonly spotlight_id?: string;
  /** Whether it was fixed there by the application. */
  readonly fixed?: boolean;
  /** Whether it has audio. */
  readonly audio?: boolean;
  /** Whether it has video. */
  readonly video?: boolean;
}

/** A member gained or lost the focus. */
export interface NotifySpotlightFocus extends NotifyBase {
  /** Discriminant. */
  readonly event_type: "spotlight.focused" | "spotlight.unfocused";
  /** The client. */
  readonly client_id?: string | null;
  /** Its connection. */
  readonly connection_id: string;
  /** Its bundle. */
  readonly bundle_id?: string;
  /** Whether it has audio. */
  readonly audio?: boolean;
  /** Whether it has video. */
  readonly video?: boolean;
  /** Whether it was fixed there by the application. */
  readonly fixed?: boolean;
}

/** The layer received from a sender changed (Sora 2025.2 and later). */
export interface NotifySimulcastSwitched extends NotifyBase {
  /** Discriminant. */
  readonly event_type: "simulcast.switched";
  /** The sender; `null` for all senders. */
  readonly sender_connection_id?: string | null;
  /** The direction. */
  readonly priority?: string;
  /** What caused it. */
  readonly trigger?: string;
  /** Layers that can be requested by remote procedure call. */
  readonly rpc_rids?: readonly string[];
  /** Layers chosen from automatically. */
  readonly auto_rids?: readonly string[];
  /** The requested layer. */
  readonly request_rid?: string;
  /** The current layer. */
  readonly current_rid?: string;
  /** The previous layer. */
  readonly previous_rid?: string;
}

/** An event that this version does not know, with all its fields unmodified. */
export interface NotifyUnknown extends NotifyBase {
  /**
   * The event's own name at run time. TypeScript has no type for "any string but the known ones", and `string` here would
   * keep `switch (message.event_type)` from narrowing to the known ones; assign it to a `string` to compare it.
   */
  readonly event_type: "(a name unknown to this version)";
  /** All other fields. */
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
