/**
 * The search for a server: several URLs are tried in parallel, and the first that answers is kept.
 *
 * @module
 */

import type { Clock } from "../../base/clock.ts";
import { ManagedSocket } from "./managed_socket.ts";
import type { SocketEnd, SocketFactory, SocketRequest } from "./socket.ts";

/** The last URL that failed, and why. */
export interface DialFailure {
  /** The URL. */
  readonly url: string;
  /** What happened to it. */
  readonly end: SocketEnd;
}

/** Settings and callbacks of a {@link Dial}. */
export interface DialOptions {
  /** At least one; tried all at once, in this order. */
  readonly urls: readonly string[];
  /** The request for a URL. */
  readonly request: (url: string) => SocketRequest;
  /** Opens WebSockets. */
  readonly createSocket: SocketFactory;
  /** The clock. */
  readonly clock: Clock;
  /** How long the others may take to close once one has won, in milliseconds. */
  readonly closeTimeoutMs: number;
  /** The first URL has answered. */
  readonly onConnected: (socket: ManagedSocket, url: string) => void;
  /** No URL has answered. */
  readonly onFailed: (last: DialFailure) => void;
}

/** One search for a server. Calls `onConnected` or `onFailed` once, or none after `abort()`. */
export class Dial {
  readonly #options: DialOptions;
  readonly #sockets = new Set<ManagedSocket>();
  #done = false;

  /** Starts to connect to all URLs. */
  constructor(options: DialOptions) {
    this.#options = options;
    for (const url of options.urls) this.#dial(url);
  }

  /** Gives up: cuts all connections, also those that came second and are being closed. */
  abort(): void {
    this.#done = true;
    for (const socket of this.#sockets) socket.terminate();
    this.#sockets.clear();
  }

  #dial(url: string): void {
    const { createSocket, request, clock } = this.#options;
    const socket: ManagedSocket = new ManagedSocket(createSocket, request(url), clock, {
      onOpen: () => this.#won(socket, url),
      onText: () => {},
      onBinary: () => {},
      onEnd: (end) => this.#lost(socket, url, end),
    });
    this.#sockets.add(socket);
  }

  #won(socket: ManagedSocket, url: string): void {
    if (this.#done) return;
    this.#done = true;
    this.#sockets.delete(socket);
    for (const late of this.#sockets) late.close(1000, "", this.#options.closeTimeoutMs);
    this.#options.onConnected(socket, url);
  }

  #lost(socket: ManagedSocket, url: string, end: SocketEnd): void {
    this.#sockets.delete(socket);
    if (this.#done || this.#sockets.size > 0) return;
    this.#done = true;
    this.#options.onFailed({ url, end });
  }
}

/** A copy in random order (Fisher-Yates). */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const copy = [...items];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const held = copy[i]!;
    copy[i] = copy[j]!;
    copy[j] = held;
  }
  return copy;
}
