/**
 * The limit on TCP connections of one address, WebSocket or not: a fixed number beyond its
 * established connections.
 */
import type { Socket } from "node:net";
import { addressKey } from "../connection/pending_places.ts";

export class SocketGate {
  /** Connections closed at once. */
  refused = 0;
  readonly #open = new Map<string, number>();
  readonly #maxUnestablished: number;
  readonly #established: (remote: string) => number;

  /** @param established how many established connections an address has */
  constructor(maxUnestablished: number, established: (remote: string) => number) {
    this.#maxUnestablished = maxUnestablished;
    this.#established = established;
  }

  /** Admits a connection, or closes it. */
  admit(socket: Socket): void {
    const remote = addressKey(socket.remoteAddress);
    const open = this.#open.get(remote) ?? 0;
    const tooMany = open >= this.#maxUnestablished &&
      open - this.#established(remote) >= this.#maxUnestablished;
    if (tooMany) {
      this.refused++;
      socket.destroy();
      return;
    }
    this.#open.set(remote, open + 1);
    socket.once("close", () => this.#leave(remote));
  }

  #leave(remote: string): void {
    const open = this.#open.get(remote) ?? 0;
    if (open <= 1) this.#open.delete(remote);
    else this.#open.set(remote, open - 1);
  }
}
