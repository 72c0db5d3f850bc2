/**
 * Messages from Sora to the client, but for `offer` and `notify`. Field names are those on the wire.
 *
 * @module
 */

import type { JsonValue } from "../../base/json.ts";
import type { NotifyMessage } from "./notify.ts";
import type { OfferMessage } from "./offer.ts";

/** Redirects the client to another node. */
export interface RedirectMessage {
  /** Discriminant. */
  readonly type: "redirect";
  /** The `ws:` or `wss:` URL of the other node. */
  readonly location: string;
}

/** A new remote description. */
export interface ReOfferMessage {
  /** Discriminant. */
  readonly type: "re-offer";
  /** The remote description. */
  readonly sdp: string;
}

/** The name of `re-offer` before Sora 2022.1. */
export interface UpdateMessage {
  /** Discriminant. */
  readonly type: "update";
  /** The remote description. */
  readonly sdp: string;
}

/** Keep-alive request. */
export interface PingMessage {
  /** Discriminant. */
  readonly type: "ping";
  /** Whether statistics are requested. */
  readonly stats?: boolean;
}

/** Data that the application pushed through the server. */
export interface PushMessage {
  /** Discriminant. */
  readonly type: "push";
  /** The data. */
  readonly data: JsonValue;
}

/** Signaling moves to the data channels. */
export interface SwitchedMessage {
  /** Discriminant. */
  readonly type: "switched";
  /** Whether the WebSocket may be closed from now on. */
  readonly ignore_disconnect_websocket: boolean;
}

/** Request for statistics, on the data channel `stats`. */
export interface ReqStatsMessage {
  /** Discriminant. */
  readonly type: "req-stats";
}

/** Announcement of the end, on the data channel `signaling`. */
export interface CloseMessage {
  /** Discriminant. */
  readonly type: "close";
  /** Like a WebSocket's close code; 1000 for an end in order. */
  readonly code: number;
  /** The reason. */
  readonly reason: string;
}

/** Every message from Sora to the client. */
export type ServerMessage =
  | OfferMessage
  | RedirectMessage
  | ReOfferMessage
  | UpdateMessage
  | PingMessage
  | NotifyMessage
  | PushMessage
  | SwitchedMessage
  | ReqStatsMessage
  | CloseMessage;
