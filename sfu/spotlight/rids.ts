/** Which layers a receiver wants of focused and of other senders. */
import type { RequestRid } from "../sdp/rids.ts";

/** The layers of a sender in both states. */
export interface RidPair {
  readonly focus: RequestRid;
  readonly unfocus: RequestRid;
}

/** Senders are members of the receiver's channel, and forgotten when they leave. */
export class SpotlightRids {
  readonly #initial: RidPair;
  #common: RidPair;
  readonly #bySender = new Map<string, RidPair>();

  /** @param initial those of `connect`, or of the server's options */
  constructor(initial: RidPair) {
    this.#initial = this.#common = initial;
  }

  /** The layer of a sender. */
  of(senderId: string, focused: boolean): RequestRid {
    const pair = this.#bySender.get(senderId) ?? this.#common;
    return focused ? pair.focus : pair.unfocus;
  }

  /** Wants these layers of one sender, or of all, also of those that were requested on their own. */
  request(pair: RidPair, senderId?: string): void {
    if (senderId === undefined) {
      this.#common = pair;
      this.#bySender.clear();
    } else {
      this.#bySender.set(senderId, pair);
    }
  }

  /** Undoes what was requested of one sender, or everything. */
  reset(senderId?: string): void {
    if (senderId === undefined) {
      this.#common = this.#initial;
      this.#bySender.clear();
    } else {
      this.#bySender.delete(senderId);
    }
  }

  /** Forgets senders who are not there any more. */
  retain(isThere: (senderId: string) => boolean): void {
    for (const senderId of this.#bySender.keys()) {
      if (!isThere(senderId)) this.#bySender.delete(senderId);
    }
  }
}
