/**
 * The handlers of a connection, and how they are called.
 *
 * @module
 */

import { callHandler } from "../../base/handlers.ts";
import type { SoraSignalingErrorCode } from "../../base/errors.ts";
import type {
  NotifyMessage,
  OfferMessage,
  PushMessage,
  ServerMessage,
  SwitchedMessage,
} from "../messages/mod.ts";
import type { ReconnectedEvent, ReconnectingEvent } from "../options/reconnect_policy.ts";

/** The transport of a signaling message. */
export const SoraSignalingType = {
  /** The WebSocket. */
  WEBSOCKET: "WEBSOCKET",
  /** The data channel `signaling`. */
  DATACHANNEL: "DATACHANNEL",
} as const;

/** The transport of a signaling message. */
export type SoraSignalingType = typeof SoraSignalingType[keyof typeof SoraSignalingType];

/** The direction of a signaling message. */
export const SoraSignalingDirection = {
  /** To the server. */
  SENT: "SENT",
  /** From the server. */
  RECEIVED: "RECEIVED",
} as const;

/** The direction of a signaling message. */
export type SoraSignalingDirection =
  typeof SoraSignalingDirection[keyof typeof SoraSignalingDirection];

/** What is known about a received message besides its data. */
export interface DataChannelMessageInfo {
  /** Who sent it; only on channels that asked for the header `sender_connection_id`. */
  readonly senderConnectionId?: string;
}

/**
 * Handlers, each looked up when its event happens, so they may be set at any time. They may be async. One that throws or
 * rejects is reported once to `onError`, and everything goes on. `this` is the object that they are set on: a method of another
 * object must be bound, `() => player.show()` or `player.show.bind(player)`.
 */
export interface SignalingHandlers {
  /** The offer was applied to the peer connection; the second argument is the unmodified message. */
  onSetOffer?: ((offer: OfferMessage, text: string) => unknown) | undefined;
  /** Something happened in the channel. */
  onNotify?: ((message: NotifyMessage, text: string) => unknown) | undefined;
  /** The application pushed something through the server. */
  onPush?: ((message: PushMessage, text: string) => unknown) | undefined;
  /** Signaling moved to the data channels. */
  onSwitched?: ((message: SwitchedMessage, text: string) => unknown) | undefined;
  /**
   * A signaling message was sent or received: connect, redirect, offer, answer, candidate, re-offer, re-answer, disconnect,
   * and all that comes on the data channel `signaling`.
   */
  onSignalingMessage?:
    | ((type: SoraSignalingType, direction: SoraSignalingDirection, text: string) => unknown)
    | undefined;
  /**
   * The WebSocket is closed; 1000 `SELF-CLOSED` when this side closed it because it was not needed any more. A reason of the
   * server's is unmodified, with whatever characters.
   */
  onWsClose?: ((code: number, reason: string) => unknown) | undefined;
  /** The connection was lost and will be retried according to the option `reconnect`. */
  onReconnecting?: ((event: ReconnectingEvent) => unknown) | undefined;
  /** The connection was made again. */
  onReconnected?: ((event: ReconnectedEvent) => unknown) | undefined;
  /** The connection ended: exactly once per `connect()`, and nothing is called after it. */
  onDisconnect?: ((code: SoraSignalingErrorCode, message: string) => unknown) | undefined;
  /** A data channel whose label starts with `#` is open. */
  onDataChannel?: ((label: string) => unknown) | undefined;
  /** A message came on a data channel whose label starts with `#`. */
  onMessage?:
    | ((label: string, data: Uint8Array, info: DataChannelMessageInfo) => unknown)
    | undefined;
  /** A message came on the data channel `rpc` that does not answer a call of `rpc()`. */
  onRpc?: ((text: string) => unknown) | undefined;
  /** A handler threw or rejected. Without this handler the error is written to the console; it is never fatal. */
  onError?: ((error: unknown) => unknown) | undefined;
}

/** The names of the handlers but `onError`. */
export type SignalingEvent = Exclude<keyof SignalingHandlers, "onError">;

/** The arguments of a handler. */
export type SignalingEventArguments<E extends SignalingEvent> = Parameters<
  NonNullable<SignalingHandlers[E]>
>;

/** Calls the handler of an event if there is one; what it throws or rejects with goes to `onError`, once. */
export function dispatch<E extends SignalingEvent>(
  handlers: SignalingHandlers,
  event: E,
  ...args: SignalingEventArguments<E>
): void {
  callHandler(
    handlers,
    handlers[event] as ((...args: SignalingEventArguments<E>) => unknown) | undefined,
    ...args,
  );
}

/** Server messages that are only reported, once there is a peer connection, with their handlers. */
export const REPORTED_MESSAGES = { push: "onPush" } as const satisfies Partial<
  Record<ServerMessage["type"], SignalingEvent>
>;

/** The handlers of one attempt to connect, which are called until it ends or is given up. */
export class Reporter {
  readonly #handlers: SignalingHandlers;
  #state: "open" | "muted" | "ended" = "open";

  /** @param handlers Looked up whenever something happens. */
  constructor(handlers: SignalingHandlers) {
    this.#handlers = handlers;
  }

  /** Whether all handlers may be called. */
  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** Whether connecting was given up: `onWsClose` is still called. */
  get isMuted(): boolean {
    return this.#state === "muted";
  }

  /** Calls the handler of an event, if it may be called. */
  emit<E extends SignalingEvent>(event: E, ...args: SignalingEventArguments<E>): void {
    if (this.#state === "open" || (this.#state === "muted" && event === "onWsClose")) {
      dispatch(this.#handlers, event, ...args);
    }
  }

  /** Calls the handler of a message that is only reported. */
  report(type: keyof typeof REPORTED_MESSAGES, message: ServerMessage, text: string): void {
    // The table pairs each type with the handler that takes it.
    this.emit(REPORTED_MESSAGES[type], ...[message, text] as unknown as [never, string]);
  }

  /** Connecting was given up. */
  mute(): void {
    if (this.#state === "open") this.#state = "muted";
  }

  /** The attempt has ended. */
  end(): void {
    this.#state = "ended";
  }
}
