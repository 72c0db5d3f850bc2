/**
 * A peer connection over the native library, as signaling asks for it.
 *
 * @module
 */

import { EventType, PeerState } from "../ffi/constants.ts";
import type { Realm } from "../ffi/realm.ts";
import { json, utf8 } from "../ffi/text.ts";
import { SoraError } from "../signaling/errors.ts";
import type { OfferMessage } from "../signaling/messages.ts";
import type {
  Peer,
  PeerConnectionState,
  PeerEvents,
  PeerFactory,
  PeerIceCandidate,
} from "../signaling/peer.ts";
import { cannotEncode, checkAnswered } from "./answer.ts";
import type { SoraAudioSource } from "./audio_source.ts";
import type { SoraDegradationPreference } from "./enums.ts";
import {
  attachTransformer,
  detachTransformer,
  type SoraAudioFrameTransformer,
  type SoraVideoFrameTransformer,
} from "./frame_transformer.ts";
import { endTrack, hasSinks, type RemoteTrackDescription, SoraMediaTrack } from "./media_track.ts";
import { native, NativeHandle } from "./native_handle.ts";
import {
  type DataChannelDescription,
  maxMessageBytes,
  PeerDataChannels,
} from "./peer_data_channels.ts";
import type { SoraTrackKind } from "./track.ts";
import type { TurnSettings } from "./turn_settings.ts";
import type { SoraVideoSource } from "./video_source.ts";

/** What a peer sends, and whom it tells of what it receives. */
export interface PeerMedia {
  /** Audio to send. */
  audioSource?: SoraAudioSource | undefined;
  /** Video to send. */
  videoSource?: SoraVideoSource | undefined;
  /** Gets the audio that is sent, encoded. */
  readonly audioFrameTransformer?: SoraAudioFrameTransformer | undefined;
  /** Gets the video that is sent, encoded. */
  readonly videoFrameTransformer?: SoraVideoFrameTransformer | undefined;
  /** The present peer connection. */
  peer?: SendingPeer | undefined;
  /** What is given up when video cannot keep up. */
  readonly degradationPreference?: SoraDegradationPreference | undefined;
  /** A track is received. */
  onTrack(track: SoraMediaTrack): void;
  /** A track is not received any more. */
  onRemoveTrack(track: SoraMediaTrack): void;
  /** Something cannot be received. */
  onError(error: SoraError): void;
}

/** A peer connection whose sources can be replaced. */
export interface SendingPeer {
  /**
   * Sends another source, or nothing more.
   *
   * @throws {SoraError} `INVALID_STATE` when nothing of this kind was sent before.
   */
  replaceSource(
    kind: SoraTrackKind,
    source: SoraAudioSource | SoraVideoSource | undefined,
  ): Promise<void>;
}

const states: ReadonlyMap<number, PeerConnectionState> = new Map([
  [PeerState.NEW, "new"],
  [PeerState.CONNECTING, "connecting"],
  [PeerState.CONNECTED, "connected"],
  [PeerState.DISCONNECTED, "disconnected"],
  [PeerState.FAILED, "failed"],
  [PeerState.CLOSED, "closed"],
]);

const preferences: Readonly<Record<SoraDegradationPreference, string>> = {
  DISABLED: "disabled",
  BALANCED: "balanced",
  MAINTAIN_FRAMERATE: "maintain-framerate",
  MAINTAIN_RESOLUTION: "maintain-resolution",
};

/** How long `close()` waits for the native peer; it is a backstop, closing takes milliseconds. */
const CLOSE_TIMEOUT_MS = 5_000;

const decoder = new TextDecoder();

function parse<T>(payload: Uint8Array): T {
  return JSON.parse(decoder.decode(payload)) as T;
}

class NativePeer implements Peer, SendingPeer {
  readonly #factory: NativeHandle;
  readonly #realm: Realm;
  readonly #offer: OfferMessage;
  readonly #events: PeerEvents;
  readonly #media: PeerMedia;
  readonly #handle: NativeHandle;
  readonly #dataChannels: PeerDataChannels;
  readonly #tracks = new Map<number, SoraMediaTrack>();
  /** Tracks that were removed, with sinks whose buffers can be read until the connection ends. */
  readonly #removed = new Set<SoraMediaTrack>();
  readonly #closed = Promise.withResolvers<void>();
  /** The handle that is listened for, until nothing will come for it. */
  #value: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sending = false;
  /** Resolved once the senders of the first offer are there, or will not come. */
  readonly #attached = Promise.withResolvers<void>();
  /** Media descriptions with a sender. */
  readonly #senders = new Map<SoraTrackKind, string>();

  constructor(
    factory: NativeHandle,
    offer: OfferMessage,
    events: PeerEvents,
    media: PeerMedia,
    turn: TurnSettings,
  ) {
    this.#factory = factory;
    this.#realm = factory.realm;
    this.#offer = offer;
    this.#events = events;
    this.#media = media;
    // Only what is the server's to say: how TLS is verified and which proxy is used is not.
    const { iceServers, iceTransportPolicy } = offer.config;
    const configuration = json({
      iceServers,
      ...(iceTransportPolicy === undefined ? {} : { iceTransportPolicy }),
      ...turn,
    });
    this.#handle = NativeHandle.create(
      this.#realm,
      "The peer connection",
      (functions, out) =>
        functions.sora_peer_create(factory.value, configuration, configuration.byteLength, out),
    );
    this.#value = this.#handle.value;
    media.peer = this;
    this.#dataChannels = new PeerDataChannels(this.#realm, events);
    this.#realm.events.hold();
    this.#realm.events.listen(
      this.#value,
      (type, argument, payload) => this.#onEvent(type, argument, payload),
    );
  }

  async setRemoteOffer(sdp: string): Promise<void> {
    const { events, functions } = this.#realm;
    const peer = this.#handle.value;
    const text = utf8(sdp);
    this.#dataChannels.maxMessageBytes = maxMessageBytes(sdp);
    await events.request((request) =>
      functions.sora_peer_set_remote_offer(peer, text, text.byteLength, request)
    );
    if (!this.#sending) {
      this.#sending = true;
      await this.#attach().finally(this.#attached.resolve);
    }
    await this.#setEncodings();
  }

  async #attach(): Promise<void> {
    const { mid } = this.#offer;
    const { audioSource, videoSource } = this.#media;
    await this.#addSender(mid?.audio, audioSource);
    await this.#addSender(mid?.video, videoSource);
    await this.#addTransformer("audio", this.#media.audioFrameTransformer);
    await this.#addTransformer("video", this.#media.videoFrameTransformer);
  }

  async #addSender(
    mid: string | undefined,
    source: SoraAudioSource | SoraVideoSource | undefined,
  ): Promise<void> {
    if (mid === undefined || source === undefined) return;
    const { events, functions } = this.#realm;
    const preference = this.#media.degradationPreference;
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
          this.#handle.value,
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
    this.#senders.set(source.kind, mid);
  }

  async #addTransformer(
    kind: SoraTrackKind,
    transformer: SoraAudioFrameTransformer | SoraVideoFrameTransformer | undefined,
  ): Promise<void> {
    const mid = this.#senders.get(kind);
    if (mid === undefined || transformer === undefined) return;
    const { events, functions } = this.#realm;
    const text = utf8(mid);
    const handle = transformer[attachTransformer](this.#factory, this.#media);
    await events.request((request) =>
      functions.sora_peer_set_sender_transformer(
        this.#handle.value,
        text,
        text.byteLength,
        handle.value,
        request,
      )
    );
  }

  async replaceSource(
    kind: SoraTrackKind,
    source: SoraAudioSource | SoraVideoSource | undefined,
  ): Promise<void> {
    await this.#attached.promise;
    // It has ended meanwhile; the next connection sends the source.
    if (this.#handle.closed) return;
    const mid = this.#senders.get(kind);
    if (mid === undefined) {
      throw new SoraError(
        "INVALID_STATE",
        `This connection was made without ${kind} to send, so there is none to replace: ` +
          "connect() again to send it",
      );
    }
    const { events, functions } = this.#realm;
    const text = utf8(mid);
    await events.request((request) =>
      functions.sora_peer_replace_source(
        this.#handle.value,
        source === undefined ? 0 : source[native].value,
        text,
        text.byteLength,
        request,
      )
    );
  }

  /** A re-offer clears the encodings, so they are set after each offer. */
  async #setEncodings(): Promise<void> {
    const { simulcast, encodings, mid } = this.#offer;
    if (simulcast !== true || encodings === undefined || mid?.video === undefined) return;
    if (this.#media.videoSource === undefined) return;
    const { events, functions } = this.#realm;
    const known = encodings.map(({ codec: _, ...encoding }) => encoding);
    const text = json({ mid: mid.video, encodings: known });
    await events.request((request) =>
      functions.sora_peer_set_encodings(this.#handle.value, text, text.byteLength, request)
    );
  }

  async createAnswer(): Promise<string> {
    const answer = await this.#request((request) =>
      this.#realm.functions.sora_peer_create_answer(this.#handle.value, request)
    );
    const video = this.#senders.get("video");
    if (video !== undefined) checkAnswered(this.#offer.sdp, answer, video);
    return answer;
  }

  getStats(): Promise<string> {
    return this.#request((request) =>
      this.#realm.functions.sora_peer_get_stats(this.#handle.value, request)
    );
  }

  async #request(start: (request: number) => number): Promise<string> {
    return await this.#realm.events.request(start);
  }

  sendDataChannel(label: string, data: Uint8Array<ArrayBuffer>, binary: boolean): boolean {
    return this.#dataChannels.send(label, data, binary);
  }

  bufferedAmount(label: string): number {
    return this.#dataChannels.bufferedAmount(label);
  }

  close(): Promise<void> {
    const value = this.#handle.take();
    if (value !== 0) {
      this.#attached.resolve();
      this.#endMedia();
      this.#dataChannels.clear();
      this.#realm.functions.sora_peer_close(value);
      this.#timer = setTimeout(() => this.#onClosed(), CLOSE_TIMEOUT_MS);
    }
    return this.#closed.promise;
  }

  #onEvent(type: number, argument: number, payload: Uint8Array): void {
    if (type === EventType.CLOSED) {
      this.#onNativeClosed();
      return;
    }
    if (this.#handle.closed) return;
    switch (type) {
      case EventType.PEER_STATE:
        this.#events.onConnectionStateChange(states.get(argument) ?? "new");
        break;
      case EventType.ICE_CANDIDATE:
        this.#events.onIceCandidate(parse<PeerIceCandidate>(payload));
        break;
      case EventType.TRACK:
        this.#addTrack(argument, parse<RemoteTrackDescription>(payload));
        break;
      case EventType.TRACK_REMOVED:
        this.#removeTrack(argument);
        break;
      case EventType.DATA_CHANNEL:
        this.#dataChannels.add(argument, parse<DataChannelDescription>(payload));
        break;
    }
  }

  #addTrack(handle: number, description: RemoteTrackDescription): void {
    if (handle === 0) {
      const { kind, streamId } = description;
      this.#media.onError(
        new SoraError(
          "LIMIT_EXCEEDED",
          `The ${kind} track of ${streamId} cannot be received: too many native objects are open`,
        ),
      );
      return;
    }
    const track = new SoraMediaTrack(
      description,
      new NativeHandle(this.#realm, `The ${description.kind} track`, handle),
      this.#factory,
    );
    this.#tracks.set(handle, track);
    if (this.#events.mayReport()) this.#media.onTrack(track);
  }

  #removeTrack(handle: number): void {
    const track = this.#tracks.get(handle);
    if (track === undefined) return;
    this.#tracks.delete(handle);
    endTrack(track, false);
    for (const removed of this.#removed) if (!hasSinks(removed)) this.#removed.delete(removed);
    if (hasSinks(track)) this.#removed.add(track);
    if (this.#events.mayReport()) this.#media.onRemoveTrack(track);
  }

  #endMedia(): void {
    const { audioFrameTransformer, videoFrameTransformer } = this.#media;
    // Another peer may have taken over already.
    if (this.#media.peer === this) {
      this.#media.peer = undefined;
      audioFrameTransformer?.[detachTransformer](this.#media);
      videoFrameTransformer?.[detachTransformer](this.#media);
    }
    for (const track of [...this.#tracks.values(), ...this.#removed]) endTrack(track, true);
    this.#tracks.clear();
    this.#removed.clear();
  }

  /** The native peer is gone: because of `close()`, or because its factory was closed. */
  #onNativeClosed(): void {
    const value = this.#handle.take();
    if (value !== 0) {
      this.#endMedia();
      this.#dataChannels.clear();
      this.#events.onConnectionStateChange("closed");
    }
    this.#onClosed();
  }

  #onClosed(): void {
    clearTimeout(this.#timer);
    if (this.#value === 0) return;
    this.#realm.events.unlisten(this.#value);
    this.#value = 0;
    this.#realm.events.release();
    this.#closed.resolve();
  }
}

/**
 * Makes the peers of a connection.
 *
 * @param factory The native factory.
 * @param turn How TURN servers are reached.
 */
export function nativePeerFactory(
  factory: NativeHandle,
  media: PeerMedia,
  turn: TurnSettings,
): PeerFactory {
  return (offer, events) => new NativePeer(factory, offer, events, media, turn);
}
