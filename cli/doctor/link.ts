/**
 * Links to a STUN or TURN server: datagrams, or a stream of messages over TCP and TLS.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { HEADER_BYTES, messageBytes, readResponse, type Response } from "./stun.ts";
import { dial, type Dialled, type Endpoint, type Target } from "./target.ts";

/** When a datagram is sent again. */
const RESEND_MS = 500;
/** The longest message that is read. */
const MAX_BYTES = 4_096;

/** A way to a server. */
export interface Link extends Disposable {
  /** Sends a request, and waits for its response. */
  ask(request: Buffer): Promise<Response>;
  /** Sends a request whose response does not matter. */
  tell(request: Buffer): void;
}

class UdpLink implements Link {
  readonly #socket: UdpSocket;
  readonly #to: Endpoint;

  constructor(socket: UdpSocket, to: Endpoint) {
    this.#socket = socket;
    this.#to = to;
    // An error of a datagram is followed by the end of waiting for its answer.
    socket.on("error", () => {});
  }

  async ask(request: Buffer): Promise<Response> {
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    const onMessage = (bytes: Buffer) => {
      const response = readResponse(bytes, request);
      if (response !== undefined) resolve(response);
    };
    const send = () => {
      try {
        this.tell(request);
      } catch (error) {
        // The socket was closed meanwhile.
        reject(error);
      }
    };
    this.#socket.on("message", onMessage);
    const timer = setInterval(send, RESEND_MS);
    send();
    try {
      return await promise;
    } finally {
      clearInterval(timer);
      this.#socket.removeListener("message", onMessage);
    }
  }

  tell(request: Buffer): void {
    this.#socket.send(request, this.#to.port, this.#to.host);
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}

class TcpLink implements Link {
  readonly #dialled: Dialled;

  constructor(dialled: Dialled) {
    this.#dialled = dialled;
  }

  async ask(request: Buffer): Promise<Response> {
    const { socket } = this.#dialled;
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    let bytes = Buffer.alloc(0);
    const onData = (part: Buffer) => {
      bytes = Buffer.concat([bytes, part.subarray(0, MAX_BYTES)]);
      if (bytes.byteLength < HEADER_BYTES) return;
      const isWhole = bytes.byteLength >= messageBytes(bytes);
      if (!isWhole && bytes.byteLength < MAX_BYTES) return;
      const response = readResponse(bytes, request);
      if (response === undefined) reject(new Error("what answers is no TURN server"));
      else resolve(response);
    };
    const onClose = () => reject(new Error("the connection was closed"));
    socket.on("data", onData);
    socket.once("error", reject);
    socket.once("close", onClose);
    this.tell(request);
    try {
      return await promise;
    } finally {
      socket.removeListener("data", onData);
      socket.removeListener("error", reject);
      socket.removeListener("close", onClose);
    }
  }

  tell(request: Buffer): void {
    this.#dialled.socket.write(request);
  }

  [Symbol.dispose](): void {
    this.#dialled[Symbol.dispose]();
  }
}

/** A link of datagrams. */
export async function linkOverUdp(to: Endpoint): Promise<Link> {
  const family = isIP(to.host) || (await lookup(to.host)).family;
  return new UdpLink(createSocket(family === 6 ? "udp6" : "udp4"), to);
}

/** A link over TCP, through the target's proxy, and TLS if the target has it. */
export async function linkOverTcp(target: Target, signal: AbortSignal): Promise<Link> {
  return new TcpLink(await dial(target, "tls", signal));
}
