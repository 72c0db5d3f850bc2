/**
 * What all parts of a session share.
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
import type { SocketFactory } from "../socket/socket.ts";
import type { CheckedSignalingOptions } from "../options/validate.ts";

/** Limits of what comes from the server. */
export interface SignalingLimits extends ParseLimits, ChannelLimits {
  /** How many times a server may redirect. */
  readonly maxRedirects: number;
  /**
   * How long the own `connection.created` is waited for once the peer connection is connected, in milliseconds: a server whose
   * authentication says `signaling_notify: false` never sends it, and the offer does not tell.
   */
  readonly createdWaitMs: number;
}

/** Sees the data channels for messages of each connection, before the handlers do. Must not throw. */
export interface DataChannelObserver {
  /** A message came; its bytes also go to `onMessage`. */
  message(label: string, data: Uint8Array): void;
  /** A channel opened or closed, or less waits for sending. */
  changed(label: string): void;
  /** The connection has ended and will not be made again; called right before `onDisconnect`. */
  ended(): void;
}

/** What the parts of a session share. */
export interface SessionContext {
  /** Checked options. */
  readonly options: CheckedSignalingOptions;
  /** The owner's handlers. */
  readonly handlers: SignalingHandlers;
  /** Sees the data channels. */
  readonly dataChannels?: DataChannelObserver;
  /** Opens peer connections. */
  readonly createPeer: PeerFactory;
  /** Opens WebSockets. */
  readonly createSocket: SocketFactory;
  /** Who connects. */
  readonly client: ClientInformation;
  /** Time. */
  readonly clock: Clock;
  /** Random numbers from 0 up to 1. */
  readonly random: () => number;
  /** Counts what is dropped. */
  readonly counters: SignalingCounters;
  /** Limits of what comes from the server. */
  readonly limits: SignalingLimits;
  /** The state machine; tests observe it. */
  readonly transition?: typeof transition;
}
