/** A track that a member publishes, as the other members subscribe to it. */
import { createSsrc } from "../ids.ts";
import type { RtpPacket } from "../rtp/packet.ts";
import type { Codec, MediaKind } from "../sdp/codecs.ts";
import type { RemoteTrack } from "../sdp/media_plan.ts";

/** The latest sender report of a track: NTP time of an RTP timestamp. */
export interface SenderTime {
  readonly ntpHigh: number;
  readonly ntpLow: number;
  readonly rtpTimestamp: number;
}

/** Receives what is published. */
export interface TrackSubscriber {
  onPacket(packet: RtpPacket): void;
  onSenderTime(time: SenderTime): void;
}

export class PublishedTrack implements RemoteTrack {
  readonly kind: MediaKind;
  readonly codec: Codec;
  /** The publisher's connection id. */
  readonly streamId: string;
  readonly trackId: string;
  /** SSRC under which subscribers receive it, whatever the publisher's own is. */
  readonly ssrc = createSsrc();
  readonly rtxSsrc?: number;
  /** The latest sender report, if one came. */
  senderTime: SenderTime | undefined;
  readonly #subscribers = new Set<TrackSubscriber>();
  readonly #requestKeyFrame: () => void;

  constructor(kind: MediaKind, codec: Codec, streamId: string, requestKeyFrame: () => void) {
    this.kind = kind;
    this.codec = codec;
    this.streamId = streamId;
    this.trackId = `${streamId}-${kind}`;
    if (codec.rtxPayloadType !== undefined) this.rtxSsrc = createSsrc();
    this.#requestKeyFrame = requestKeyFrame;
  }

  subscribe(subscriber: TrackSubscriber): void {
    this.#subscribers.add(subscriber);
  }

  unsubscribe(subscriber: TrackSubscriber): void {
    this.#subscribers.delete(subscriber);
  }

  /** Asks the publisher for a key frame, not more often than it can make use of. */
  requestKeyFrame(): void {
    if (this.kind === "video") this.#requestKeyFrame();
  }

  /** Hands one packet to every subscriber. */
  publish(packet: RtpPacket): void {
    for (const subscriber of this.#subscribers) subscriber.onPacket(packet);
  }

  /** Hands a sender report on. */
  publishTime(time: SenderTime): void {
    this.senderTime = time;
    for (const subscriber of this.#subscribers) subscriber.onSenderTime(time);
  }
}
