/**
 * The negotiation of a peer connection (RFC 8829): one offer at a time, in order; candidates wait until the first answer is sent.
 *
 * @module
 */

import type { Peer, PeerIceCandidate } from "./peer.ts";

/** A remote description and its transport. */
export interface RemoteOffer {
  /** The message's type. */
  readonly type: "offer" | "re-offer" | "update";
  /** The remote description. */
  readonly sdp: string;
  /** The transport, in the words of the error texts. */
  readonly via: "WebSocket" | "DataChannel";
}

/** Callbacks of a {@link Negotiation}. */
export interface NegotiationOwner {
  /** A remote description was applied; the answer is created next. */
  onApplied(offer: RemoteOffer): void;
  /** The answer must be sent. */
  onAnswer(offer: RemoteOffer, sdp: string): void;
  /** A local candidate must be sent. */
  onCandidate(candidate: string): void;
  /** The SDP was refused, or no answer could be made. `step` is in the words of the error texts. */
  onRefused(step: "SetOffer" | "CreateAnswer", offer: RemoteOffer, error: unknown): void;
  /** `onAnswer` or `onCandidate` threw. `what` was to be sent. */
  onUnsent(what: string, error: unknown): void;
}

/** The most offers that wait while one is negotiated. */
export const MAX_WAITING_OFFERS = 64;
/** The most candidates that wait for the answer. */
export const MAX_WAITING_CANDIDATES = 1024;

/** The negotiation of one peer connection. */
export class Negotiation {
  readonly #peer: Peer;
  readonly #owner: NegotiationOwner;
  readonly #offers: RemoteOffer[] = [];
  #candidates: string[] = [];
  #answered = false;
  #busy = false;
  #stopped = false;

  /** Starts with the first `push`. */
  constructor(peer: Peer, owner: NegotiationOwner) {
    this.#peer = peer;
    this.#owner = owner;
  }

  /** Adds a remote description. `false` if too many are waiting. */
  push(offer: RemoteOffer): boolean {
    if (this.#stopped) return true;
    if (this.#offers.length >= MAX_WAITING_OFFERS) return false;
    this.#offers.push(offer);
    if (!this.#busy) void this.#work();
    return true;
  }

  /** Adds a local candidate. `false` if too many are waiting for the answer. */
  addCandidate(candidate: PeerIceCandidate): boolean {
    if (this.#stopped) return true;
    if (this.#answered) {
      this.#sendCandidate(candidate.candidate);
      return true;
    }
    if (this.#candidates.length >= MAX_WAITING_CANDIDATES) return false;
    this.#candidates.push(candidate.candidate);
    return true;
  }

  /** Stops it: nothing more is reported. */
  stop(): void {
    this.#stopped = true;
    this.#offers.length = 0;
    this.#candidates = [];
  }

  async #work(): Promise<void> {
    this.#busy = true;
    for (let offer; !this.#stopped && (offer = this.#offers.shift()) !== undefined;) {
      let step: "SetOffer" | "CreateAnswer" = "SetOffer";
      let sdp: string;
      try {
        await this.#peer.setRemoteOffer(offer.sdp);
        if (this.#stopped) break;
        this.#owner.onApplied(offer);
        if (this.#stopped) break;
        step = "CreateAnswer";
        sdp = await this.#peer.createAnswer();
      } catch (error) {
        if (!this.#stopped) this.#owner.onRefused(step, offer, error);
        continue;
      }
      if (this.#stopped) break;
      try {
        this.#owner.onAnswer(offer, sdp);
      } catch (error) {
        if (!this.#stopped) this.#owner.onUnsent(`the answer to ${offer.type}`, error);
      }
      this.#sendWaiting();
    }
    this.#busy = false;
  }

  /** The candidates that waited for the first answer. */
  #sendWaiting(): void {
    if (this.#answered) return;
    this.#answered = true;
    const waiting = this.#candidates;
    this.#candidates = [];
    for (const candidate of waiting) {
      if (this.#stopped) return;
      this.#sendCandidate(candidate);
    }
  }

  #sendCandidate(candidate: string): void {
    try {
      this.#owner.onCandidate(candidate);
    } catch (error) {
      if (!this.#stopped) this.#owner.onUnsent("a candidate", error);
    }
  }
}
