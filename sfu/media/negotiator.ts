/** Offers and answers of one connection: one exchange at a time, later changes are coalesced. */
import { randomBytes } from "node:crypto";
import type { Transport } from "../transport/transport.ts";
import type { PublishedTrack } from "./published_track.ts";
import { parseAnswer, type SdpAnswer, SdpError } from "../sdp/answer.ts";
import type { Codec, MediaKind } from "../sdp/codecs.ts";
import { MediaPlan, type OwnSection, type PlanResult } from "../sdp/media_plan.ts";
import { writeOffer } from "../sdp/offer.ts";
import { Refusal } from "../signaling/refusal.ts";

/** Settings of a negotiator. */
export interface NegotiatorSettings {
  readonly host: string;
  readonly transport: Transport;
  readonly own: readonly OwnSection[];
  /** Opus format parameters that the client asked for. */
  readonly audioParameters: string;
  /** Start bit rate of the client's video in kbit/s; 0 when it sends none. */
  readonly startBitRate: number;
  /** Largest data channel message; undefined without data channels. */
  readonly dataMaxMessageSize?: number;
  /** Sends a re-offer. */
  sendReoffer(sdp: string): void;
}

/** The outcome of an exchange. */
export interface ExchangeResult extends PlanResult<PublishedTrack> {
  readonly answer: SdpAnswer;
}

export class Negotiator {
  readonly #settings: NegotiatorSettings;
  readonly #plan: MediaPlan<PublishedTrack>;
  readonly #sessionId = (randomBytes(8).readBigUInt64BE(0) >> 2n).toString();
  #version = 0;
  #outstanding = false;
  #stale = false;
  /** A limit changed after the latest offer. */
  #limited = false;

  constructor(settings: NegotiatorSettings) {
    this.#settings = settings;
    this.#plan = new MediaPlan(settings.own, settings.dataMaxMessageSize);
  }

  /** Whether an offer waits for its answer. */
  get outstanding(): boolean {
    return this.#outstanding;
  }

  /** Whether the first exchange is still to be done. */
  get initial(): boolean {
    return this.#version <= 1;
  }

  /** mid of the section in which the client sends `kind`, if it does. */
  ownMid(kind: MediaKind): string | undefined {
    return this.#plan.ownMid(kind);
  }

  /** The first offer, with the tracks that are there already. */
  firstOffer(tracks: readonly PublishedTrack[]): string {
    this.#plan.want(tracks);
    return this.#nextOffer();
  }

  /** Sets the tracks to receive; sends a re-offer now or after the outstanding answer. */
  want(tracks: readonly PublishedTrack[]): void {
    this.#stale = this.#plan.want(tracks) || this.#limited;
    this.#reofferIfStale();
  }

  /** Limits what the client sends of `kind`, in bit/s, by a re-offer. Returns whether it sends that. */
  limit(kind: MediaKind, maxBitRate: number): boolean {
    if (!this.#plan.limit(kind, maxBitRate)) return false;
    this.#limited = this.#stale = true;
    this.#reofferIfStale();
    return true;
  }

  /** @throws Refusal when the answer cannot be used. */
  take(sdp: string): ExchangeResult {
    if (!this.#outstanding) throw new Refusal("INVALID-MESSAGE", "no answer is expected");
    try {
      const answer = parseAnswer(sdp, this.#plan.size);
      const result = this.#plan.answer(answer.sections);
      this.#outstanding = false;
      return { ...result, answer };
    } catch (error) {
      if (!(error instanceof SdpError)) throw error;
      throw new Refusal(error.badFingerprint ? "BAD-FINGERPRINT" : "INVALID-SDP", error.message);
    }
  }

  /** Sends the re-offer of what changed while an answer was outstanding. Call it after `take`. */
  resume(): void {
    this.#reofferIfStale();
  }

  #reofferIfStale(): void {
    if (this.#outstanding || !this.#stale) return;
    this.#stale = false;
    this.#settings.sendReoffer(this.#nextOffer());
  }

  #nextOffer(): string {
    this.#outstanding = true;
    this.#limited = false;
    const { host, transport } = this.#settings;
    return writeOffer({
      sessionId: this.#sessionId,
      version: ++this.#version,
      transport: {
        host,
        port: transport.port,
        ufrag: transport.ufrag,
        password: transport.password,
        fingerprint: transport.fingerprint,
      },
      formatParameters: (codec) => this.#formatParameters(codec),
      sections: this.#plan.offer(),
    });
  }

  /**
   * Format parameters are alike in all sections with the same payload type, because libwebrtc
   * refuses a bundle in which they differ.
   */
  #formatParameters(codec: Codec): string {
    if (codec.kind === "audio") return this.#settings.audioParameters;
    const { startBitRate, own } = this.#settings;
    const ownVideo = own.find((section) => section.kind === "video" && section.sends);
    if (ownVideo?.codec !== codec || startBitRate === 0) return codec.parameters;
    const start = `x-google-start-bitrate=${startBitRate}`;
    return codec.parameters === "" ? start : `${codec.parameters};${start}`;
  }
}
