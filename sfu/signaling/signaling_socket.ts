/** The WebSocket of one client: whole JSON messages in and out, with limits. */
import type { Buffer } from "node:buffer";
import type { RawData, WebSocket } from "ws";
import { afterListening, systemClock } from "../../base/clock.ts";
import type { JsonObject } from "../../base/json.ts";
import { Refusal } from "./refusal.ts";
import { parseSignal } from "./signal.ts";

/** What a socket reports. Nothing is called after `onClosed`. */
export interface SignalingHandlers {
  /** One message with a `type`. A thrown Refusal ends the connection with 4490. */
  onMessage(type: string, message: JsonObject): void;
  /** A message that could not be accepted: close the socket. */
  onRefused(refusal: Refusal): void;
  /** The socket is gone, whoever closed it. */
  onClosed(): void;
}

/** The socket as a connection uses it. */
export interface SignalingSocket {
  /** Whether messages can be sent. */
  readonly open: boolean;
  listen(handlers: SignalingHandlers): void;
  /** Sends one message; a socket that is closing ignores it. */
  send(message: JsonObject): void;
  /** Starts the closing handshake and bounds it. Idempotent. */
  close(code: number, reason: string): void;
}

/** Unsent bytes after which a client that does not read is cut off. */
const MAX_BUFFERED_BYTES = 8 * 1024 * 1024;

/** Time for the closing handshake before the connection is cut. */
const CLOSE_TIMEOUT_MS = 3000;

export class ClientSocket implements SignalingSocket {
  readonly #socket: WebSocket;
  readonly #maxMessageBytes: number;
  readonly #onClosing: () => void;
  #handlers: SignalingHandlers | undefined;
  #cancelCut: () => void = () => {};
  #closing = false;

  /** @param onClosing called when the closing handshake starts */
  constructor(socket: WebSocket, maxMessageBytes: number, onClosing: () => void = () => {}) {
    this.#socket = socket;
    this.#maxMessageBytes = maxMessageBytes;
    this.#onClosing = onClosing;
    socket.on("message", (data: RawData) => this.#onData(data));
    socket.on("close", () => this.#onClosed());
    // Protocol errors of the peer; the close event follows.
    socket.on("error", () => {});
  }

  /** Starts delivering. */
  listen(handlers: SignalingHandlers): void {
    this.#handlers = handlers;
  }

  get open(): boolean {
    return !this.#closing && this.#socket.readyState === this.#socket.OPEN;
  }

  send(message: JsonObject): void {
    if (!this.open) return;
    if (this.#socket.bufferedAmount > MAX_BUFFERED_BYTES) {
      this.#refuse(new Refusal("SLOW-CONSUMER", "The client does not read its messages"));
      return;
    }
    this.#socket.send(JSON.stringify(message));
  }

  /** Ends the TCP connection without a word. */
  cut(): void {
    this.#socket.terminate();
  }

  close(code: number, reason: string): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#onClosing();
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#socket.close(code, reason);
    this.#cancelCut = afterListening(systemClock, CLOSE_TIMEOUT_MS, () => this.cut());
  }

  #onData(data: RawData): void {
    if (this.#closing) return;
    try {
      const text = (data as Buffer).toString();
      const { type, message } = parseSignal(text, this.#maxMessageBytes);
      this.#handlers?.onMessage(type, message);
    } catch (error) {
      this.#refuse(
        error instanceof Refusal
          ? error
          : new Refusal("INTERNAL-ERROR", "A message could not be handled"),
      );
    }
  }

  #refuse(refusal: Refusal): void {
    if (!this.#closing) this.#handlers?.onRefused(refusal);
  }

  #onClosed(): void {
    this.#closing = true;
    this.#cancelCut();
    const handlers = this.#handlers;
    this.#handlers = undefined;
    handlers?.onClosed();
  }
}
