/**
 * The native peer connection, as signaling uses it.
 *
 * @module
 */

import { SoraError } from "../../base/errors.ts";
import { EventType, json, PeerState, type Realm, utf8 } from "../../ffi/mod.ts";
import type {
  OfferMessage,
  Peer,
  PeerConnectionState,
  PeerEvents,
  PeerFactory,
  PeerIceCandidate,
} from "../../signaling/mod.ts";
import type { ConnectionMedia, SendingPeer } from "../connection_media.ts";
import type { RemoteTrackDescription } from "../track/media_track.ts";
import { NativeHandle } from "../native/handle.ts";
import {
  type DataChannelDescription,
  MAX_BUFFERED_BYTES,
  maxMessageBytes,
  NativeDataChannels,
} from "./data_channels.ts";
import { PeerSenders } from "./senders.ts";
import { RemoteTracks } from "./remote_tracks.ts";
import type { SoraTrackKind } from "../track/track.ts";
import type { TurnSettings } from "./turn_settings.ts";
import type { SoraSource } from "../track/source.ts";

const states: ReadonlyMap<number, PeerConnectionState> = new Map([
  [PeerState.NEW, "new"],
  [PeerState.CONNECTING, "connecting"],
  [PeerState.CONNECTED, "connected"],
  [PeerState.DISCONNECTED, "disconnected"],
  [PeerState.FAILED, "failed"],
  [PeerState.CLOSED, "closed"],
]);

/** How long `close()` waits for the native peer. A backstop: closing takes milliseconds. */
const CLOSE_TIMEOUT_MS = 5_000;

const decoder = new TextDecoder();

function parse<T>(payload: Uint8Array): T {
  return JSON.parse(decoder.decode(payload)) as T;
}

class NativePeer implements Peer, SendingPeer {
  readonly sendDataChannel: Peer["sendDataChannel"];
  readonly #realm: Realm;
  readonly #events: PeerEvents;
  readonly #media: ConnectionMedia;
  readonly #handle: NativeHandle;
  readonly #dataChannels: NativeDataChannels;
  readonly #senders: PeerSenders;
  readonly #tracks: RemoteTracks;
  readonly #closed = Promise.withResolvers<void>();
  /** The handle whose events are listened to, until no more will come. */
  #value: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    factory: NativeHandle,
    offer: OfferMessage,
    events: PeerEvents,
    media: ConnectionMedia,
    turn: TurnSettings,
  ) {
    this.#realm = factory.realm;
    this.#events = events;
    this.#media = media;
    // Only what the server decides: it does not decide how TLS is verified, nor which proxy is used, nor against the option `relay`.
    const { iceServers, iceTransportPolicy } = offer.config;
    const configuration = json({
      iceServers,
      ...(iceTransportPolicy === undefined ? {} : { iceTransportPolicy }),
      ...turn,
      ...(media.options.sync === undefined ? {} : { sync: media.options.sync }),
    });
    this.#handle = NativeHandle.create(
      this.#realm,
      "The peer connection",
      (functions, out) =>
        functions.sora_peer_create(factory.value, configuration, configuration.byteLength, out),
    );
    this.#realm.events.hold();
    this.#value = this.#handle.value;
    media.begin(this);
    this.#dataChannels = new NativeDataChannels(this.#realm, events);
    this.sendDataChannel = this.#dataChannels.send;
    this.#senders = new PeerSenders(factory, this.#handle, offer, media);
    this.#tracks = new RemoteTracks(factory, events, media);
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
    await this.#senders.onOffer();
  }

  replaceSource(kind: SoraTrackKind, source: SoraSource | undefined): Promise<void> {
    return this.#senders.replace(kind, source);
  }

  async createAnswer(): Promise<string> {
    const answer = await this.#request((request) =>
      this.#realm.functions.sora_peer_create_answer(this.#handle.value, request)
    );
    this.#senders.checkAnswer(answer);
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

  readonly maxBufferedBytes = MAX_BUFFERED_BYTES;

  get maxMessageBytes(): number {
    return this.#dataChannels.maxMessageBytes;
  }

  bufferedAmount(label: string): number {
    return this.#dataChannels.bufferedAmount(label);
  }

  close(): Promise<void> {
    const value = this.#handle.take();
    if (value !== 0) {
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
        this.#tracks.add(argument, parse<RemoteTrackDescription>(payload));
        break;
      case EventType.TRACK_REMOVED:
        this.#tracks.remove(argument);
        break;
      case EventType.DATA_CHANNEL:
        this.#dataChannels.add(argument, parse<DataChannelDescription>(payload));
        break;
      case EventType.CODEC_FAILED:
        this.#onCodecFailed(decoder.decode(payload));
        break;
    }
  }

  #onCodecFailed(text: string): void {
    this.#events.onCodecFailed();
    if (this.#events.mayReport()) this.#media.report(new SoraError("CODEC_FAILED", text));
  }

  #endMedia(): void {
    this.#media.end(this);
    this.#senders.end();
    this.#tracks.end();
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
    this.#closed.resolve(this.#realm.events.release());
  }
}

/**
 * Makes the peers of a connection.
 *
 * @param factory The native factory.
 * @param media What they send, and where received tracks go.
 * @param turn Settings for TURN servers.
 */
export function nativePeerFactory(
  factory: NativeHandle,
  media: ConnectionMedia,
  turn: TurnSettings,
): PeerFactory {
  return (offer, events) => new NativePeer(factory, offer, events, media, turn);
}
