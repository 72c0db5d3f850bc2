/** The subscription of one connection to a track: one layer at a time, sent as one RTP stream. */
import { Buffer } from "node:buffer";
import type { MediaTransport } from "../transport/transport.ts";
import type { Layer, LayerSubscriber, PublishedTrack, SenderTime } from "./published_track.ts";
import type { RtpPacket } from "../rtp/packet.ts";
import { senderReport } from "../rtp/rtcp_writer.ts";
import { SendHistory } from "../rtp/send_history.ts";

/** The transport of a subscriber, with its transport-wide sequence numbers. */
export class Egress {
  readonly transport: MediaTransport;
  #next = 0;

  constructor(transport: MediaTransport) {
    this.transport = transport;
  }

  /** Writes the next transport-wide sequence number into a header that has the extension. */
  number(header: Buffer, offset: number): void {
    if (offset < 0) return;
    header.writeUInt16BE(this.#next, offset);
    this.#next = (this.#next + 1) & 0xffff;
  }
}

/** What was sent between two choices of a layer, and the offsets of its numbers. */
interface Stretch {
  readonly sequenceOffset: number;
  readonly timestampOffset: number;
  readonly history: SendHistory | undefined;
}

/** A layer goes on this much later than the one before it ended: one frame of 30 in a second. */
const SWITCH_SECONDS = 1 / 30;

export class Subscription implements LayerSubscriber {
  readonly track: PublishedTrack;
  /** Packets sent again on request. */
  retransmitted = 0;
  readonly #egress: Egress;
  readonly #prefix = Buffer.alloc(2);
  #layer: Layer;
  #stretch: Stretch;
  /** The history of the stretch. */
  #history: SendHistory | undefined;
  /** Packets that were sent before the latest choice can still be asked for. */
  #previousStretch: Stretch | undefined;
  /** The last packet of the layer before, until the first one of the chosen layer comes. */
  #last: RtpPacket | undefined;
  /** Whether packets are forwarded with the layer's own numbers, as those of the first layer are. */
  #plain = true;
  #rtxSequence = 0;
  #packets = 0;
  #octets = 0;
  #running = false;

  constructor(track: PublishedTrack, egress: Egress) {
    this.track = track;
    this.#layer = track.layers[0];
    this.#egress = egress;
    this.#stretch = this.#begin(0, 0);
  }

  /** The layer that is forwarded. */
  get layer(): Layer {
    return this.#layer;
  }

  /** Chooses another layer of the track; its first packet goes on where the last one's numbers end. */
  choose(layer: Layer): void {
    if (layer === this.#layer) return;
    const running = this.#running;
    this.stop();
    if (this.#packets > 0) {
      this.#last ??= this.#layer.newest;
      this.#plain = false;
    }
    this.#layer = layer;
    if (running) this.start();
  }

  /** Starts forwarding, with a request for a key frame of video. Idempotent. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#layer.subscribe(this);
    this.#layer.requestKeyFrame();
    this.#sendTime();
  }

  /** Stops forwarding; `start()` continues. Idempotent. */
  stop(): void {
    this.#running = false;
    this.#layer.unsubscribe(this);
  }

  /** Stops for good, because there is no such track any more. */
  end(): void {
    this.stop();
    const { ssrc, rtxSsrc } = this.track;
    this.#egress.transport.forgetSent(ssrc);
    if (rtxSsrc !== undefined) this.#egress.transport.forgetSent(rtxSsrc);
  }

  /** Forwards one packet. Its header is shared with other subscriptions: rewritten fields are temporary. */
  onPacket(packet: RtpPacket): void {
    const { header, payload, sequenceNumber } = packet;
    this.#egress.number(header, packet.transportSequenceOffset);
    const sent = this.#plain
      ? this.#egress.transport.sendRtp(header, payload, this.track.ssrc, sequenceNumber)
      : this.#sendShifted(packet);
    if (sent === 0) return;
    this.#packets++;
    this.#octets += payload.length;
    this.#history?.put(packet);
  }

  /** Forwards a sender report with this stream's counters. */
  onSenderTime(time: SenderTime): void {
    // The offset of its timestamps is known once the first packet has arrived.
    if (this.#last !== undefined) return;
    this.#egress.transport.sendRtcp(senderReport(
      this.track.ssrc,
      time.ntpHigh,
      time.ntpLow,
      (time.rtpTimestamp + this.#stretch.timestampOffset) >>> 0,
      this.#packets,
      this.#octets,
      this.track.streamId,
    ));
  }

  /** Forwards the latest sender report, if one came. */
  #sendTime(): void {
    const { senderTime } = this.#layer;
    if (senderTime !== undefined) this.onSenderTime(senderTime);
  }

  /** Asks for a key frame of the layer that is forwarded. */
  requestKeyFrame(): void {
    this.#layer.requestKeyFrame();
  }

  /** Sends the packets that the subscriber misses again (RFC 4588). */
  retransmit(sequenceNumbers: readonly number[]): void {
    if (!this.#running) return;
    const nowMs = performance.now();
    for (const number of sequenceNumbers) {
      if (!this.#retransmit(number, this.#stretch, nowMs) && this.#previousStretch !== undefined) {
        this.#retransmit(number, this.#previousStretch, nowMs);
      }
    }
  }

  /** Returns whether that stretch has the packet, and may send it again. */
  #retransmit(number: number, stretch: Stretch, nowMs: number): boolean {
    const { rtxSsrc, codec } = this.track;
    if (rtxSsrc === undefined || codec.rtxPayloadType === undefined) return false;
    const { sequenceOffset, timestampOffset, history } = stretch;
    const packet = history?.take((number - sequenceOffset) & 0xffff, nowMs);
    if (packet === undefined) return false;
    const header = Buffer.from(packet.header);
    header[1] = (header[1]! & 0x80) | codec.rtxPayloadType;
    header.writeUInt16BE(this.#rtxSequence, 2);
    header.writeUInt32BE((packet.timestamp + timestampOffset) >>> 0, 4);
    header.writeUInt32BE(rtxSsrc, 8);
    this.#egress.number(header, packet.transportSequenceOffset);
    this.#prefix.writeUInt16BE(number, 0);
    this.#egress.transport.sendRtp(
      header,
      packet.payload,
      rtxSsrc,
      this.#rtxSequence,
      this.#prefix,
    );
    this.#rtxSequence = (this.#rtxSequence + 1) & 0xffff;
    this.retransmitted++;
    return true;
  }

  #begin(sequenceOffset: number, timestampOffset: number): Stretch {
    this.#history = this.track.rtxSsrc === undefined ? undefined : new SendHistory();
    return { sequenceOffset, timestampOffset, history: this.#history };
  }

  /**
   * Goes on with the first packet of another layer, whichever it is: a decoder can make use of it
   * from the next key frame on, which was requested.
   */
  #switch(first: RtpPacket, last: RtpPacket): void {
    this.#last = undefined;
    const before = this.#stretch;
    const step = Math.round(this.track.codec.clockRate * SWITCH_SECONDS);
    const sequenceOffset = last.sequenceNumber + before.sequenceOffset + 1 - first.sequenceNumber;
    const timestampOffset = last.timestamp + before.timestampOffset + step - first.timestamp;
    this.#previousStretch = before;
    this.#stretch = this.#begin(sequenceOffset & 0xffff, timestampOffset >>> 0);
    this.#sendTime();
  }

  /** Sends a packet with numbers of this subscription, and gives its header the layer's back. */
  #sendShifted(packet: RtpPacket): number {
    if (this.#last !== undefined) this.#switch(packet, this.#last);
    const { sequenceOffset, timestampOffset } = this.#stretch;
    const { header, payload, sequenceNumber, timestamp } = packet;
    const shifted = (sequenceNumber + sequenceOffset) & 0xffff;
    header.writeUInt16BE(shifted, 2);
    header.writeUInt32BE((timestamp + timestampOffset) >>> 0, 4);
    const sent = this.#egress.transport.sendRtp(header, payload, this.track.ssrc, shifted);
    header.writeUInt16BE(sequenceNumber, 2);
    header.writeUInt32BE(timestamp, 4);
    return sent;
  }
}
