/**
 * A rate limit of RPC requests: what they push goes to every member of the channel, so a flood of
 * requests would become a hundred times as many messages.
 */

/** Bytes of requests a second, and at once. */
const BYTES_PER_SECOND = 256 * 1024;
const BURST_BYTES = 512 * 1024;

/** What a request costs besides its bytes. */
const OVERHEAD_BYTES = 512;

export class RpcBudget {
  #bytes = BURST_BYTES;
  #filledAt: number;

  constructor(nowMs: number) {
    this.#filledAt = nowMs;
  }

  /** Whether a request may be handled now. */
  allows(nowMs: number): boolean {
    const filled = this.#bytes + (nowMs - this.#filledAt) * BYTES_PER_SECOND / 1000;
    this.#bytes = Math.min(BURST_BYTES, filled);
    this.#filledAt = nowMs;
    return this.#bytes > 0;
  }

  /** Takes a request's bytes. */
  spend(bytes: number): void {
    this.#bytes -= bytes + OVERHEAD_BYTES;
  }
}
