/** A channel: its members, the media and messages that they exchange, and their notifications. */
import type { Buffer } from "node:buffer";
import { RelayedMessage } from "../data/relayed_message.ts";
import { createId } from "../ids.ts";
import {
  type BlockedTracks,
  blockedTracks,
  type ForwardingMember,
  sameBundle,
  tracksFor,
} from "./forwarding.ts";
import type { PlaceHolder } from "./pending_places.ts";
import type { TracksOfOthers } from "../media/session.ts";
import { CodecTable } from "../sdp/codecs.ts";
import type { Role } from "../signaling/connect_request.ts";
import { FilterSet } from "../signaling/filter_set.ts";
import type { JsonObject, JsonValue } from "../../base/json.ts";
import {
  type ChannelCounts,
  connectionEvent,
  type NotifySubject,
  presentMember,
  spotlightEvent,
} from "../signaling/notify.ts";
import { Refusal } from "../signaling/refusal.ts";
import type { SpotlightRequest } from "../signaling/spotlight_request.ts";
import { ChannelSpotlight } from "./channel_spotlight.ts";

/** A connection as its channel sees it. */
export interface Member extends ForwardingMember {
  bundleId: string;
  readonly connection: PlaceHolder;
  readonly role: Role;
  /** Whether it is established, so that others know of it. */
  readonly created: boolean;
  /** What it asks of the channel's spotlight; undefined when it receives everybody alike. */
  readonly spotlight: SpotlightRequest | undefined;
  /** Its description in notifications. */
  describe(): NotifySubject;
  notify(message: JsonObject): void;
  push(message: JsonObject): void;
  /** Whether it has room for a message on that label, or drops what it has no room for. */
  takesMessage(label: string): boolean;
  /** Relays one of its held messages. Returns whether there was one that may be relayed. */
  relayHeld(): boolean;
  /** Another member sent this on a messaging channel. */
  onMemberMessage(message: RelayedMessage): void;
  /** The tracks of the others changed. */
  onTracksChanged(): void;
  /** Another member gained or lost the focus. */
  onFocusChanged(): void;
}

export class Channel {
  readonly id: string;
  /** New each time a channel goes from no connection to one. */
  readonly sessionId = createId();
  readonly codecs = new CodecTable();
  /** What its members receive of each other, where their own filters do not say. */
  readonly filters = new FilterSet();
  readonly #members = new Set<Member>();
  readonly #defaultSpotlightNumber: number;
  #spotlight: ChannelSpotlight<Member> | undefined;
  #relaying = false;

  /** @param defaultSpotlightNumber focused members of a spotlight whose first member does not say how many */
  constructor(id: string, defaultSpotlightNumber: number) {
    this.id = id;
    this.#defaultSpotlightNumber = defaultSpotlightNumber;
  }

  /** The spotlight, from the first member on that asks for one. */
  get spotlight(): ChannelSpotlight<Member> | undefined {
    return this.#spotlight;
  }

  /** Members, established or not. */
  get size(): number {
    return this.#members.size;
  }

  /** All members, established or not. */
  get members(): Member[] {
    return [...this.#members];
  }

  /**
   * Adds a member who is not established yet.
   *
   * @throws Refusal when it asks for fewer places of the spotlight than are fixed.
   */
  join(member: Member): void {
    const { number } = member.spotlight ?? {};
    if (number !== undefined && this.#spotlight?.hasPlaces(number) === false) {
      throw new Refusal(
        "SPOTLIGHT-NUMBER-WITH-FIXED-MEMBERS",
        "connect.spotlight_number is lower than the number of members with a fixed focus",
      );
    }
    this.#members.add(member);
    if (member.spotlight !== undefined) this.#spotlight ??= this.#createSpotlight(member.spotlight);
    this.#spotlight?.update(member);
  }

  /** Removes a member and notifies the others. */
  leave(member: Member): void {
    if (!this.#members.delete(member)) return;
    this.#spotlight?.remove(member);
    if (member.created) {
      const event = connectionEvent(
        "connection.destroyed",
        member.describe(),
        this.#counts(),
      );
      this.#notifyOthers(member, event);
    }
    if (member.tracks.length > 0) this.publishFrom(member);
    this.relayHeld();
  }

  /** Notifies everybody that a member is established, and the newcomer of who is there already. */
  announce(member: Member): void {
    const { number } = member.spotlight ?? {};
    // As with Sora's API, the latest number holds.
    if (number !== undefined) this.#spotlight?.setNumber(number);
    const event = connectionEvent("connection.created", member.describe(), this.#counts());
    const present = [...this.#members]
      .filter((other) => other !== member && other.created && !sameBundle(member, other))
      .map((other) => presentMember(other.describe()));
    member.notify({ ...event, data: present });
    this.#notifyOfFocused(member);
    this.#notifyOthers(member, event);
  }

  /** Notifies a member of its own state and the counts of the channel. */
  update(member: Member): void {
    member.notify(connectionEvent("connection.updated", member.describe(), this.#counts()));
  }

  /** Reports to the others that a member's tracks changed. */
  publishFrom(member: Member): void {
    if (this.#members.has(member)) this.#spotlight?.update(member);
    for (const other of [...this.#members]) {
      // Also those of its bundle, which may have received them before they were in it.
      if (other !== member) other.onTracksChanged();
    }
  }

  /** The tracks of the others, and which of them a member is to receive. */
  tracksFor(member: Member): TracksOfOthers {
    return tracksFor(member, this.#members, this.filters);
  }

  /** What filters keep from members who would receive it. */
  blocked(): BlockedTracks[] {
    return blockedTracks(this.members, this.filters);
  }

  /**
   * Puts a member into another bundle, whose members do not know of each other: it and those of the one before are notified of
   * each other's creation, it and those of the new one of each other's end.
   */
  setBundle(member: Member, bundleId: string): void {
    const others = [...this.#members].filter((other) => other !== member && other.created);
    const apart = (other: Member) => !sameBundle(member, other);
    const before = new Set(others.filter(apart));
    member.bundleId = bundleId;
    for (const other of member.created ? others : []) {
      if (before.has(other) === apart(other)) continue;
      const event = apart(other) ? "connection.created" : "connection.destroyed";
      other.notify(connectionEvent(event, member.describe(), this.#counts()));
      member.notify(connectionEvent(event, other.describe(), this.#counts()));
    }
    this.applyForwarding();
  }

  /** Applies filters that changed to one member, or to all. */
  applyForwarding(member?: ForwardingMember): void {
    for (const one of [...this.#members]) {
      if (member === undefined || one === member) one.onTracksChanged();
    }
  }

  /** Whether all others have room for a message on that label. */
  mayRelay(sender: Member, label: string): boolean {
    let may = true;
    // Every member is asked, so that the patience with each that has no room begins.
    for (const other of this.#members) {
      if (other !== sender && !sameBundle(sender, other) && !other.takesMessage(label)) may = false;
    }
    return may;
  }

  /** Relays held messages, one of each sender in turn. */
  relayHeld(): void {
    if (this.#relaying) return;
    this.#relaying = true;
    try {
      let more = true;
      while (more) {
        more = false;
        for (const member of [...this.#members]) {
          if (member.relayHeld()) more = true;
        }
      }
    } finally {
      this.#relaying = false;
    }
  }

  /** Relays a member's message to all others that have a data channel of that label. */
  relay(sender: Member, label: string, data: Buffer): void {
    const message = new RelayedMessage(label, sender.id, data);
    for (const other of this.#members) {
      if (other !== sender && !sameBundle(sender, other)) other.onMemberMessage(message);
    }
  }

  /** Pushes data to all established members. */
  push(data: JsonValue): void {
    const message: JsonObject = { type: "push", data };
    for (const member of [...this.#members]) {
      if (member.created) member.push(message);
    }
  }

  /** Pushes data to all others. */
  pushFrom(sender: Member, data: JsonValue): void {
    const message: JsonObject = { type: "push", data };
    for (const other of [...this.#members]) {
      if (other !== sender && other.created && !sameBundle(sender, other)) other.push(message);
    }
  }

  /** Does what is due; called every 100 ms. */
  tick(nowMs: number): void {
    this.#spotlight?.tick(nowMs);
  }

  #createSpotlight({ number }: SpotlightRequest): ChannelSpotlight<Member> {
    const spotlight = new ChannelSpotlight<Member>(number ?? this.#defaultSpotlightNumber, {
      onFocus: (member, focused, fixed) => this.#onFocus(member, focused, fixed),
    });
    for (const member of this.#members) spotlight.update(member);
    return spotlight;
  }

  #onFocus(member: Member, focused: boolean, fixed: boolean): void {
    const event = spotlightEvent(member.describe(), focused, fixed);
    for (const other of [...this.#members]) {
      if (other !== member) other.onFocusChanged();
      if (other.created && (other === member || !sameBundle(member, other))) other.notify(event);
    }
  }

  /** Notifies a newcomer of who has the focus already. */
  #notifyOfFocused(newcomer: Member): void {
    const spotlight = this.#spotlight;
    for (const member of spotlight?.focused ?? []) {
      if (sameBundle(member, newcomer)) continue;
      newcomer.notify(spotlightEvent(member.describe(), true, spotlight?.isFixed(member) === true));
    }
  }

  #notifyOthers(member: Member, event: JsonObject): void {
    for (const other of [...this.#members]) {
      if (other !== member && other.created && !sameBundle(member, other)) other.notify(event);
    }
  }

  #counts(): ChannelCounts {
    const counts = { sendrecv: 0, sendonly: 0, recvonly: 0 };
    for (const member of this.#members) {
      if (member.created) counts[member.role]++;
    }
    const { number } = this.#spotlight ?? {};
    return number === undefined ? counts : { ...counts, spotlightNumber: number };
  }
}
