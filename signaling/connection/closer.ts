/**
 * Ends a connection in order: tells the server, waits within limits for it to close, and finds the words for what happened.
 *
 * @module
 */

import type { Clock } from "../../base/clock.ts";
import {
  associationLost,
  type Closing,
  dataChannelsClosed,
  dataChannelsNotClosed,
  type Ending,
  forcedEnding,
  SELF_CLOSED,
  WAIT_TIMEOUT,
  webSocketClosed,
  webSocketLost,
  type WsClose,
} from "./ending.ts";
import type { Emit } from "./incoming.ts";
import { CANCELED } from "../socket/managed_socket.ts";
import type { SocketEnd } from "../socket/socket.ts";
import type { Transports } from "./transports.ts";
import type { SignalingTimeouts } from "../options/validate.ts";

/** Tells that the connection is over; `wsClose` is to be reported first. */
export type OnEnded = (ending: Ending, wsClose?: WsClose) => void;

/** What a {@link Closer} tells. */
export interface CloserOwner {
  /** Calls handlers. */
  readonly emit: Emit;
  /** The connection is of no use any more and has to be closed: call `start()` with this. */
  readonly onUseless: (root: Ending) => void;
  /** It is over. Once. */
  readonly onEnded: OnEnded;
}

/** How a connection ends, whoever starts it. */
export class Closer {
  readonly #transports: Transports;
  readonly #timeouts: SignalingTimeouts;
  readonly #clock: Clock;
  readonly #owner: CloserOwner;
  #closing: Closing | undefined;
  #root: Ending | undefined;
  #cancelTimer: () => void = () => {};

  /** Does nothing until the end begins. */
  constructor(
    transports: Transports,
    timeouts: SignalingTimeouts,
    clock: Clock,
    owner: CloserOwner,
  ) {
    this.#transports = transports;
    this.#timeouts = timeouts;
    this.#clock = clock;
    this.#owner = owner;
  }

  /** Whether the end has begun. */
  get isClosing(): boolean {
    return this.#closing !== undefined;
  }

  /** Begins the end from this side. `root`: why, when it was not the user's wish. */
  start(root?: Ending): void {
    if (this.isClosing) return;
    this.#cancelTimer();
    this.#root = root;
    const transports = this.#transports;
    if (!transports.hasWebSocket) {
      this.#startOverDataChannel();
    } else if (transports.socket?.isEnding === true) {
      this.#closing = { mode: "lost" };
      // The socket itself bounds this by the same timeout and then knows the server's reason, so it comes first.
      this.#wait(2 * this.#timeouts.webSocketCloseTimeoutMs);
    } else if (transports.usesDataChannel || transports.lostSignaling) {
      this.#closing = { mode: "hybrid" };
      const reason = root === undefined ? "NO-ERROR" : "INTERNAL-ERROR";
      transports.send({ type: "disconnect", reason });
      // Where the server listens nobody can speak any more, so nothing is waited for.
      if (transports.lostSignaling) this.#timedOut();
      else this.#wait(this.#timeouts.disconnectWaitTimeoutMs);
    } else {
      this.#closing = { mode: "websocket" };
      this.#wait(this.#timeouts.webSocketCloseTimeoutMs);
      if (!transports.sendWebSocket({ type: "disconnect", reason: "NO-ERROR" })) {
        this.#end({
          code: "CLOSE_FAILED",
          message: "Failed to write disconnect message to close WebSocket: " +
            "ec=The WebSocket is not open or its send buffer is full",
        });
      }
    }
  }

  /** Tells the server of the end and waits for nothing; the owner ends the connection itself. */
  abandon(): void {
    if (this.isClosing) return;
    this.#closing = { mode: "websocket" };
    this.#transports.send({ type: "disconnect", reason: "INTERNAL-ERROR" });
  }

  /** The server announced the end over a data channel. */
  announced(code: number, reason: string): boolean {
    if (this.isClosing) return false;
    this.#closing = this.#transports.hasWebSocket
      ? { mode: "announced-websocket", code, reason }
      : { mode: "announced-datachannel", code, reason };
    this.#wait(this.#timeouts.disconnectWaitTimeoutMs);
    return true;
  }

  /** The WebSocket is gone. */
  webSocketEnded(end: SocketEnd, timedOut: boolean): void {
    const transports = this.#transports;
    const wasDetached = transports.detached;
    transports.socket = undefined;
    if (wasDetached) {
      const code = timedOut || end.error !== undefined ? 4999 : 1000;
      this.#owner.emit("onWsClose", code, SELF_CLOSED);
    } else if (this.#closing === undefined) {
      this.#end(webSocketLost(end, transports.switched), end);
    } else if (this.#closing.mode === "lost") {
      this.#end(webSocketLost(end, transports.switched, true), end);
    } else {
      this.#end(webSocketClosed(end, this.#closing), end);
    }
  }

  /** The last data channel closed. */
  dataChannelsEnded(): void {
    if (this.#transports.hasWebSocket) this.checkAssociation();
    else this.#end(dataChannelsClosed(this.#closing));
  }

  /**
   * Whether signaling has moved to data channels that are all gone while the WebSocket is open: the SCTP association was lost,
   * and nothing that the server sends over it arrives. The server may end the connection for a reason of its own just now,
   * whose word takes another way, so it is waited for.
   */
  checkAssociation(): void {
    if (this.isClosing || !this.#hasLostAssociation()) return;
    const ms = this.#timeouts.disconnectWaitTimeoutMs;
    this.#cancelTimer();
    this.#cancelTimer = this.#clock.after(ms, () => {
      if (this.#hasLostAssociation()) this.#owner.onUseless(associationLost(ms));
    });
  }

  #hasLostAssociation(): boolean {
    const { hasWebSocket, switched, channels } = this.#transports;
    return hasWebSocket && switched && channels?.areLost === true;
  }

  /** Stops waiting; nothing is reported any more. */
  dispose(): void {
    this.#cancelTimer();
  }

  #startOverDataChannel(): void {
    const transports = this.#transports;
    this.#closing = { mode: "datachannel" };
    if ((transports.channels?.openCount ?? 0) === 0) {
      this.#end({
        code: "INTERNAL_ERROR",
        message: "Unknown state. WS and DC is already released.",
      });
      return;
    }
    this.#wait(this.#timeouts.disconnectWaitTimeoutMs);
    if (!transports.sendSignaling({ type: "disconnect", reason: "NO-ERROR" })) {
      this.#end(
        dataChannelsNotClosed("The data channel signaling is not open or its buffer is full"),
      );
    }
  }

  #wait(timeoutMs: number): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#clock.after(timeoutMs, () => this.#timedOut());
  }

  #timedOut(): void {
    const closing = this.#closing!;
    if (closing.mode === "datachannel" || closing.mode === "announced-datachannel") {
      this.#end(dataChannelsNotClosed(CANCELED));
      return;
    }
    const end = { ...WAIT_TIMEOUT, error: new Error(CANCELED) };
    this.#end(webSocketClosed(end, closing), WAIT_TIMEOUT);
  }

  #end(closed: Ending, wsClose?: WsClose): void {
    this.#cancelTimer();
    const ending = this.#root === undefined ? closed : forcedEnding(this.#root, closed);
    this.#owner.onEnded(ending, wsClose && { code: wsClose.code, reason: wsClose.reason });
  }
}
