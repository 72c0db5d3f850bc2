/** The sending half of a connection: its subscriptions to other members' tracks. */
import type { Transport } from "../transport/transport.ts";
import type { PublishedTrack } from "./published_track.ts";
import type { RtcpMessage } from "../rtp/rtcp.ts";
import type { RequestRid } from "../sdp/rids.ts";
import { LayerControl } from "./layer_control.ts";
import { Padding } from "./padding.ts";
import { RepeatBudget } from "./repeat_budget.ts";
import type { LayerSwitch } from "./layer_switch.ts";
import { Subscription } from "./subscription.ts";

/** What a receiver in a spotlight gets of a sender, by their connection's id. */
export interface FocusPolicy {
  /** Whether the sender's audio is forwarded. */
  hears(senderId: string): boolean;
  /** The layer of the sender's video. */
  rid(senderId: string): RequestRid;
}

/** The rid that a receiver gets, and who is told of changes. */
export interface LayerSettings {
  /** The layer of every sender's video until another one is requested. */
  readonly rid: RequestRid;
  onSwitched(change: LayerSwitch): void;
  /** Decides instead of {@linkcode rid} and requests; see {@linkcode Subscriber.applyFocus}. */
  readonly focus?: FocusPolicy;
}

/** The best layers, without notice: what a receiver gets when nobody chooses. */
const BEST: LayerSettings = { rid: "r2", onSwitched: () => {} };

export class Subscriber {
  readonly #transport: Transport;
  readonly #padding: Padding;
  readonly #focus: FocusPolicy | undefined;
  readonly #layers: LayerControl;
  readonly #budget = new RepeatBudget();
  /** By track, for as long as the track exists: sequence numbers must not start anew. */
  readonly #subscriptions = new Map<PublishedTrack, Subscription>();
  readonly #bySsrc = new Map<number, Subscription>();
  #present: ReadonlySet<PublishedTrack> = new Set();
  #wanted: ReadonlySet<PublishedTrack> = new Set();
  #ready: ReadonlySet<PublishedTrack> = new Set();
  /** The requested rid of all senders' videos, and those requested of single senders. */
  #requested: RequestRid;
  readonly #requestedOf = new Map<string, RequestRid>();
  readonly #onSwitched: (change: LayerSwitch) => void;
  #started = false;
  #retransmittedBefore = 0;
  #refusedBefore = 0;

  constructor(transport: Transport, { rid, onSwitched, focus }: LayerSettings = BEST) {
    this.#transport = transport;
    this.#padding = new Padding(transport);
    this.#layers = new LayerControl(transport);
    this.#requested = rid;
    this.#focus = focus;
    this.#onSwitched = onSwitched;
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

  /** Packets that were not forwarded because their number had been used, or not again because the path carries too little. */
  get refused(): number {
    let count = this.#refusedBefore + this.#budget.refused;
    for (const subscription of this.#subscriptions.values()) count += subscription.refused;
    return count;
  }

  /**
   * Sets the tracks that exist, subscriptions to others end, and which of them are to be received: nothing more is forwarded of
   * the rest. They keep their subscriptions, because their numbers must not start anew when they are wanted again, and are
   * forwarded from the next answer on.
   */
  setPresent(tracks: readonly PublishedTrack[], wanted = tracks): void {
    this.#present = new Set(tracks);
    this.#wanted = new Set(wanted);
    this.#ready = new Set([...this.#ready].filter((track) => this.#wanted.has(track)));
    for (const [track, subscription] of this.#subscriptions) {
      if (this.#present.has(track)) continue;
      subscription.end();
      this.#retransmittedBefore += subscription.retransmitted;
      this.#refusedBefore += subscription.refused;
      this.#subscriptions.delete(track);
      this.#bySsrc.delete(track.ssrc);
      this.#padding.forget(track);
    }
    for (const senderId of this.#requestedOf.keys()) {
      if (!this.#hasVideoOf(senderId)) this.#requestedOf.delete(senderId);
    }
    this.#apply();
  }

  /** Sets which of the wanted tracks the client is ready to receive. */
  setTracks(tracks: readonly PublishedTrack[]): void {
    this.#ready = new Set(tracks.filter((track) => this.#wanted.has(track)));
    for (const track of tracks) {
      if (!this.#present.has(track) || this.#subscriptions.has(track)) continue;
      const subscription = new Subscription(
        track,
        this.#transport,
        this.#wantedOf(track.streamId),
        this.#onSwitched,
        this.#budget,
      );
      this.#subscriptions.set(track, subscription);
      this.#bySsrc.set(track.ssrc, subscription);
    }
    this.#apply();
  }

  /** Brings what is forwarded in line with the policy, which changed. */
  applyFocus(): void {
    for (const [track, subscription] of this.#subscriptions) {
      subscription.request(this.#wantedOf(track.streamId));
    }
    this.#apply();
  }

  /**
   * Requests a layer, or none, of one sender's video, or of every sender's, present and future. The
   * best one that is there is forwarded from its next key frame on. Returns whether there is such a
   * sender.
   */
  request(rid: RequestRid, senderId?: string): boolean {
    if (senderId === undefined) {
      this.#requested = rid;
      this.#requestedOf.clear();
    } else if (this.#hasVideoOf(senderId)) {
      this.#requestedOf.set(senderId, rid);
    } else {
      return false;
    }
    for (const [track, subscription] of this.#subscriptions) {
      if (senderId === undefined || track.streamId === senderId) subscription.request(rid);
    }
    return true;
  }

  /** The path to the client carries so much, in bit/s. */
  onBandwidth(bitsPerSecond: number): void {
    this.#budget.setPath(bitsPerSecond);
    const nowMs = performance.now();
    this.#layers.onBandwidth(bitsPerSecond, this.#subscriptions.values(), nowMs);
  }

  /** Does what is due; called every 100 ms. */
  tick(nowMs: number): void {
    for (const subscription of this.#subscriptions.values()) subscription.tick(nowMs);
    this.#layers.tick(nowMs, this.#subscriptions.values());
  }

  #hasVideoOf(senderId: string): boolean {
    for (const { kind, streamId } of this.#present) {
      if (kind === "video" && streamId === senderId) return true;
    }
    return false;
  }

  /** Starts forwarding: the transport is up. */
  start(): void {
    this.#started = true;
    this.#apply();
  }

  #wantedOf(senderId: string): RequestRid {
    return this.#focus?.rid(senderId) ?? this.#requestedOf.get(senderId) ?? this.#requested;
  }

  /** Starts and stops subscriptions as it is due. */
  #apply(): void {
    for (const [track, subscription] of this.#subscriptions) {
      const isHeard = track.kind === "video" || this.#focus?.hears(track.streamId) !== false;
      if (!this.#started || !this.#ready.has(track)) subscription.stop();
      else if (isHeard) subscription.start();
      else subscription.pause();
    }
    if (this.#started) this.#padding.choose(this.#subscriptions.values());
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
