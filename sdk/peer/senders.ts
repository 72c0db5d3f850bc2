/**
 * The senders of a peer.
 *
 * @module
 */

import { json, type Realm, utf8 } from "../../ffi/mod.ts";
import { SoraError } from "../../base/errors.ts";
import type { OfferMessage } from "../../signaling/mod.ts";
import { cannotEncode, checkAnswered, checkLayerCodecs } from "./answer.ts";
import type { SoraDegradationPreference } from "../enums.ts";
import { native, type NativeHandle } from "../native/handle.ts";
import type { ConnectionMedia } from "../connection_media.ts";
import type { SoraTrackKind } from "../track/track.ts";
import type { SoraSource } from "../track/source.ts";

const preferences: Readonly<Record<SoraDegradationPreference, string>> = {
  DISABLED: "disabled",
  BALANCED: "balanced",
  MAINTAIN_FRAMERATE: "maintain-framerate",
  MAINTAIN_RESOLUTION: "maintain-resolution",
};

/** Senders of audio and video, at most one of each, in the media descriptions that the first offer assigns to them. */
export class PeerSenders {
  readonly #factory: NativeHandle;
  readonly #peer: NativeHandle;
  readonly #realm: Realm;
  readonly #offer: OfferMessage;
  readonly #media: ConnectionMedia;
  /** Media descriptions with a sender. */
  readonly #mids = new Map<SoraTrackKind, string>();
  #begun = false;
  /** Resolved once the senders are attached, or will not be. */
  readonly #attached = Promise.withResolvers<void>();

  /**
   * @param factory The native factory.
   * @param peer The native peer.
   * @param offer The first offer.
   * @param media What is sent.
   */
  constructor(
    factory: NativeHandle,
    peer: NativeHandle,
    offer: OfferMessage,
    media: ConnectionMedia,
  ) {
    this.#factory = factory;
    this.#peer = peer;
    this.#realm = factory.realm;
    this.#offer = offer;
    this.#media = media;
  }

  /**
   * Adjusts the senders to an offer, the first or a later one.
   *
   * @throws {SoraError} `UNSUPPORTED` when nothing here encodes the offered codecs.
   */
  async onOffer(): Promise<void> {
    if (!this.#begun) {
      this.#begun = true;
      await this.#attach().finally(this.#attached.resolve);
    }
    await this.#setEncodings();
  }

  /**
   * Checks that the answer accepts the video that is sent.
   *
   * @throws {SoraError} `UNSUPPORTED` when it is not.
   */
  checkAnswer(answer: string): void {
    const video = this.#mids.get("video");
    if (video !== undefined) checkAnswered(this.#offer.sdp, answer, video);
  }

  /** As `SendingPeer.replaceSource`. */
  async replace(
    kind: SoraTrackKind,
    source: SoraSource | undefined,
  ): Promise<void> {
    await this.#attached.promise;
    // It has ended in the meantime; the next connection sends the source.
    if (this.#peer.closed) return;
    const mid = this.#mids.get(kind);
    if (mid === undefined) {
      throw new SoraError(
        "INVALID_STATE",
        `This connection was made without ${kind} to send, so there is none to replace: connect() again to send it`,
      );
    }
    const { events, functions } = this.#realm;
    const text = utf8(mid);
    await events.request((request) =>
      functions.sora_peer_replace_source(
        this.#peer.value,
        source === undefined ? 0 : source[native].value,
        text,
        text.byteLength,
        request,
      )
    );
  }

  /** The peer is closed: releases those who wait for the senders. */
  end(): void {
    this.#attached.resolve();
  }

  async #attach(): Promise<void> {
    const { mid } = this.#offer;
    const [audio, video] = [this.#media.source("audio"), this.#media.source("video")];
    await this.#addSender(mid?.audio, audio);
    await this.#addSender(mid?.video, video);
    await this.#addTransformer("audio");
    await this.#addTransformer("video");
  }

  async #addSender(mid: string | undefined, source: SoraSource | undefined): Promise<void> {
    if (mid === undefined || source === undefined) return;
    const { events, functions } = this.#realm;
    const preference = this.#media.options.degradationPreference;
    const options = json({
      mid,
      streamId: this.#offer.connection_id,
      ...(source.kind === "video" && preference !== undefined
        ? { degradationPreference: preferences[preference] }
        : {}),
    });
    try {
      await events.request((request) =>
        functions.sora_peer_add_sender(
          this.#peer.value,
          source[native].value,
          options,
          options.byteLength,
          request,
        )
      );
    } catch (error) {
      if (!(error instanceof SoraError) || error.code !== "UNSUPPORTED") throw error;
      throw cannotEncode(this.#offer.sdp, mid);
    }
    this.#mids.set(source.kind, mid);
  }

  async #addTransformer(kind: SoraTrackKind): Promise<void> {
    const mid = this.#mids.get(kind);
    if (mid === undefined) return;
    const transformer = this.#media.attachTransformer(kind, this.#factory);
    if (transformer === undefined) return;
    const { events, functions } = this.#realm;
    const text = utf8(mid);
    await events.request((request) =>
      functions.sora_peer_set_sender_transformer(
        this.#peer.value,
        text,
        text.byteLength,
        transformer.value,
        request,
      )
    );
  }

  /** A re-offer clears the encodings, so they are set after each offer. */
  async #setEncodings(): Promise<void> {
    const { simulcast, encodings, mid } = this.#offer;
    if (simulcast !== true || encodings === undefined || mid?.video === undefined) return;
    if (this.#media.source("video") === undefined) return;
    checkLayerCodecs(this.#offer.sdp, mid.video, encodings);
    const { events, functions } = this.#realm;
    const known = encodings.map(({ codec: _, ...encoding }) => encoding);
    const text = json({ mid: mid.video, encodings: known });
    await events.request((request) =>
      functions.sora_peer_set_encodings(this.#peer.value, text, text.byteLength, request)
    );
  }
}
