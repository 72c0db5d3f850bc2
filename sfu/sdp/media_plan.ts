/**
 * The media sections of one connection: its own at the front, then one for each remote track.
 * Sections never go away; one whose publisher left is rejected (port 0) and, once the client has
 * answered that, used again under a new mid (RFC 9429, 5.2.2).
 */
import { createSuffix } from "../ids.ts";
import type { AnswerSection } from "./answer.ts";
import { SdpError } from "./answer.ts";
import type { Codec, MediaKind } from "./codecs.ts";
import type { OfferMediaSection, OfferSection, OfferStream } from "./offer.ts";
import type { OfferedRid } from "./rids.ts";

/** A track of another member that this connection is to receive. */
export interface RemoteTrack extends OfferStream {
  readonly kind: MediaKind;
  readonly codec: Codec;
}

/** A section in which the client sends, or may not. */
export interface OwnSection {
  readonly kind: MediaKind;
  readonly sends: boolean;
  readonly codec: Codec;
  readonly maxBitRate?: number;
  /** Layers that the client may send; none without simulcast. */
  readonly rids?: readonly OfferedRid[];
}

interface OwnSlot extends OwnSection {
  readonly type: "own";
  readonly mid: string;
  maxBitRate?: number;
  refused: boolean;
}

interface RemoteSlot<T extends RemoteTrack> {
  readonly type: "remote";
  readonly kind: MediaKind;
  mid: string;
  codec: Codec;
  track: T | undefined;
  /** Rejected in the last answered exchange: free to be used again. */
  free: boolean;
}

interface DataSlot {
  readonly type: "data";
  readonly mid: string;
  readonly maxMessageSize: number;
}

type Slot<T extends RemoteTrack> = OwnSlot | RemoteSlot<T> | DataSlot;

/** The outcome of an answer. */
export interface PlanResult<T extends RemoteTrack> {
  /** Own sections that the client accepted to send in. */
  readonly sending: readonly (AnswerSection & { readonly kind: MediaKind })[];
  /** Remote tracks that the client accepted to receive. */
  readonly receiving: readonly T[];
}

export class MediaPlan<T extends RemoteTrack> {
  readonly #slots: Slot<T>[] = [];
  readonly #refused = new WeakSet<T>();
  #desired: readonly T[] = [];

  constructor(own: readonly OwnSection[], dataMaxMessageSize?: number) {
    for (const section of own) {
      const mid = `${section.kind}_${createSuffix()}`;
      this.#slots.push({ ...section, type: "own", mid, refused: false });
    }
    if (dataMaxMessageSize !== undefined) {
      const mid = `data_${createSuffix()}`;
      this.#slots.push({ type: "data", mid, maxMessageSize: dataMaxMessageSize });
    }
  }

  /** Number of sections of the latest offer. */
  get size(): number {
    return this.#slots.length;
  }

  /** Limits what the client sends of `kind`, in bit/s, from the next offer on. Returns whether it sends that. */
  limit(kind: MediaKind, maxBitRate: number): boolean {
    const slot = this.#slots.find((s) => s.type === "own" && s.kind === kind && s.sends);
    if (slot?.type !== "own") return false;
    slot.maxBitRate = maxBitRate;
    return true;
  }

  /** mid of the section in which the client sends `kind`, if it does. */
  ownMid(kind: MediaKind): string | undefined {
    const slot = this.#slots.find((s) => s.type === "own" && s.kind === kind && s.sends);
    return slot?.mid;
  }

  /** Sets the tracks to receive. Returns whether they differ from those of the latest offer. */
  want(tracks: readonly T[]): boolean {
    this.#desired = tracks.filter((track) => !this.#refused.has(track));
    const offered = this.#offered();
    return offered.size !== this.#desired.length ||
      this.#desired.some((track) => !offered.has(track));
  }

  /** Brings the sections in line with the wanted tracks and lists them for an offer. */
  offer(): OfferSection[] {
    const desired = new Set(this.#desired);
    for (const slot of this.#slots) {
      if (slot.type === "remote" && slot.track !== undefined && !desired.has(slot.track)) {
        slot.track = undefined;
      }
    }
    const offered = this.#offered();
    for (const track of this.#desired) {
      if (!offered.has(track)) this.#place(track);
    }
    return this.#slots.map(describe);
  }

  /**
   * Takes the answer to the latest offer.
   *
   * @throws SdpError when a section does not fit the offer.
   */
  answer(sections: readonly AnswerSection[]): PlanResult<T> {
    const sending: (AnswerSection & { readonly kind: MediaKind })[] = [];
    const receiving: T[] = [];
    this.#slots.forEach((slot, index) => {
      const section = sections[index];
      if (section === undefined || (!section.rejected && section.mid !== slot.mid)) {
        throw new SdpError(`Section ${index} of the answer does not have the offered mid`);
      }
      if (slot.type === "data") {
        if (section.rejected) throw new SdpError("The data channel section was refused");
        return;
      }
      if (section.kind !== slot.kind) {
        throw new SdpError(`Section ${index} of the answer is not ${slot.kind}`);
      }
      const usable = !section.rejected &&
        section.payloadTypes.includes(slot.codec.payloadType);
      if (slot.type === "own") {
        slot.refused = section.rejected;
        if (slot.sends && usable && section.direction.startsWith("send")) {
          const { kind, rids: offered = [] } = slot;
          const rids = section.rids.filter((rid) => offered.some((one) => one.rid === rid));
          sending.push({ ...section, kind, rids });
        }
      } else if (slot.track === undefined) {
        slot.free = true;
      } else if (usable) {
        receiving.push(slot.track);
      } else {
        // The client cannot decode it: another offer would not help.
        this.#refused.add(slot.track);
        slot.track = undefined;
        slot.free = section.rejected;
      }
    });
    return { sending, receiving };
  }

  #offered(): Set<T> {
    const tracks = new Set<T>();
    for (const slot of this.#slots) {
      if (slot.type === "remote" && slot.track !== undefined) tracks.add(slot.track);
    }
    return tracks;
  }

  #place(track: T): void {
    const mid = `${track.kind}_${createSuffix()}`;
    for (const slot of this.#slots) {
      if (slot.type !== "remote" || slot.kind !== track.kind || !slot.free) continue;
      slot.mid = mid;
      slot.codec = track.codec;
      slot.track = track;
      slot.free = false;
      return;
    }
    const { kind, codec } = track;
    this.#slots.push({ type: "remote", kind, mid, codec, track, free: false });
  }
}

function describe<T extends RemoteTrack>(slot: Slot<T>): OfferSection {
  if (slot.type === "data") {
    const { mid, maxMessageSize } = slot;
    return { kind: "application", mid, rejected: false, maxMessageSize };
  }
  const { kind, mid, codec } = slot;
  if (slot.type === "own") {
    const section: OfferMediaSection = {
      kind,
      mid,
      codec,
      rejected: slot.refused,
      direction: slot.sends ? "recvonly" : "inactive",
    };
    if (!slot.sends) return section;
    const { maxBitRate, rids } = slot;
    return {
      ...section,
      ...(maxBitRate === undefined ? {} : { maxBitRate }),
      ...(rids === undefined ? {} : { rids }),
    };
  }
  const { track } = slot;
  const rejected = track === undefined;
  const section: OfferMediaSection = { kind, mid, codec, rejected, direction: "sendonly" };
  return track === undefined ? section : { ...section, stream: track };
}
