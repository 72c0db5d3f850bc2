/** One layer of a published track, to which subscriptions of other members subscribe. */
import { FRAME_MARK_READERS, FrameMark, type FrameMarkReader } from "../rtp/frame_mark.ts";
import type { LayerFrameNumbers } from "../rtp/frame_numbers.ts";
import type { RtpPacket } from "../rtp/packet.ts";
import { PacketHistory } from "../rtp/packet_history.ts";
import { RateMeter } from "./rate_meter.ts";
import { sequenceDifference } from "../rtp/sequence.ts";
import { type TemporalReader, temporalReader } from "../rtp/temporal_layers.ts";
import type { Codec, MediaKind } from "../sdp/codecs.ts";
import type { Rid } from "../sdp/rids.ts";

/** The track of a layer, as its layers see it. */
export interface LayeredTrack {
  readonly kind: MediaKind;
  readonly codec: Codec;
  /** SSRC of retransmissions to subscribers. */
  readonly rtxSsrc?: number;
  /** When the latest packet of media of any of several layers came. */
  readonly mediaAt: number;
  /** Notes that a packet of one of several layers came. */
  noteMedia(nowMs: number): void;
  /** Reports that a layer goes on; `withKeyFrame`: with the first packet of a key frame. */
  onLayerReturned(withKeyFrame: boolean): void;
}

/** The latest sender report of a layer: NTP time of an RTP timestamp. */
export interface SenderTime {
  readonly ntpHigh: number;
  readonly ntpLow: number;
  readonly rtpTimestamp: number;
}

/** Receives what is published. */
export interface LayerSubscriber {
  /** A packet, valid only during the call. */
  onPacket(packet: RtpPacket, layer: Layer): void;
  onSenderTime(time: SenderTime, layer: Layer): void;
}

/**
 * Within so long after a key frame another one would not come at once, however it is asked for: encoders of libwebrtc make none
 * within 300 ms.
 */
const KEY_FRAME_INTERVAL_MS = 300;

/** A layer is silent when nothing of it came for so long before the latest packet of another one. */
const SILENCE_MS = 2000;

/**
 * What the publisher sends under one rid, or all it sends without simulcast. Each layer is a whole
 * encoding of its own; a subscription forwards one at a time.
 */
export class Layer {
  readonly track: LayeredTrack;
  /** The rid by which its packets differ from those of other layers; undefined without simulcast. */
  readonly rid: Rid | undefined;
  /** The latest sender report, if one came. */
  senderTime: SenderTime | undefined;
  /** Packets that came, repeated ones once. */
  packets = 0;
  /** Bytes of their payload. */
  bytes = 0;
  /** When its latest packet of media came. */
  #mediaAt = -Infinity;
  /** The highest sequence number; -1: nothing came. */
  #newest = -1;
  #history: PacketHistory | undefined;
  /** The number of the first packet of the latest key frame in the history, and when it came. */
  readonly #keyFrame = { sequenceNumber: -1, atMs: -Infinity };
  /** The highest number in the history. */
  #latest = -1;
  /** Never changed, so that it can be gone through while somebody leaves. */
  #subscribers: readonly LayerSubscriber[] = [];
  readonly #rate = new RateMeter();
  /** The rate of the lowest temporal layer, as long as there are others. */
  readonly #baseRate = new RateMeter();
  #temporalAt = -Infinity;
  readonly #readTemporal: TemporalReader | undefined;
  readonly #numbers: LayerFrameNumbers | undefined;
  /** Reads where key frames begin, in the only layer of a track. */
  readonly #readMark: FrameMarkReader | undefined;
  readonly #mark = new FrameMark();
  readonly #requestKeyFrame: (layer: Layer) => void;

  /** @param numbers the frame numbers that it shares with other layers */
  constructor(
    track: LayeredTrack,
    rid: Rid | undefined,
    numbers: LayerFrameNumbers | undefined,
    requestKeyFrame: (layer: Layer) => void,
  ) {
    this.track = track;
    this.rid = rid;
    this.#numbers = numbers;
    if (numbers === undefined) this.#readMark = FRAME_MARK_READERS.get(track.codec.name);
    this.#readTemporal = temporalReader(track.codec.name);
    this.#requestKeyFrame = requestKeyFrame;
  }

  /** Whether its publisher sends it at present, as far as its other layers show. */
  get isAlive(): boolean {
    return this.track.mediaAt - this.#mediaAt < SILENCE_MS;
  }

  /** What came lately, in bit/s on the wire. */
  bitRate(nowMs: number): number {
    return this.#rate.bitRate(nowMs);
  }

  /** What came lately of the lowest temporal layer; undefined when that is everything. */
  baseBitRate(nowMs: number): number | undefined {
    if (nowMs - this.#temporalAt >= SILENCE_MS) return undefined;
    return this.#baseRate.bitRate(nowMs);
  }

  /** The packets that can be sent again. */
  get history(): PacketHistory | undefined {
    return this.#history;
  }

  subscribe(subscriber: LayerSubscriber): void {
    if (this.#subscribers.includes(subscriber)) return;
    this.#subscribers = [...this.#subscribers, subscriber];
  }

  unsubscribe(subscriber: LayerSubscriber): void {
    this.#subscribers = this.#subscribers.filter((one) => one !== subscriber);
  }

  /** Asks the publisher for a key frame, not more often than it can make use of. */
  requestKeyFrame(): void {
    if (this.track.kind === "video") this.#requestKeyFrame(this);
  }

  /**
   * Hands one packet to every subscription that chose this layer. Returns false when it came too
   * late for that.
   */
  publish(packet: RtpPacket): boolean {
    if (this.#numbers !== undefined) {
      if (!this.#take(packet, this.#numbers)) return false;
    } else if (this.#readMark !== undefined) {
      this.#mark.read(packet, this.#readMark);
      packet.startsKeyFrame = this.#mark.startsKeyFrame;
    }
    this.packets++;
    this.bytes += packet.payloadLength;
    this.#rate.add(packet.size, packet.nowMs);
    this.#readTemporal?.(packet);
    if (packet.temporalLayer > 0) this.#temporalAt = packet.nowMs;
    else if (this.#readTemporal !== undefined) this.#baseRate.add(packet.size, packet.nowMs);
    if (this.#subscribers.length === 0) return true;
    if (this.track.rtxSsrc !== undefined) this.#keep(packet);
    for (const subscriber of this.#subscribers) subscriber.onPacket(packet, this);
    return true;
  }

  /**
   * The numbers of the packets that are kept since the latest key frame, when that is so young that another one would not come at
   * once; none otherwise.
   */
  *sinceKeyFrame(nowMs: number): Generator<number, void> {
    const { sequenceNumber, atMs } = this.#keyFrame;
    if (nowMs - atMs >= KEY_FRAME_INTERVAL_MS) return;
    const count = sequenceDifference(this.#latest, sequenceNumber) + 1;
    for (let index = 0; index < count; index++) yield (sequenceNumber + index) & 0xffff;
  }

  /** Hands a sender report on. */
  publishTime(time: SenderTime): void {
    this.senderTime = time;
    for (const subscriber of this.#subscribers) subscriber.onSenderTime(time, this);
  }

  #keep(packet: RtpPacket): void {
    (this.#history ??= new PacketHistory()).put(packet);
    const { sequenceNumber, startsKeyFrame, nowMs } = packet;
    if (this.#latest < 0 || sequenceDifference(sequenceNumber, this.#latest) > 0) {
      this.#latest = sequenceNumber;
    }
    if (!startsKeyFrame) return;
    this.#keyFrame.sequenceNumber = sequenceNumber;
    this.#keyFrame.atMs = nowMs;
  }

  /** Takes a packet of one of several layers. Returns false when it came too late. */
  #take(packet: RtpPacket, numbers: LayerFrameNumbers): boolean {
    const { sequenceNumber } = packet;
    // One that was lost may come after later ones.
    const isNewest = this.#newest < 0 || sequenceDifference(sequenceNumber, this.#newest) > 0;
    if (isNewest) this.#newest = sequenceNumber;
    if (!numbers.rewrite(packet, isNewest)) return false;
    // Probes of the bandwidth are no media.
    if (packet.mediaLength <= 0) return true;
    const wasAlive = this.isAlive;
    this.#mediaAt = packet.nowMs;
    this.track.noteMedia(packet.nowMs);
    // Whoever waits for this layer gets its first packet, a key frame's.
    if (!wasAlive) this.track.onLayerReturned(packet.startsKeyFrame);
    return true;
  }
}
