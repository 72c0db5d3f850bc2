/** The retransmission stream on which the path to a subscriber is probed. */
import type { PublishedTrack } from "./published_track.ts";
import type { Subscription } from "./subscription.ts";
import type { Transport } from "../transport/transport.ts";

export class Padding {
  readonly #transport: Transport;
  /** The track whose stream it is. */
  #track: PublishedTrack | undefined;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Names a stream of a subscription that runs, unless there is one already: numbers are not taken back from it. */
  choose(subscriptions: Iterable<Subscription>): void {
    if (this.#track !== undefined) return;
    for (const { track, running, retransmissions } of subscriptions) {
      if (!running || retransmissions === undefined) continue;
      const { ssrc, payloadType, sequenceNumber } = retransmissions;
      this.#transport.setPadding(ssrc, payloadType, sequenceNumber);
      this.#track = track;
      return;
    }
  }

  /** A track is no more; the transport has forgotten its streams. */
  forget(track: PublishedTrack): void {
    if (track === this.#track) this.#track = undefined;
  }
}
