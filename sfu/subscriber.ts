/** The sending half of a connection: its subscriptions to other members' tracks. */
import type { MediaTransport } from "./media_transport.ts";
import type { PublishedTrack } from "./published_track.ts";
import type { RtcpMessage } from "./rtp/rtcp.ts";
import { Egress, Subscription } from "./subscription.ts";

export class Subscriber {
  readonly #egress: Egress;
  readonly #subscriptions = new Map<PublishedTrack, Subscription>();
  readonly #bySsrc = new Map<number, Subscription>();
  #started = false;
  #retransmittedBefore = 0;

  constructor(transport: MediaTransport) {
    this.#egress = new Egress(transport);
  }

  /** Packets sent again on request, over all subscriptions. */
  get retransmitted(): number {
    let count = this.#retransmittedBefore;
    for (const subscription of this.#subscriptions.values()) count += subscription.retransmitted;
    return count;
  }

  /** Sets the tracks that the client is ready to receive. */
  setTracks(tracks: readonly PublishedTrack[]): void {
    for (const [track, subscription] of this.#subscriptions) {
      if (tracks.includes(track)) continue;
      subscription.stop();
      this.#retransmittedBefore += subscription.retransmitted;
      this.#subscriptions.delete(track);
      this.#bySsrc.delete(track.ssrc);
    }
    for (const track of tracks) {
      if (this.#subscriptions.has(track)) continue;
      const subscription = new Subscription(track, this.#egress);
      this.#subscriptions.set(track, subscription);
      this.#bySsrc.set(track.ssrc, subscription);
      if (this.#started) subscription.start();
    }
  }

  /** Starts forwarding: the transport is up. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    for (const subscription of this.#subscriptions.values()) subscription.start();
  }

  /** Ends all subscriptions. */
  close(): void {
    this.setTracks([]);
  }

  /** Takes one message of the subscriber's RTCP. */
  onRtcp(message: RtcpMessage): void {
    if (message.kind === "nack") {
      this.#bySsrc.get(message.ssrc)?.retransmit(message.sequenceNumbers);
    } else if (message.kind === "keyFrameRequest") {
      for (const ssrc of message.ssrcs) this.#bySsrc.get(ssrc)?.track.requestKeyFrame();
    }
  }
}
