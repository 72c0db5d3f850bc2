/** A track that a member publishes, and its layers, to which the other members subscribe. */
import { createSsrc } from "../ids.ts";
import type { Codec, MediaKind } from "../sdp/codecs.ts";
import type { RemoteTrack } from "../sdp/media_plan.ts";
import type { RtpPacket } from "../rtp/packet.ts";
import { PacketHistory } from "../rtp/packet_history.ts";
import { sequenceDifference } from "../rtp/sequence.ts";

/** The latest sender report of a layer: NTP time of an RTP timestamp. */
export interface SenderTime {
  readonly ntpHigh: number;
  readonly ntpLow: number;
  readonly rtpTimestamp: number;
}

/** Numbers of a packet. */
export interface PacketNumbers {
  readonly sequenceNumber: number;
  readonly timestamp: number;
}

/** Receives what is published. */
export interface LayerSubscriber {
  /** A packet, valid only during the call. */
  onPacket(packet: RtpPacket): void;
  onSenderTime(time: SenderTime): void;
}

/**
 * What the publisher sends under one rid, or all it sends without simulcast. Each layer is a whole
 * encoding of its own; a subscription forwards one at a time.
 */
export class Layer {
  readonly track: PublishedTrack;
  /** The rid by which its packets differ from those of other layers; undefined without simulcast. */
  readonly rid: string | undefined;
  /** The latest sender report, if one came. */
  senderTime: SenderTime | undefined;
  /** Packets that came, repeated ones once. */
  packets = 0;
  /** Bytes of their payload. */
  bytes = 0;
  /** The numbers of the packet with the highest one. */
  #newestNumber = -1;
  #newestTimestamp = 0;
  #history: PacketHistory | undefined;
  /** Never changed, so that it can be gone through while somebody leaves. */
  #subscribers: readonly LayerSubscriber[] = [];
  readonly #requestKeyFrame: (layer: Layer) => void;

  constructor(
    track: PublishedTrack,
    rid: string | undefined,
    requestKeyFrame: (layer: Layer) => void,
  ) {
    this.track = track;
    this.rid = rid;
    this.#requestKeyFrame = requestKeyFrame;
  }

  /** Numbers of the packet with the highest sequence number, if one came. */
  get newest(): PacketNumbers | undefined {
    return this.#newestNumber < 0
      ? undefined
      : { sequenceNumber: this.#newestNumber, timestamp: this.#newestTimestamp };
  }

  /** The packets that can be sent again. */
  get history(): PacketHistory | undefined {
    return this.#history;
  }

  subscribe(subscriber: LayerSubscriber): void {
    this.#subscribers = [...this.#subscribers, subscriber];
  }

  unsubscribe(subscriber: LayerSubscriber): void {
    this.#subscribers = this.#subscribers.filter((one) => one !== subscriber);
  }

  /** Asks the publisher for a key frame, not more often than it can make use of. */
  requestKeyFrame(): void {
    if (this.track.kind === "video") this.#requestKeyFrame(this);
  }

  /** Hands one packet to every subscription that chose this layer. */
  publish(packet: RtpPacket): void {
    const { sequenceNumber } = packet;
    // One that was lost may come after later ones.
    if (this.#newestNumber < 0 || sequenceDifference(sequenceNumber, this.#newestNumber) > 0) {
      this.#newestNumber = sequenceNumber;
      this.#newestTimestamp = packet.timestamp;
    }
    this.packets++;
    this.bytes += packet.payloadLength;
    if (this.#subscribers.length === 0) return;
    if (this.track.rtxSsrc !== undefined) (this.#history ??= new PacketHistory()).put(packet);
    for (const subscriber of this.#subscribers) subscriber.onPacket(packet);
  }

  /** Hands a sender report on. */
  publishTime(time: SenderTime): void {
    this.senderTime = time;
    for (const subscriber of this.#subscribers) subscriber.onSenderTime(time);
  }
}

/** What a track is made of. */
export interface PublishedTrackSettings {
  readonly kind: MediaKind;
  readonly codec: Codec;
  /** The publisher's connection id. */
  readonly streamId: string;
  /** The rids of its layers, the best first; none without simulcast, which is one layer. */
  readonly rids?: readonly string[];
  /** Asks the publisher for a key frame of a layer. */
  requestKeyFrame(layer: Layer): void;
}

export class PublishedTrack implements RemoteTrack {
  readonly kind: MediaKind;
  readonly codec: Codec;
  /** The publisher's connection id. */
  readonly streamId: string;
  readonly trackId: string;
  /** SSRC under which subscribers receive it, whatever the publisher's own are. */
  readonly ssrc = createSsrc();
  readonly rtxSsrc?: number;
  /** At least one, the best first. */
  readonly layers: readonly [Layer, ...Layer[]];

  constructor({ kind, codec, streamId, rids = [], requestKeyFrame }: PublishedTrackSettings) {
    this.kind = kind;
    this.codec = codec;
    this.streamId = streamId;
    this.trackId = `${streamId}-${kind}`;
    if (codec.rtxPayloadType !== undefined) this.rtxSsrc = createSsrc();
    const [best, ...others] = rids;
    const create = (rid?: string) => new Layer(this, rid, requestKeyFrame);
    this.layers = [create(best), ...others.map(create)];
  }

  /** The layer of packets with this rid: without simulcast the only one, whatever they carry. */
  layerOf(rid: string | undefined): Layer | undefined {
    return this.layers.length === 1
      ? this.layers[0]
      : this.layers.find((layer) => layer.rid === rid);
  }

  /** Asks the publisher for a key frame of each layer. */
  requestKeyFrame(): void {
    for (const layer of this.layers) layer.requestKeyFrame();
  }
}
