/** The spotlight of a channel: hears who speaks, and has the focus reported and applied. */
import type { LayerSubscriber } from "../media/layer.ts";
import type { PublishedTrack } from "../media/published_track.ts";
import type { RtpPacket } from "../rtp/packet.ts";
import type { SpotlightControl } from "../spotlight/control.ts";
import { Spotlight, type SpotlightHandlers } from "../spotlight/spotlight.ts";

/** A member as its spotlight sees it. */
export interface SpotlightMember {
  readonly id: string;
  readonly tracks: readonly PublishedTrack[];
}

/** Hears a member's audio, and sends it nowhere. */
class Listener<T extends SpotlightMember> implements LayerSubscriber {
  readonly #spotlight: Spotlight<T>;
  readonly #member: T;
  readonly #track: PublishedTrack;

  constructor(spotlight: Spotlight<T>, member: T, track: PublishedTrack) {
    this.#spotlight = spotlight;
    this.#member = member;
    this.#track = track;
    track.layers[0].subscribe(this);
  }

  onPacket({ audioLevel, timestamp, nowMs }: RtpPacket): void {
    if (audioLevel >= 0) this.#spotlight.onPacket(this.#member, audioLevel, timestamp, nowMs);
  }

  onSenderTime(): void {}

  stop(): void {
    this.#track.layers[0].unsubscribe(this);
  }
}

export class ChannelSpotlight<T extends SpotlightMember> implements SpotlightControl {
  readonly #spotlight: Spotlight<T>;
  readonly #listeners = new Map<T, Map<PublishedTrack, Listener<T>>>();

  constructor(number: number, handlers: SpotlightHandlers<T>) {
    this.#spotlight = new Spotlight(number, handlers);
  }

  get number(): number {
    return this.#spotlight.number;
  }

  /** The focused members. */
  get focused(): T[] {
    return this.#spotlight.focused;
  }

  isFocused(connectionId: string): boolean {
    const member = this.#find(connectionId);
    return member !== undefined && this.#spotlight.isFocused(member);
  }

  isFixed(member: T): boolean {
    return this.#spotlight.isFixed(member);
  }

  /** Whether a member has the focus, and for good. */
  focusOf(connectionId: string): "none" | "focused" | "fixed" {
    const member = this.#find(connectionId);
    if (member === undefined || !this.#spotlight.isFocused(member)) return "none";
    return this.#spotlight.isFixed(member) ? "fixed" : "focused";
  }

  /** Whether that many places are enough for those that are fixed. */
  hasPlaces(number: number): boolean {
    return this.#spotlight.fixed <= number;
  }

  /** Takes a new member, or one whose tracks changed. */
  update(member: T): void {
    this.#spotlight.add(member);
    const before = this.#listeners.get(member);
    const after = new Map<PublishedTrack, Listener<T>>();
    for (const track of member.tracks) {
      if (track.kind !== "audio") continue;
      after.set(track, before?.get(track) ?? new Listener(this.#spotlight, member, track));
    }
    for (const [track, listener] of before ?? []) if (!after.has(track)) listener.stop();
    this.#listeners.set(member, after);
  }

  /** Removes a member who left. */
  remove(member: T): void {
    for (const listener of this.#listeners.get(member)?.values() ?? []) listener.stop();
    this.#listeners.delete(member);
    this.#spotlight.remove(member);
  }

  /** Does what is due; called every 100 ms. */
  tick(nowMs: number): void {
    this.#spotlight.tick(nowMs);
  }

  focus(connectionId: string, fixed: boolean): boolean {
    const member = this.#find(connectionId);
    return member !== undefined && this.#spotlight.focus(member, fixed, performance.now());
  }

  unfocus(connectionId: string): void {
    const member = this.#find(connectionId);
    if (member !== undefined) this.#spotlight.unfocus(member);
  }

  setNumber(number: number): boolean {
    return this.#spotlight.setNumber(number, performance.now());
  }

  #find(connectionId: string): T | undefined {
    for (const member of this.#listeners.keys()) if (member.id === connectionId) return member;
    return undefined;
  }
}
