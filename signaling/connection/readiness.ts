/**
 * What makes a connection count as connected.
 *
 * @module
 */

import type { Clock } from "../../base/clock.ts";
import type { PeerConnectionState } from "./peer.ts";
import type { Timeline } from "./timeline.ts";

/** What is still missing before a connection counts as connected. */
export type Missing = "offer" | "connection.created" | "peer connection" | undefined;

/** What a {@link Readiness} needs of its owner. */
export interface ReadinessOwner {
  /** The end has begun: nothing is to become connected any more. */
  isClosing(): boolean;
  /** Nothing is missing any more. Once. */
  onConnected(): void;
}

/** Whether the offer, the own `connection.created` and the peer connection are there. */
export class Readiness {
  readonly #clock: Clock;
  readonly #createdWaitMs: number;
  readonly #timeline: Timeline;
  readonly #owner: ReadinessOwner;
  #offered = false;
  #created = false;
  #peerState: PeerConnectionState = "new";
  #connected = false;
  #cancelTimer: () => void = () => {};

  /** Nothing is there yet. @param createdWaitMs As in `SignalingLimits`. */
  constructor(clock: Clock, createdWaitMs: number, timeline: Timeline, owner: ReadinessOwner) {
    this.#clock = clock;
    this.#createdWaitMs = createdWaitMs;
    this.#timeline = timeline;
    this.#owner = owner;
  }

  /** What is still missing. */
  get missing(): Missing {
    if (!this.#offered) return "offer";
    if (!this.#created) return "connection.created";
    return this.#peerState === "connected" ? undefined : "peer connection";
  }

  /** The offer has come. */
  offered(): void {
    this.#offered = true;
    this.#timeline.end("offer");
  }

  /** The own `connection.created` has come, or is not waited for any more. */
  created(): void {
    this.#created = true;
    this.#timeline.end("created");
    this.#check();
  }

  /** The state of the peer connection has changed. */
  peerState(state: PeerConnectionState): void {
    this.#peerState = state;
    if (state === "connected") this.#timeline.end("peer-connection");
    this.#check();
  }

  /** Waits for nothing any more. */
  stop(): void {
    this.#cancelTimer();
  }

  #check(): void {
    this.#cancelTimer();
    if (this.#connected || this.#owner.isClosing()) return;
    if (this.missing !== undefined) {
      this.#doWithoutCreated();
      return;
    }
    this.#connected = true;
    this.#timeline.end("connect");
    this.#owner.onConnected();
  }

  /** Counts as connected after a while although the server does not announce it. */
  #doWithoutCreated(): void {
    if (this.#created || this.#peerState !== "connected") return;
    this.#cancelTimer = this.#clock.after(this.#createdWaitMs, () => this.created());
  }
}
