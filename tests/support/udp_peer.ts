/**
 * A UDP socket that sends what it is given and keeps what comes back.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import { createSocket, type Socket } from "node:dgram";
import { eventually } from "./eventually.ts";

/** One socket of IPv4. */
export class UdpPeer implements AsyncDisposable {
  /** Datagrams that came. */
  readonly received: Buffer[] = [];
  readonly #socket: Socket;
  readonly #serverPort: number;
  #pending = 0;

  private constructor(socket: Socket, serverPort: number) {
    this.#socket = socket;
    this.#serverPort = serverPort;
    socket.on("message", (datagram) => this.received.push(datagram));
    // Bun reports ICMP errors.
    socket.on("error", () => {});
  }

  /** Binds a socket on loopback, to talk to a port there. */
  static async open(serverPort: number): Promise<UdpPeer> {
    const socket = createSocket("udp4");
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.bind(0, "127.0.0.1", resolve);
    await promise;
    return new UdpPeer(socket, serverPort);
  }

  /** The own port. */
  get port(): number {
    return this.#socket.address().port;
  }

  /** Sends one datagram to the server. */
  send(datagram: Uint8Array): void {
    this.#pending++;
    this.#socket.send(datagram, this.#serverPort, "127.0.0.1", () => this.#pending--);
  }

  /** Waits until all has left. */
  async sent(): Promise<void> {
    await eventually("datagrams to be sent", () => this.#pending === 0);
  }

  /** The next datagram that comes. */
  async answer(): Promise<Buffer> {
    const seen = this.received.length;
    return await eventually("an answer", () => this.received[seen]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    return Promise.resolve();
  }
}
