/** The WebSocket of one client: whole JSON messages in and out, with limits. */
import type { Buffer } from "node:buffer";
import type { RawData, WebSocket } from "ws";
import { MessageFate, type SignalingFaults } from "../faults/faults.ts";
import { Delay } from "./delay.ts";
import type { JsonObject } from "./json.ts";
import { CloseCode, Refusal } from "./refusal.ts";
import { parseSignal } from "./signal.ts";

/** What a socket reports. Nothing is called after `onClosed`. */
export interface SignalingHandlers {
  /** One message with a `type`. A thrown Refusal ends the connection with 4490. */
  onMessage(type: string, message: JsonObject): void;
  /** A message that could not be accepted; the socket is being closed. */
  onRefused(refusal: Refusal): void;
  /** The socket is gone, whoever closed it. */
  onClosed(): void;
}

/** Limits on what a client may send. */
export interface SignalingLimits {
  /** Bytes of one message. */
  readonly maxMessageBytes: number;
  /** Misbehaviour on purpose. */
  readonly faults: SignalingFaults;
}

/** Unsent bytes after which a client that does not read is cut off. */
const MAX_BUFFERED_BYTES = 8 * 1024 * 1024;

/** Time for the closing handshake before the connection is cut. */
const CLOSE_TIMEOUT_MS = 3000;

export class SignalingSocket {
  readonly #socket: WebSocket;
  readonly #limits: SignalingLimits;
  #handlers: SignalingHandlers | undefined;
  #closeTimer: ReturnType<typeof setTimeout> | undefined;
  #closing = false;
  readonly #delay: Delay;
  /** What becomes of each message to this client, over either transport. */
  readonly fate: MessageFate;

  constructor(socket: WebSocket, limits: SignalingLimits) {
    this.#socket = socket;
    this.#limits = limits;
    this.fate = new MessageFate(limits.faults);
    this.#delay = new Delay(limits.faults.signalingDelayMs);
    socket.on("message", (data: RawData) => this.#onData(data));
    socket.on("close", () => this.#onClosed());
    // Protocol errors of the peer; the close event follows.
    socket.on("error", () => {});
  }

  /** Starts delivering. */
  listen(handlers: SignalingHandlers): void {
    this.#handlers = handlers;
  }

  /** Whether messages can be sent. */
  get open(): boolean {
    return !this.#closing && this.#socket.readyState === this.#socket.OPEN;
  }

  /** Sends one message; a socket that is closing ignores it. */
  send(message: JsonObject): void {
    if (!this.open || this.#misbehaves(String(message.type))) return;
    if (this.#socket.bufferedAmount > MAX_BUFFERED_BYTES) {
      this.#refuse(new Refusal("SLOW-CONSUMER", "The client does not read its messages."));
      return;
    }
    const text = JSON.stringify(message);
    this.#do(() => this.#socket.send(text));
  }

  #do(action: () => void): void {
    this.#delay.do(() => {
      if (this.#socket.readyState === this.#socket.OPEN) action();
    });
  }

  /** Applies the faults; true when the message is not to be sent. */
  #misbehaves(type: string): boolean {
    const fate = this.fate.of(type);
    if (fate === "close") {
      const { code, reason } = this.#limits.faults.closeInsteadOf!;
      this.close(code, reason);
    } else if (fate === "cut") {
      this.cut();
    }
    return fate !== "send";
  }

  /** Ends the TCP connection without a word. */
  cut(): void {
    this.#socket.terminate();
  }

  /** Starts the closing handshake and bounds it. Idempotent. */
  close(code: number, reason: string): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#do(() => {
      this.#socket.close(code, reason);
      this.#closeTimer = setTimeout(() => this.#socket.terminate(), CLOSE_TIMEOUT_MS);
    });
  }

  #onData(data: RawData): void {
    if (this.#closing || this.fate.silent) return;
    try {
      const text = (data as Buffer).toString();
      const { type, message } = parseSignal(text, this.#limits.maxMessageBytes);
      this.#handlers?.onMessage(type, message);
    } catch (error) {
      this.#refuse(
        error instanceof Refusal
          ? error
          : new Refusal("INTERNAL-ERROR", "A message could not be handled."),
      );
    }
  }

  #refuse(refusal: Refusal): void {
    if (this.#closing) return;
    this.close(CloseCode.signalingError, refusal.reason);
    this.#handlers?.onRefused(refusal);
  }

  #onClosed(): void {
    this.#closing = true;
    clearTimeout(this.#closeTimer);
    this.#delay.clear();
    const handlers = this.#handlers;
    this.#handlers = undefined;
    handlers?.onClosed();
  }
}
