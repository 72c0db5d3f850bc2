/**
 * The context that all parts of a session share.
 *
 * @module
 */

import type { ChannelLimits } from "./framing.ts";
import type { Clock } from "../../base/clock.ts";
import type { ClientInformation } from "../messages/connect.ts";
import type { SignalingCounters } from "./counters.ts";
import type { transition } from "./transition.ts";
import type { SignalingHandlers } from "./handlers.ts";
import type { ParseLimits } from "../messages/parse.ts";
import type { PeerFactory } from "./peer.ts";
import type { ReconnectingEvent } from "../options/reconnect_policy.ts";
import type { SocketFactory } from "../socket/socket.ts";
import type { CheckedSignalingOptions } from "../options/validate.ts";

/** Limits of what the server sends. */
export interface SignalingLimits extends ParseLimits, ChannelLimits {
  /** The most redirects of one attempt to connect. */
  readonly maxRedirects: number;
  /**
   * The longest wait for the own `connection.created` once the peer connection is connected, in milliseconds: a server whose
   * authentication sets `signaling_notify: false` never sends it, and the offer does not show that.
   */
  readonly createdWaitMs: number;
}

/** Observes the data channels for messages, before the handlers are called. Must not throw. */
export interface DataChannelObserver {
  /** A message was received; its bytes also go to `onMessage`. */
  message(label: string, data: Uint8Array): void;
  /** A channel opened or closed, or its buffered amount decreased. */
  changed(label: string): void;
  /** The connection has ended and will not be retried; called right before `onDisconnect`. */
  ended(): void;
}

/** Observes a session from its first `connect()` on, before the handlers are called. Must not throw. */
export interface SessionObserver {
  /** The connection was lost, or an attempt to make it again failed; the next attempt follows. */
  reconnecting(event: ReconnectingEvent): void;
  /** The connection was made again. */
  reconnected(): void;
  /** The connection, or the first attempt to make it, has ended for good. */
  ended(): void;
}

/** Dependencies of a session. */
export interface SessionDependencies {
  /** From `checkSignalingOptions`. */
  readonly options: CheckedSignalingOptions;
  /** Looked up whenever something happens. */
  readonly handlers: SignalingHandlers;
  /** Observes the data channels before the handlers are called. */
  readonly dataChannels?: DataChannelObserver;
  /** Observes the session. */
  readonly observer?: SessionObserver;
  /** Opens peer connections. */
  readonly createPeer: PeerFactory;
  /** Opens WebSockets: `createWebSocket` of `websocket.ts`. */
  readonly createSocket: SocketFactory;
  /** Information on the client. */
  readonly client: ClientInformation;
  /** The clock (default: the system's). */
  readonly clock?: Clock;
  /** Random numbers from 0 up to 1 (default: `Math.random`). */
  readonly random?: () => number;
  /** Limits of what the server sends. */
  readonly limits?: Partial<SignalingLimits>;
  /** The state machine of a connection; tests observe it. */
  readonly transition?: typeof transition;
}

/** The context that all parts of a session share: its dependencies, with what they leave out. */
export interface SessionContext extends Omit<SessionDependencies, "clock" | "random" | "limits"> {
  /** The clock. */
  readonly clock: Clock;
  /** Random numbers from 0 up to 1. */
  readonly random: () => number;
  /** Limits of what the server sends. */
  readonly limits: SignalingLimits;
  /** Counters of what is dropped. */
  readonly counters: SignalingCounters;
}
