/**
 * Whether the peer connection survives a change of this machine's address.
 *
 * @module
 */

import type { Clock } from "../../base/clock.ts";
import type { PeerConnectionState } from "./peer.ts";

/** How long after a change the peer connection must be there again, in milliseconds, or it counts as lost. */
export const MOVE_TIMEOUT_MS = 3_000;
/** How many addresses are remembered. */
const MAX_KNOWN = 256;
/** A loss that comes as long after a change, in milliseconds, has other reasons. */
export const CHANGE_EFFECT_MS = 15_000;

/** The connection-address of a candidate (RFC 8839, 5.1), unless nobody else reaches it. */
function addressOf(candidate: string): string | undefined {
  const address = candidate.split(" ")[4];
  return address === undefined || /^(127\.|::1$)/.test(address) ? undefined : address;
}

/**
 * Watches a peer connection once it was connected: a local candidate that comes then may tell a new address. The peer connection
 * moves to it where the server follows. Where it does not, nothing comes back, and libwebrtc would wait 15 s for it.
 */
export class AddressChange {
  readonly #clock: Clock;
  readonly #onLost: () => void;
  readonly #known = new Set<string>();
  #state: "new" | "connected" | "lost" = "new";
  #changedAt = -Infinity;
  #cancel: () => void = () => {};

  /** @param onLost The peer connection has not come back. */
  constructor(clock: Clock, onLost: () => void) {
    this.#clock = clock;
    this.#onLost = onLost;
  }

  /** A local candidate was gathered. */
  candidate(text: string): void {
    const address = addressOf(text);
    if (address === undefined || this.#known.has(address)) return;
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.add(address);
    if (this.#state === "new") return;
    this.#changedAt = this.#clock.now();
    if (this.#state === "lost") this.#wait(MOVE_TIMEOUT_MS);
  }

  /** The peer connection's state changed. */
  stateChanged(state: PeerConnectionState): void {
    if (state === "connected") {
      this.stop();
      this.#state = "connected";
    } else if (this.#state === "connected") {
      this.#state = "lost";
      const since = this.#clock.now() - this.#changedAt;
      if (since < CHANGE_EFFECT_MS) this.#wait(Math.max(0, MOVE_TIMEOUT_MS - since));
    }
  }

  /** Stops waiting. */
  stop(): void {
    this.#cancel();
    this.#cancel = () => {};
  }

  #wait(ms: number): void {
    this.stop();
    this.#cancel = this.#clock.after(ms, this.#onLost);
  }
}
