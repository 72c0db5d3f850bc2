/**
 * A WebSocket whose closing is bounded in time and whose events cannot come twice or late, whatever its factory does.
 *
 * @module
 */

import { afterListening, type Clock } from "../../base/clock.ts";
import type {
  SignalingSocket,
  SocketEnd,
  SocketEvents,
  SocketFactory,
  SocketRequest,
} from "./socket.ts";

/** The events of a {@link ManagedSocket}. */
export interface ManagedSocketEvents {
  /** The handshake is done. */
  onOpen(): void;
  /** A text message came. */
  onText(text: string): void;
  /** A binary message came. */
  onBinary(): void;
  /** It has ended; `timedOut` when the closing handshake took too long and was cut off. Not after `terminate()`. */
  onEnd(end: SocketEnd, timedOut: boolean): void;
}

/** The error of an end that this side forced. */
export const CANCELED = "Operation canceled";

/** A WebSocket with bounded closing. */
export class ManagedSocket {
  /** Receives the events; replaced when the socket changes its owner. */
  events: ManagedSocketEvents;
  readonly #clock: Clock;
  #socket: SignalingSocket | undefined;
  #state: "connecting" | "open" | "ended" = "connecting";
  #closing: { readonly code: number; readonly reason: string } | undefined;
  #cancelTimer: () => void = () => {};

  /** Starts to connect. */
  constructor(
    factory: SocketFactory,
    request: SocketRequest,
    clock: Clock,
    events: ManagedSocketEvents,
  ) {
    this.#clock = clock;
    this.events = events;
    const sink: SocketEvents = {
      onOpen: () => this.#opened(),
      onText: (text) => {
        if (this.#state === "open") this.events.onText(text);
      },
      onBinary: () => {
        if (this.#state === "open") this.events.onBinary();
      },
      onEnd: (end) => this.#ended(end, false),
    };
    this.#socket = factory(request, sink);
  }

  /** Whether messages can be sent. */
  get isOpen(): boolean {
    return this.#state === "open" && this.#closing === undefined && !this.isEnding;
  }

  /** The server has begun to close it; its end follows. */
  get isEnding(): boolean {
    return this.#socket?.isEnding === true;
  }

  /** Sends a text message; `false` if it cannot be sent. */
  send(text: string): boolean {
    return this.isOpen && this.#socket!.send(text);
  }

  /** Starts the closing handshake, once it is open if need be, and cuts the connection when that takes too long. */
  close(code: number, reason: string, timeoutMs: number): void {
    if (this.#state === "ended" || this.#closing !== undefined) return;
    this.#closing = { code, reason };
    if (this.#state === "open") this.#socket!.close(code, reason);
    this.#cancelTimer = afterListening(this.#clock, timeoutMs, () => {
      this.#socket?.terminate();
      this.#ended({ code: 0, reason: "", error: new Error(CANCELED) }, true);
    });
  }

  /** Cuts the connection; nothing is reported any more. */
  terminate(): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#cancelTimer();
    this.#socket?.terminate();
    this.#socket = undefined;
  }

  #opened(): void {
    if (this.#state !== "connecting") return;
    this.#state = "open";
    if (this.#closing !== undefined) {
      this.#socket!.close(this.#closing.code, this.#closing.reason);
    } else {
      this.events.onOpen();
    }
  }

  #ended(end: SocketEnd, timedOut: boolean): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#cancelTimer();
    this.#socket = undefined;
    this.events.onEnd(end, timedOut);
  }
}
