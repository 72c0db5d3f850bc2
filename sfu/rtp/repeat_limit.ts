/** The limit on how often a packet is sent again: a request costs its sender next to nothing. */

/** Time between two retransmissions of one packet. */
const MIN_INTERVAL_MS = 10;

/** Retransmissions of one packet, as many as real receivers request. */
const MAX_TIMES = 10;

/** Packets remembered, all of which were asked for. */
const MAX_PACKETS = 1024;

interface Repeated {
  times: number;
  atMs: number;
}

export class RepeatLimit {
  readonly #repeated = new Map<number, Repeated>();

  /** Takes a retransmission of a packet, if it may be sent again now. */
  take(index: number, nowMs: number): boolean {
    const repeated = this.#repeated.get(index);
    if (repeated === undefined) {
      if (this.#repeated.size >= MAX_PACKETS) {
        this.#repeated.delete(this.#repeated.keys().next().value!);
      }
      this.#repeated.set(index, { times: 1, atMs: nowMs });
      return true;
    }
    if (nowMs - repeated.atMs < MIN_INTERVAL_MS || repeated.times >= MAX_TIMES) return false;
    repeated.times++;
    repeated.atMs = nowMs;
    return true;
  }
}
