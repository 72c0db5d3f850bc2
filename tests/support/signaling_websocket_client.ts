/**
 * A client over the real WebSocket whose events can be awaited.
 *
 * @module
 */

import type { SignalingSocket, SocketEnd, SocketRequest } from "../../signaling/socket/socket.ts";
import { createWebSocket } from "../../signaling/socket/websocket.ts";

/** One WebSocket under test. */
export class Client {
  readonly texts: string[] = [];
  readonly ends: SocketEnd[] = [];
  binaries = 0;
  opens = 0;
  readonly socket: SignalingSocket;
  #waiting: (() => void)[] = [];

  constructor(url: string, request: Partial<SocketRequest> = {}) {
    const changed = () => {
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const wake of waiting) wake();
    };
    this.socket = createWebSocket({
      url,
      userAgent: "test agent",
      tls: {},
      maxMessageBytes: 1024 * 1024,
      closeTimeoutMs: 3_000,
      ...request,
    }, {
      onOpen: () => {
        this.opens++;
        changed();
      },
      onText: (text) => {
        this.texts.push(text);
        changed();
      },
      onBinary: () => {
        this.binaries++;
        changed();
      },
      onEnd: (end) => {
        this.ends.push(end);
        changed();
      },
    });
  }

  /** Waits until a condition holds, which is looked at after each event. The test runner bounds it. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Waits until it is open or over. */
  async settled(): Promise<"open" | SocketEnd> {
    await this.until(() => this.opens > 0 || this.ends.length > 0);
    return this.ends[0] ?? "open";
  }

  /** Waits until it is over. */
  async ended(): Promise<SocketEnd> {
    await this.until(() => this.ends.length > 0);
    return this.ends[0]!;
  }
}
