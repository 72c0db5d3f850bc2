/**
 * The TCP connections of each address, also those that have not said yet what they want: one
 * address may have so many more than it has established connections.
 */
import type { Socket } from "node:net";
import { addressKey } from "../connection/pending_places.ts";

export class SocketGate {
  /** Connections that were closed at once. */
  refused = 0;
  readonly #open = new Map<string, number>();
  readonly #maxUnestablished: number;
  readonly #established: (remote: string) => number;

  /** @param established how many established connections an address has */
  constructor(maxUnestablished: number, established: (remote: string) => number) {
    this.#maxUnestablished = maxUnestablished;
    this.#established = established;
  }

  /** Lets a connection in, or closes it. */
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
