/** The sending half of a connection: its subscriptions to other members' tracks. */
import type { Transport } from "../transport/transport.ts";
import type { Layer, PublishedTrack } from "./published_track.ts";
import type { RtcpMessage } from "../rtp/rtcp.ts";
import { Egress, Subscription } from "./subscription.ts";

export class Subscriber {
  readonly #egress: Egress;
  /** By track, for as long as the track exists: sequence numbers must not start anew. */
  readonly #subscriptions = new Map<PublishedTrack, Subscription>();
  readonly #bySsrc = new Map<number, Subscription>();
  #present: ReadonlySet<PublishedTrack> = new Set();
  #ready: ReadonlySet<PublishedTrack> = new Set();
  #started = false;
  #retransmittedBefore = 0;
  #refusedBefore = 0;

  constructor(transport: Transport) {
    this.#egress = new Egress(transport);
  }

  /** The subscriptions to the tracks that exist. */
  get subscriptions(): readonly Subscription[] {
    return [...this.#subscriptions.values()];
  }

  /** Packets sent again on request, over all subscriptions. */
  get retransmitted(): number {
    let count = this.#retransmittedBefore;
    for (const subscription of this.#subscriptions.values()) count += subscription.retransmitted;
    return count;
  }

  /** Packets that were not forwarded because their number had been used. */
  get refused(): number {
    let count = this.#refusedBefore;
    for (const subscription of this.#subscriptions.values()) count += subscription.refused;
    return count;
  }

  /** Sets the tracks that exist; subscriptions to others end. */
  setPresent(tracks: readonly PublishedTrack[]): void {
    this.#present = new Set(tracks);
    for (const [track, subscription] of this.#subscriptions) {
      if (this.#present.has(track)) continue;
      subscription.end();
      this.#retransmittedBefore += subscription.retransmitted;
      this.#refusedBefore += subscription.refused;
      this.#subscriptions.delete(track);
      this.#bySsrc.delete(track.ssrc);
    }
  }

  /** Sets which of the present tracks the client is ready to receive. */
  setTracks(tracks: readonly PublishedTrack[]): void {
    this.#ready = new Set(tracks);
    for (const track of tracks) {
      if (!this.#present.has(track) || this.#subscriptions.has(track)) continue;
      const subscription = new Subscription(track, this.#egress);
      this.#subscriptions.set(track, subscription);
      this.#bySsrc.set(track.ssrc, subscription);
    }
    this.#apply();
  }

  /** Chooses the layer of a track that is forwarded from its next packet on. */
  choose(layer: Layer): void {
    this.#subscriptions.get(layer.track)?.choose(layer);
  }

  /** Starts forwarding: the transport is up. */
  start(): void {
    this.#started = true;
    this.#apply();
  }

  #apply(): void {
    for (const [track, subscription] of this.#subscriptions) {
      if (this.#started && this.#ready.has(track)) subscription.start();
      else subscription.stop();
    }
  }

  /** Ends all subscriptions. */
  close(): void {
    this.setPresent([]);
  }

  /** Takes one message of the subscriber's RTCP. */
  onRtcp(message: RtcpMessage): void {
    if (message.kind === "nack") {
      this.#bySsrc.get(message.ssrc)?.retransmit(message.sequenceNumbers);
    } else if (message.kind === "keyFrameRequest") {
      for (const ssrc of message.ssrcs) this.#bySsrc.get(ssrc)?.requestKeyFrame();
    }
  }
}
