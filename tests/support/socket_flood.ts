/**
 * A flood of TCP connections to a signaling server, each of which stops at some step and waits. Those that the server closes are
 * replaced at once, so that there are always as many as the flood may have.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";

/** The last thing that a connection of a flood does. */
export type LastStep = "open" | "request" | "upgrade" | "connect";

/** Few of them are open for long: the server cuts those beyond its limits. */
const MOST_AT_ONCE = 2_000;
const TURN_MS = 10;
/** A thousand in a second. */
const NEW_A_TURN = 10;
/** WebSockets that the server has not answered yet: on a busy machine a flood would only be a test of its queues. */
const MOST_UNANSWERED = 300;

/** A text frame of a client (RFC 6455, 5.2), with a mask of zeros. */
function textFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const head = Buffer.alloc(8);
  head[0] = 0x81;
  head[1] = 0x80 | 126;
  head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}

/** Connections that keep coming until it is disposed of. */
export class SocketFlood implements AsyncDisposable {
  /** Connections opened. */
  opened = 0;
  /** WebSockets that got an offer. */
  offered = 0;
  /** The channel that those join that get an offer. */
  readonly channelId = "flood";
  readonly #sockets = new Set<Socket>();
  readonly #unanswered = new Set<Socket>();
  readonly #url: URL;
  readonly #from: readonly string[];
  readonly #last: LastStep;
  readonly #timer: ReturnType<typeof setInterval>;

  /** @param from The addresses that the connections come from, in turn. */
  constructor(url: string, from: readonly string[], last: LastStep) {
    this.#url = new URL(url);
    this.#from = from;
    this.#last = last;
    const upgrades = last === "upgrade" || last === "connect";
    this.#timer = setInterval(() => {
      if (upgrades && this.#unanswered.size > MOST_UNANSWERED) return;
      const room = Math.min(NEW_A_TURN, MOST_AT_ONCE - this.#sockets.size);
      for (let i = 0; i < room; i++) this.#open();
    }, TURN_MS);
  }

  /** Connections at present, of which some may be refused soon. */
  get size(): number {
    return this.#sockets.size;
  }

  #open(): void {
    const { hostname, port, host, pathname } = this.#url;
    const localAddress = this.#from[this.opened % this.#from.length]!;
    const socket = connect({ host: hostname, port: Number(port), localAddress });
    this.#sockets.add(socket);
    this.#unanswered.add(socket);
    this.opened++;
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#sockets.delete(socket);
      this.#unanswered.delete(socket);
    });
    socket.on("connect", () => {
      if (this.#last === "open") return;
      const request = `GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\n`;
      if (this.#last === "request") {
        socket.write(request);
        return;
      }
      socket.write(
        `${request}Upgrade: websocket\r\nConnection: Upgrade\r\n` +
          "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
      );
    });
    let isUpgraded = false;
    socket.on("data", (data: Buffer) => {
      if (isUpgraded) {
        if (data.includes('"offer"')) this.offered++;
        return;
      }
      this.#unanswered.delete(socket);
      isUpgraded = data.includes("101 Switching");
      if (!isUpgraded || this.#last !== "connect") return;
      const message = { type: "connect", role: "recvonly", channel_id: this.channelId };
      socket.write(textFrame(JSON.stringify({ ...message, sora_client: "flood" })));
    });
  }

  /** Ends all connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    for (const socket of this.#sockets) socket.destroy();
    while (this.#sockets.size > 0) await new Promise((resolve) => setTimeout(resolve, TURN_MS));
  }
}
