/**
 * The limit on TCP connections that no client holds: those that have not become a WebSocket, and
 * those that are closing. Each newcomer gets in, and the oldest beyond the limit is cut.
 */
import type { Socket } from "node:net";
import { addressKey } from "../connection/pending_places.ts";

/** A TCP connection, as both ends of its TLS know it. */
export type SocketAddress = Pick<Socket, "remoteAddress" | "remotePort">;

/** How many TCP connections there may be that no client holds. */
export interface SocketLimits {
  readonly sockets: number;
  readonly socketsPerAddress: number;
}

export class SocketGate {
  /** Connections cut. */
  refused = 0;
  /** By address, those that no client holds, the oldest first. */
  readonly #strangers = new Map<string, Set<Socket>>();
  #count = 0;
  readonly #open = new Map<string, Socket>();
  readonly #limits: SocketLimits;

  constructor(limits: SocketLimits) {
    this.#limits = limits;
  }

  /** Admits a connection. */
  admit(socket: Socket): void {
    const name = nameOf(socket);
    const remote = addressKey(socket.remoteAddress);
    this.#open.set(name, socket);
    this.#add(socket, remote);
    socket.once("close", () => {
      if (this.#open.get(name) === socket) this.#open.delete(name);
      this.#remove(socket, remote);
    });
  }

  /** Keeps a connection that a client holds, until the function that it returns is called. */
  hold(address: SocketAddress): () => void {
    const socket = this.#open.get(nameOf(address));
    if (socket === undefined) return () => {};
    const remote = addressKey(socket.remoteAddress);
    this.#remove(socket, remote);
    return () => {
      if (!socket.destroyed) this.#add(socket, remote);
    };
  }

  #add(socket: Socket, remote: string): void {
    const strangers = this.#strangers.get(remote) ?? new Set();
    this.#strangers.set(remote, strangers);
    strangers.add(socket);
    this.#count++;
    if (strangers.size > this.#limits.socketsPerAddress) this.#cutOldest(remote);
    else if (this.#count > this.#limits.sockets) this.#cutOldest(this.#fullest());
  }

  /** The address that has most. */
  #fullest(): string {
    let fullest = "";
    let most = 0;
    for (const [remote, { size }] of this.#strangers) {
      if (size <= most) continue;
      fullest = remote;
      most = size;
    }
    return fullest;
  }

  #cutOldest(remote: string): void {
    const [oldest] = this.#strangers.get(remote) ?? [];
    if (oldest === undefined) return;
    this.refused++;
    this.#remove(oldest, remote);
    oldest.destroy();
  }

  #remove(socket: Socket, remote: string): void {
    const strangers = this.#strangers.get(remote);
    if (strangers?.delete(socket) !== true) return;
    this.#count--;
    if (strangers.size === 0) this.#strangers.delete(remote);
  }
}

function nameOf({ remoteAddress = "", remotePort = 0 }: SocketAddress): string {
  return `${remoteAddress} ${remotePort}`;
}
