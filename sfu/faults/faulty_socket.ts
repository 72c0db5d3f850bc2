/** The WebSocket of a client, with faults: silent, late, closed or cut instead of a message. */
import type { JsonObject } from "../../base/json.ts";
import type {
  ClientSocket,
  SignalingHandlers,
  SignalingSocket,
} from "../signaling/signaling_socket.ts";
import { Delay } from "./delay.ts";
import type { SignalingFaults } from "./faults.ts";
import type { MessageFate } from "./message_fate.ts";

export class FaultySocket implements SignalingSocket {
  readonly #socket: ClientSocket;
  readonly #faults: SignalingFaults;
  readonly #fate: MessageFate;
  readonly #delay: Delay;
  #closing = false;

  /** @param fate what becomes of messages to this client, over its data channels as well */
  constructor(socket: ClientSocket, faults: SignalingFaults, fate: MessageFate) {
    this.#socket = socket;
    this.#faults = faults;
    this.#fate = fate;
    this.#delay = new Delay(faults.signalingDelayMs);
  }

  get open(): boolean {
    return !this.#closing && this.#socket.open;
  }

  listen(handlers: SignalingHandlers): void {
    this.#socket.listen({
      onMessage: (type, message) => {
        if (this.#isDeaf) return;
        if (type === "disconnect" && this.#faults.ignoreDisconnect === true) return;
        handlers.onMessage(type, message);
      },
      onRefused: (refusal) => {
        if (!this.#isDeaf) handlers.onRefused(refusal);
      },
      onClosed: () => {
        this.#closing = true;
        this.#delay.clear();
        handlers.onClosed();
      },
    });
  }

  get #isDeaf(): boolean {
    return this.#closing || this.#fate.silent;
  }

  send(message: JsonObject): void {
    if (!this.open) return;
    const fate = this.#fate.of(String(message.type));
    if (fate === "send") {
      this.#delay.do(() => this.#socket.send(message));
    } else if (fate === "close") {
      const { code, reason } = this.#faults.closeInsteadOf!;
      this.close(code, reason);
    } else if (fate === "cut") {
      this.#socket.cut();
    }
  }

  close(code: number, reason: string): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#delay.do(() => this.#socket.close(code, reason));
  }
}
