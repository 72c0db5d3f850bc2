/**
 * Changes of this machine's address, and whether the peer connection survives them.
 *
 * @module
 */

import type { Clock } from "../../base/clock.ts";
import type { PeerConnectionState } from "./peer.ts";

/** The peer connection must be connected again so many milliseconds after a change, or it counts as lost. */
export const MOVE_TIMEOUT_MS = 3_000;
/** How many addresses are remembered. */
const MAX_KNOWN = 256;
/** A loss that comes this long after a change, in milliseconds, has another reason. */
export const CHANGE_EFFECT_MS = 15_000;

/** The connection-address of a candidate (RFC 8839, section 5.1), except for loopback addresses. */
function addressOf(candidate: string): string | undefined {
  const address = candidate.split(" ")[4];
  return address === undefined || /^(127\.|::1$)/.test(address) ? undefined : address;
}

/**
 * Watches a peer connection that was connected: a local candidate gathered then may have a new address. The peer connection
 * moves to it if the server follows. If not, no packet comes back, and libwebrtc would wait 15 s for one.
 */
export class AddressChange {
  readonly #clock: Clock;
  readonly #onLost: () => void;
  readonly #known = new Set<string>();
  #state: "new" | "connected" | "lost" = "new";
  #changedAt = -Infinity;
  #cancel: () => void = () => {};

  /** @param onLost Called when the peer connection has not come back in time. */
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
