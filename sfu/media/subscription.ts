/** The subscription of one connection to a track: one layer at a time, sent as one RTP stream. */
import type { Transport } from "../transport/transport.ts";
import type {
  Layer,
  LayerSubscriber,
  PacketNumbers,
  PublishedTrack,
  SenderTime,
} from "./published_track.ts";
import type { RtpPacket } from "../rtp/packet.ts";
import type { KeptPacket } from "../rtp/packet_history.ts";
import { RepeatLimit } from "../rtp/repeat_limit.ts";
import { senderReport } from "../rtp/rtcp_writer.ts";
import { SentNumbers } from "../rtp/sent_numbers.ts";

/** The transport of a subscriber, with its transport-wide sequence numbers. */
export class Egress {
  readonly transport: Transport;
  #next = 0;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  /** The next transport-wide sequence number of a packet that has one. */
  number(transportSequenceOffset: number): number {
    if (transportSequenceOffset === 0) return 0;
    const number = this.#next;
    this.#next = (number + 1) & 0xffff;
    return number;
  }
}

/** What is sent between two choices of a layer, and the offsets of its numbers. */
interface Stretch {
  readonly layer: Layer;
  /** The index of the first number that it was sent under. */
  readonly firstIndex: number;
  readonly sequenceOffset: number;
  readonly timestampOffset: number;
}

/** A layer goes on this much later than the one before it ended: one frame of 30 in a second. */
const SWITCH_SECONDS = 1 / 30;

export class Subscription implements LayerSubscriber {
  readonly track: PublishedTrack;
  /** Packets sent again on request. */
  retransmitted = 0;
  /** Packets that were not forwarded because their number had been used. */
  refused = 0;
  readonly #egress: Egress;
  readonly #sent = new SentNumbers();
  readonly #repeats = new RepeatLimit();
  #layer: Layer;
  #stretch: Stretch;
  /** Packets that were sent before the latest choice can still be asked for. */
  #previousStretch: Stretch | undefined;
  /** The last packet of the layer before, until the first one of the chosen layer comes. */
  #last: PacketNumbers | undefined;
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
    this.#stretch = { layer: this.#layer, firstIndex: 0, sequenceOffset: 0, timestampOffset: 0 };
  }

  /** Packets forwarded so far. */
  get packets(): number {
    return this.#packets;
  }

  /** Bytes of their payload. */
  get bytes(): number {
    return this.#octets;
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
    } else {
      this.#stretch = { ...this.#stretch, layer };
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
    this.#egress.transport.forget(ssrc);
    if (rtxSsrc !== undefined) this.#egress.transport.forget(rtxSsrc);
  }

  /** Forwards one packet. */
  onPacket(packet: RtpPacket): void {
    const { transport } = this.#egress;
    if (!transport.connected) return;
    let { sequenceNumber, timestamp } = packet;
    if (!this.#plain) {
      if (this.#last !== undefined) this.#switch(packet, this.#last);
      const { firstIndex, sequenceOffset, timestampOffset } = this.#stretch;
      sequenceNumber = (sequenceNumber + sequenceOffset) & 0xffff;
      // Numbers before the first one's are the other layer's.
      if (this.#sent.indexOf(sequenceNumber) < firstIndex) return;
      timestamp = (timestamp + timestampOffset) >>> 0;
    }
    if (!this.#sent.take(sequenceNumber)) {
      this.refused++;
      return;
    }
    const { offset, size, transportSequenceOffset } = packet;
    const sent = transport.sendRtp(
      offset,
      size,
      this.track.ssrc,
      sequenceNumber,
      timestamp,
      transportSequenceOffset,
      this.#egress.number(transportSequenceOffset),
    );
    if (!sent) return;
    this.#packets++;
    this.#octets += packet.payloadLength;
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
    const { rtxSsrc, codec } = this.track;
    const { transport } = this.#egress;
    if (!this.#running || rtxSsrc === undefined || codec.rtxPayloadType === undefined) return;
    if (!transport.connected) return;
    const nowMs = performance.now();
    for (const number of sequenceNumbers) {
      const index = this.#sent.find(number);
      if (index < 0) continue;
      const before = this.#previousStretch;
      const isBefore = before !== undefined && index < this.#stretch.firstIndex;
      const stretch = isBefore ? before : this.#stretch;
      const kept = stretch.layer.history?.find((number - stretch.sequenceOffset) & 0xffff);
      if (kept === undefined || !this.#repeats.take(index, nowMs)) continue;
      this.#repeat(kept, number, stretch.timestampOffset, rtxSsrc, codec.rtxPayloadType);
    }
  }

  #repeat(
    kept: KeptPacket,
    number: number,
    timestampOffset: number,
    rtxSsrc: number,
    payloadType: number,
  ): void {
    const { transport } = this.#egress;
    const { bytes, offset, headerLength, transportSequenceOffset } = kept;
    const size = kept.size + 2;
    const { memory } = transport;
    const at = memory.allocate(size);
    const payload = at + headerLength + 2;
    memory.bytes.set(bytes.subarray(offset, offset + headerLength), at);
    memory.bytes.set(bytes.subarray(offset + headerLength, offset + kept.size), payload);
    memory.bytes[at + 1] = (memory.bytes[at + 1]! & 0x80) | payloadType;
    memory.bytes[payload - 2] = number >>> 8;
    memory.bytes[payload - 1] = number & 0xff;
    transport.sendRtp(
      at,
      size,
      rtxSsrc,
      this.#rtxSequence,
      (kept.timestamp + timestampOffset) >>> 0,
      transportSequenceOffset,
      this.#egress.number(transportSequenceOffset),
    );
    this.#rtxSequence = (this.#rtxSequence + 1) & 0xffff;
    this.retransmitted++;
  }

  /**
   * Goes on with the first packet of another layer, whichever it is: a decoder can make use of it
   * from the next key frame on, which was requested.
   */
  #switch(first: PacketNumbers, last: PacketNumbers): void {
    this.#last = undefined;
    const before = this.#stretch;
    const step = Math.round(this.track.codec.clockRate * SWITCH_SECONDS);
    const next = last.sequenceNumber + before.sequenceOffset + 1;
    const timestampOffset = last.timestamp + before.timestampOffset + step - first.timestamp;
    this.#previousStretch = before;
    this.#stretch = {
      layer: this.#layer,
      firstIndex: this.#sent.indexOf(next & 0xffff),
      sequenceOffset: (next - first.sequenceNumber) & 0xffff,
      timestampOffset: timestampOffset >>> 0,
    };
    this.#sendTime();
  }
}
