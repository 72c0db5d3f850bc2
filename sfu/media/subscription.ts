/** The subscription of one connection to a track: one layer at a time, sent as one RTP stream. */
import type { RtpPacket } from "../rtp/packet.ts";
import { senderReport } from "../rtp/rtcp_writer.ts";
import { SentNumbers } from "../rtp/sent_numbers.ts";
import type { MediaKind } from "../sdp/codecs.ts";
import { isHigher, type RequestRid, type Rid } from "../sdp/rids.ts";
import type { Transport } from "../transport/transport.ts";
import type { Layer, LayerSubscriber, SenderTime } from "./layer.ts";
import type { Adjustable, LayerRate } from "./layer_control.ts";
import { chooseLayer, layerRates } from "./layer_choice.ts";
import type { LayerSwitch } from "./layer_switch.ts";
import type { LayerWatcher, PublishedTrack } from "./published_track.ts";
import { copyMarked, SILENCE_BYTES, SILENCE_TIMESTAMPS, writeSilence } from "./talkspurt.ts";
import { RepeatBudget } from "./repeat_budget.ts";
import { Retransmissions, type RetransmissionStream, sendKept } from "./retransmissions.ts";
import { continueWith, keptPacket, type Stretch, Thinner } from "./stretch.ts";

/** Stretches whose packets can be sent again. */
const MAX_STRETCHES = 4;

/** Time after which a key frame that did not come is asked for again. */
const KEY_FRAME_PATIENCE_MS = 300;

export class Subscription implements Adjustable, LayerSubscriber, LayerWatcher {
  readonly track: PublishedTrack;
  /** Packets that were not forwarded because their number had been used. */
  refused = 0;
  readonly #transport: Transport;
  readonly #onSwitched: (change: LayerSwitch) => void;
  readonly #sent = new SentNumbers();
  readonly #retransmissions: Retransmissions;
  #requested: RequestRid;
  #ceiling: Rid = "r2";
  #trigger: LayerSwitch["trigger"] = "sender";
  /** The layer that is forwarded. */
  #current: Layer | undefined;
  /** The layer that is forwarded from its next key frame on. */
  #target: Layer | undefined;
  #keyFrameAskedAt = 0;
  /** Whether nothing is forwarded until then: the path carries far less than the layer that was. */
  #held = false;
  /** The first index that is sent again. */
  #firstWanted = 0;
  /** The latest first; none before the first packet. */
  #stretches: readonly Stretch[] = [];
  /** The timestamp of the latest frame or audio, as it was sent. */
  readonly #last = { timestamp: 0, atMs: 0 };
  /** Whether packets are forwarded with the layer's own numbers. */
  #plain = false;
  readonly #thinner = new Thinner();
  #packets = 0;
  #octets = 0;
  #running = false;
  /** Whether the next packet is the first one of audio after a pause. */
  #resumes = false;

  /** @param onSwitched is told of changes of the layer after the first one */
  constructor(
    track: PublishedTrack,
    transport: Transport,
    requested: RequestRid = "r2",
    onSwitched: (change: LayerSwitch) => void = () => {},
    budget = new RepeatBudget(),
  ) {
    this.track = track;
    this.#transport = transport;
    this.#requested = track.kind === "video" ? requested : "r2";
    this.#onSwitched = onSwitched;
    this.#retransmissions = new Retransmissions(track, transport, budget);
  }

  /** Packets forwarded so far. */
  get packets(): number {
    return this.#packets;
  }

  /** Bytes of their payload. */
  get bytes(): number {
    return this.#octets;
  }

  /** Whether it forwards what comes. */
  get running(): boolean {
    return this.#running;
  }

  /** Packets sent again on request. */
  get retransmitted(): number {
    return this.#retransmissions.count;
  }

  /** The retransmission stream, and the number that it goes on with; undefined without one. */
  get retransmissions(): RetransmissionStream | undefined {
    return this.#retransmissions.stream;
  }

  /** The layer that is forwarded; undefined while there is none. */
  get layer(): Layer | undefined {
    return this.#current;
  }

  /** Requests a layer, or none, of a video. The best one that is there and below the ceiling is forwarded. */
  request(rid: RequestRid): void {
    if (this.track.kind !== "video" || rid === this.#requested) return;
    this.#requested = rid;
    this.#chooseForReceiver();
  }

  get kind(): MediaKind {
    return this.track.kind;
  }

  get ceiling(): Rid {
    return this.#ceiling;
  }

  get isThin(): boolean {
    return this.#thinner.wanted;
  }

  choices(nowMs: number): LayerRate[] {
    return this.#running ? layerRates(this.track, this.#requested, nowMs) : [];
  }

  thin(isThin: boolean): void {
    this.#thinner.wanted = isThin;
    // Its own numbers will not do any more.
    if (isThin && this.#stretches.length > 0) this.#plain = false;
  }

  /** Limits which layer is forwarded, whichever is requested. */
  limit(ceiling: Rid, urgent = false): void {
    if (ceiling === this.#ceiling) return;
    this.#ceiling = ceiling;
    this.#chooseForReceiver();
    const isAbove = isHigher(this.#current?.rid ?? "none", ceiling);
    this.#held = urgent && isAbove && this.#target !== undefined;
    // What was lost of it would come too late.
    if (this.#held) this.#firstWanted = this.#sent.highest + 1;
  }

  /** Starts forwarding, with a request for a key frame of video. Idempotent. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.track.watch(this);
    this.#choose();
    this.#sendTime();
  }

  /** Stops forwarding; `start()` continues. Idempotent. */
  stop(): void {
    if (!this.#running) return;
    this.#running = false;
    this.track.unwatch(this);
    this.#aim(undefined);
    this.#leave();
  }

  /** Stops forwarding audio, after which the receiver hears silence until {@linkcode start}. Idempotent. */
  pause(): void {
    if (!this.#running) return;
    this.stop();
    const number = this.#sent.highest + 1;
    if (number === 0 || !this.#transport.connected || !this.#sent.take(number & 0xffff)) return;
    this.#last.timestamp = (this.#last.timestamp + SILENCE_TIMESTAMPS) >>> 0;
    this.#transport.sendRtp(
      writeSilence(this.#transport.memory, this.track.codec.payloadType),
      SILENCE_BYTES,
      this.track.ssrc,
      number & 0xffff,
      this.#last.timestamp,
      0,
      this.track.kind,
    );
    this.#packets++;
  }

  /** Stops for good, because there is no such track any more. */
  end(): void {
    this.stop();
    const { ssrc, rtxSsrc } = this.track;
    this.#transport.forget(ssrc);
    if (rtxSsrc !== undefined) this.#transport.forget(rtxSsrc);
  }

  onLayerReturned(withKeyFrame: boolean): void {
    this.#choose(!withKeyFrame);
  }

  /** Does what is due: a layer may have fallen silent, and a key frame that was asked for may not have come. */
  tick(nowMs: number): void {
    if (this.track.layers.length === 1) return;
    this.#choose();
    if (this.#target === undefined || nowMs - this.#keyFrameAskedAt < KEY_FRAME_PATIENCE_MS) return;
    this.#keyFrameAskedAt = nowMs;
    this.#target.requestKeyFrame();
  }

  /** Forwards one packet. */
  onPacket(packet: RtpPacket, layer: Layer): void {
    const transport = this.#transport;
    if (!transport.connected) return;
    if (layer === this.#target && this.#maySwitch(packet)) this.#switch(packet, layer);
    if (layer !== this.#current || this.#held) return;
    let { sequenceNumber, timestamp } = packet;
    if (!this.#plain) {
      const stretch = this.#stretches[0]!;
      const { firstIndex, sequenceOffset, timestampOffset } = stretch;
      const number = this.#thinner.take(packet, stretch);
      if (number < 0) return;
      sequenceNumber = (number + sequenceOffset) & 0xffff;
      // Numbers before the first one's are the other layer's.
      if (this.#sent.indexOf(sequenceNumber) < firstIndex) return;
      timestamp = (timestamp + timestampOffset) >>> 0;
    }
    const last = this.#last;
    if (last.atMs === 0 || ((timestamp - last.timestamp) | 0) > 0) {
      last.timestamp = timestamp;
      last.atMs = packet.nowMs;
    }
    if (!this.#sent.take(sequenceNumber)) {
      this.refused++;
      return;
    }
    const { offset, size, transportSequenceOffset } = packet;
    const resumes = this.#resumes;
    this.#resumes = false;
    const sent = transport.sendRtp(
      resumes ? copyMarked(transport.memory, packet) : offset,
      size,
      this.track.ssrc,
      sequenceNumber,
      timestamp,
      transportSequenceOffset,
      this.track.kind,
    );
    if (!sent) return;
    this.#packets++;
    this.#octets += packet.payloadLength;
  }

  /** Forwards a sender report with this stream's counters. */
  onSenderTime(time: SenderTime, layer: Layer): void {
    const [stretch] = this.#stretches;
    // The offset of its timestamps is known once the first packet has arrived.
    if (layer !== this.#current || stretch?.layer !== layer) return;
    this.#transport.sendRtcp(senderReport(
      this.track.ssrc,
      time.ntpHigh,
      time.ntpLow,
      (time.rtpTimestamp + stretch.timestampOffset) >>> 0,
      this.#packets,
      this.#octets,
      this.track.streamId,
    ));
  }

  /** Asks for a key frame of the layer that is forwarded. */
  requestKeyFrame(): void {
    this.#current?.requestKeyFrame();
  }

  /** Sends the packets that the subscriber misses again (RFC 4588). */
  retransmit(sequenceNumbers: readonly number[]): void {
    if (!this.#running || !this.#transport.connected) return;
    const nowMs = performance.now();
    for (const number of sequenceNumbers) {
      const index = this.#sent.find(number);
      if (index < this.#firstWanted) continue;
      const stretch = this.#stretches.find(({ firstIndex }) => index >= firstIndex);
      if (stretch === undefined) continue;
      const kept = keptPacket(stretch, number);
      if (kept === undefined) continue;
      this.#retransmissions.send(kept, index, stretch.timestampOffset, nowMs);
    }
  }

  #chooseForReceiver(): void {
    this.#trigger = "receiver";
    this.#choose();
    if (this.#target === undefined) this.#trigger = "sender";
  }

  /** Brings what is forwarded in line with what is requested and there. */
  #choose(asksKeyFrame = true): void {
    if (!this.#running) return;
    const best = chooseLayer(this.track, this.#requested, this.#ceiling);
    if (best === this.#current) {
      this.#aim(undefined);
    } else if (best !== undefined) {
      this.#aim(best, asksKeyFrame);
    } else if (this.#requested === "none") {
      this.#aim(undefined);
      this.#report(undefined);
      this.#leave();
    }
  }

  /** Waits for the next key frame of a layer, or for none. */
  #aim(target: Layer | undefined, asksKeyFrame = true): void {
    const before = this.#target;
    if (before === target) return;
    this.#target = target;
    this.#held = false;
    if (before !== undefined && before !== this.#current) before.unsubscribe(this);
    if (target === undefined) return;
    target.subscribe(this);
    const nowMs = this.#keyFrameAskedAt = performance.now();
    if (this.#sent.highest < 0 && this.#catchUp(target, nowMs)) return;
    if (asksKeyFrame) target.requestKeyFrame();
    // What has a single layer starts wherever it is, as audio does.
    if (this.track.layers.length === 1 && this.#sent.highest < 0) this.#begin(target);
  }

  /** Begins with the latest key frame, if it is so young that the next one would not come at once. */
  #catchUp(layer: Layer, nowMs: number): boolean {
    if (!this.#transport.connected || this.#thinner.wanted) return false;
    for (const number of layer.sinceKeyFrame(nowMs)) {
      const kept = layer.history?.find(number);
      // What was lost comes yet, and is forwarded then.
      if (kept === undefined) continue;
      if (this.#current !== layer) this.#begin(layer);
      if (!this.#sent.take(number)) continue;
      this.#last.timestamp = kept.timestamp;
      this.#last.atMs = nowMs;
      this.#packets++;
      this.#octets += kept.size - kept.headerLength;
      sendKept(this.#transport, this.track, kept, number);
    }
    if (this.#current === layer) this.#sendTime();
    return this.#current === layer;
  }

  /** Stops forwarding what is forwarded. */
  #leave(): void {
    this.#current?.unsubscribe(this);
    this.#current = undefined;
    this.#plain = false;
  }

  /** Forwards the first layer with its own numbers. */
  #begin(layer: Layer): void {
    this.#stretches = [{
      layer,
      firstIndex: 0,
      sequenceOffset: 0,
      timestampOffset: 0,
      clockOffset: 0,
    }];
    this.#current = layer;
    this.#target = undefined;
    this.#plain = this.track.layers.length === 1 && !this.#thinner.wanted;
  }

  #maySwitch(packet: RtpPacket): boolean {
    return packet.startsKeyFrame || this.track.layers.length === 1;
  }

  /** Goes over to a layer with its first packet. */
  #switch(first: RtpPacket, layer: Layer): void {
    const [before] = this.#stretches;
    if (before === undefined) {
      // The first layer is no change, unless none was requested before.
      if (this.#trigger === "receiver") this.#report(layer);
      this.#begin(layer);
    } else {
      const next = this.#sent.highest + 1;
      const stretch = continueWith(layer, first, before, next, this.#last);
      this.#stretches = [stretch, ...this.#stretches.slice(0, MAX_STRETCHES - 1)];
      this.#report(layer);
      this.#resumes = this.track.kind === "audio";
      this.#leave();
      this.#current = layer;
      this.#target = undefined;
      this.#held = false;
    }
    this.#sendTime();
  }

  #report(next: Layer | undefined): void {
    const previous = this.#current;
    // Audio has no layers.
    if (previous === next || this.track.kind === "audio") return;
    this.#onSwitched({
      senderId: this.track.streamId,
      requested: this.#requested,
      current: next?.rid ?? "none",
      previous: previous?.rid ?? "none",
      trigger: this.#trigger,
    });
    this.#trigger = "sender";
  }

  /** Forwards the latest sender report, if one came. */
  #sendTime(): void {
    const layer = this.#current;
    if (layer?.senderTime !== undefined) this.onSenderTime(layer.senderTime, layer);
  }
}
