/**
 * A path between a client and a server that carries less, and later: a relay of signaling, which names a relay of datagrams instead of
 * the server's UDP port.
 *
 * @module
 */

import { createSocket, type RemoteInfo } from "node:dgram";
import { seededRandom } from "../../base/random.ts";
import { type SignalingRelay, startRelay } from "./signaling_relay.ts";

/** What the path does to datagrams to the client. May be changed while they flow. */
export interface PathLimits {
  /** What it carries, in kbit/s; without it, everything. */
  kbps?: number;
  /** What waits longer for that is lost. */
  queueMs?: number;
  delayMs?: number;
  /** The delay varies by so much; datagrams may overtake each other. */
  jitterMs?: number;
  /** Share that is lost, 0 to 1. */
  loss?: number;
}

const QUEUE_MS = 200;

/** What the layers below add to a datagram. */
const OVERHEAD_BYTES = 28;

const CANDIDATE = /^(a=candidate:\S+ \d+ udp \d+) (\S+) (\d+) typ host/gm;

/** Of one client, which connects once. */
export class ThinPath implements AsyncDisposable {
  /** What the path is like at present. */
  readonly limits: PathLimits;
  /** Datagrams to the client that got lost here. */
  lost = 0;
  /** Bytes that came for the client, with those that got lost. */
  bytes = 0;
  readonly #random = seededRandom(17);
  readonly #client = createSocket("udp4");
  readonly #server = createSocket("udp4");
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  readonly #signaling: Promise<SignalingRelay>;
  #url = "";
  /** The server's candidate, and where the client's datagrams come from. */
  #to = { host: "127.0.0.1", port: 0 };
  #from: RemoteInfo | undefined;
  /** When all that waits has left. */
  #freeAt = 0;

  private constructor(url: string, limits: PathLimits) {
    this.limits = limits;
    this.#signaling = startRelay(url, (text) => [this.#rewrite(text)]);
    this.#client.on("message", (datagram, from) => {
      this.#from = from;
      if (this.#to.port > 0) this.#server.send(datagram, this.#to.port, this.#to.host);
    });
    this.#server.on("message", (datagram) => this.#pass(datagram));
  }

  /** Starts a path to a server. */
  static async start(url: string, limits: PathLimits = {}): Promise<ThinPath> {
    const path = new ThinPath(url, limits);
    for (const socket of [path.#client, path.#server]) {
      await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
    }
    path.#url = (await path.#signaling).url;
    return path;
  }

  /** Where the client connects. */
  get url(): string {
    return this.#url;
  }

  #rewrite(text: string): string {
    const message = JSON.parse(text);
    if (typeof message.sdp !== "string") return text;
    const { port } = this.#client.address();
    message.sdp = message.sdp.replace(
      CANDIDATE,
      (_: string, start: string, host: string, serverPort: string) => {
        this.#to = { host, port: Number(serverPort) };
        return `${start} 127.0.0.1 ${port} typ host`;
      },
    );
    return JSON.stringify(message);
  }

  #pass(datagram: Uint8Array): void {
    const { kbps, queueMs = QUEUE_MS, delayMs = 0, jitterMs = 0, loss = 0 } = this.limits;
    const now = performance.now();
    const size = datagram.length + OVERHEAD_BYTES;
    this.bytes += size;
    let leavesAt = now;
    if (kbps !== undefined) {
      this.#freeAt = Math.max(this.#freeAt, now);
      if (this.#freeAt - now > queueMs) {
        this.lost++;
        return;
      }
      leavesAt = this.#freeAt += size * 8 / kbps;
    } else {
      this.#freeAt = 0;
    }
    if (this.#random() < loss) {
      this.lost++;
      return;
    }
    const waitMs = leavesAt - now + delayMs + jitterMs * this.#random();
    if (waitMs < 1) return this.#deliver(datagram);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#deliver(datagram);
    }, waitMs);
    this.#timers.add(timer);
  }

  #deliver(datagram: Uint8Array): void {
    if (this.#from !== undefined) this.#client.send(datagram, this.#from.port, this.#from.address);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    await (await this.#signaling)[Symbol.asyncDispose]();
    for (const socket of [this.#client, this.#server]) {
      await new Promise<void>((resolve) => socket.close(() => resolve()));
    }
  }
}
