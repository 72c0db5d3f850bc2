/** The receiving half of a connection: a publisher's tracks, and the RTP streams of their layers. */
import { Allowance } from "../allowance.ts";
import { IncomingStream } from "./incoming_stream.ts";
import type { Transport } from "../transport/transport.ts";
import type { Layer } from "./layer.ts";
import { PublishedTrack } from "./published_track.ts";
import type { RtpPacket } from "../rtp/packet.ts";
import type { RtcpMessage } from "../rtp/rtcp.ts";
import { receiverReport } from "../rtp/rtcp_writer.ts";
import { TransportFeedbackWriter } from "../rtp/transport_feedback.ts";
import type { AnswerSection } from "../sdp/answer.ts";
import type { Codec, MediaKind } from "../sdp/codecs.ts";

/** SSRC of the server in its own RTCP packets. */
const SERVER_SSRC = 1;
const REPORT_INTERVAL_MS = 1000;
/** Time between two times at which what is due is sent, as long as packets come. */
const DUE_INTERVAL_MS = 50;
/** Streams one publisher may have; further SSRCs are ignored and counted. */
const MAX_STREAMS = 16;

/** A section of the answer in which the client sends. */
export interface SendingSection extends Omit<AnswerSection, "rids"> {
  readonly kind: MediaKind;
  /** As those of the answer; none without simulcast. */
  readonly rids?: AnswerSection["rids"];
}

export class Publisher {
  /** Packets of streams that belong to no track. */
  unknownPackets = 0;
  /** Key frame requests to the client. */
  keyFrameRequests = 0;
  /** Packets beyond the limit of the bit rate. */
  limitedPackets = 0;
  readonly #transport: Transport;
  readonly #allowance: Allowance;
  readonly #streamId: string;
  readonly #tracks = new Map<string, PublishedTrack>();
  readonly #streams = new Map<number, IncomingStream>();
  readonly #retransmissions = new Map<number, IncomingStream>();
  readonly #feedback = new TransportFeedbackWriter();
  #reportedAt = -Infinity;
  /** When what was due was last sent, or the first packet came. */
  #sentDueAt: number | undefined;
  #lostBefore = 0;

  /**
   * @param streamId the publisher's connection id
   * @param maxBitRate of its media, in bit/s
   */
  constructor(transport: Transport, streamId: string, maxBitRate = Number.MAX_SAFE_INTEGER) {
    this.#transport = transport;
    this.#allowance = new Allowance(maxBitRate / 8, performance.now());
    this.#streamId = streamId;
  }

  /** The tracks that are published. */
  get tracks(): PublishedTrack[] {
    return [...this.#tracks.values()];
  }

  /** Packets that never arrived, over all tracks. */
  get lost(): number {
    let lost = this.#lostBefore;
    for (const stream of this.#streams.values()) lost += stream.lost;
    return lost;
  }

  /**
   * Takes the sections in which the client sends. Returns whether the set of tracks changed.
   */
  setSections(
    sections: readonly SendingSection[],
    codecOf: (kind: MediaKind) => Codec,
  ): boolean {
    let changed = false;
    for (const [mid, track] of this.#tracks) {
      if (sections.some((section) => section.mid === mid)) continue;
      this.#tracks.delete(mid);
      this.#keepStreams(track, []);
      changed = true;
    }
    for (const section of sections) {
      let track = this.#tracks.get(section.mid);
      if (track === undefined) {
        const { kind, rids = [] } = section;
        track = new PublishedTrack({
          kind,
          codec: codecOf(kind),
          streamId: this.#streamId,
          rids,
          requestKeyFrame: (layer) => this.#requestKeyFrame(layer),
        });
        this.#tracks.set(section.mid, track);
        changed = true;
      }
      // Packets of several layers assign streams by their mid and rid, as those of which the answer has no SSRCs do.
      if (track.layers.length > 1) continue;
      if (section.streams.length > 0) this.#keepStreams(track, section.streams);
      for (const { ssrc, rtxSsrc } of section.streams) this.#add(ssrc, rtxSsrc, track.layers[0]);
    }
    return changed;
  }

  /** Forgets the streams of a track that are not among these. */
  #keepStreams(track: PublishedTrack, kept: AnswerSection["streams"]): void {
    for (const [ssrc, stream] of this.#streams) {
      if (stream.layer.track !== track || kept.some((one) => one.ssrc === ssrc)) continue;
      this.#lostBefore += stream.lost;
      this.#streams.delete(ssrc);
      this.#transport.forget(ssrc);
    }
    for (const [ssrc, stream] of this.#retransmissions) {
      if (stream.layer.track !== track || this.#streams.get(stream.ssrc) === stream) continue;
      this.#retransmissions.delete(ssrc);
      this.#transport.forget(ssrc);
    }
  }

  #add(ssrc: number, rtxSsrc: number | undefined, layer: Layer): void {
    let stream = this.#streams.get(ssrc);
    if (stream === undefined) {
      if (this.#streams.size >= MAX_STREAMS) return;
      stream = new IncomingStream(
        ssrc,
        layer,
        SERVER_SSRC,
        (packet) => this.#transport.sendRtcp(packet),
        () => this.keyFrameRequests++,
      );
      this.#streams.set(ssrc, stream);
    }
    if (rtxSsrc !== undefined) {
      if (stream.rtxSsrc !== undefined && stream.rtxSsrc !== rtxSsrc) {
        this.#retransmissions.delete(stream.rtxSsrc);
        this.#transport.forget(stream.rtxSsrc);
      }
      stream.rtxSsrc = rtxSsrc;
      this.#retransmissions.set(rtxSsrc, stream);
    }
  }

  /** Takes one packet, and rewrites it. What is due goes out with it: to wake up for that costs more than a packet. */
  onRtp(packet: RtpPacket): void {
    const { nowMs } = packet;
    if (this.#allowance.take(packet.size, nowMs)) this.#take(packet);
    else this.limitedPackets++;
    this.#sentDueAt ??= nowMs;
    if (nowMs - this.#sentDueAt >= DUE_INTERVAL_MS) this.#sendDue(nowMs);
  }

  #take(packet: RtpPacket): void {
    if (packet.transportSequenceOffset > 0) {
      this.#feedback.onPacket(packet.transportSequence, Math.round(packet.arrivedMs * 1000));
    }
    const stream = this.#streams.get(packet.ssrc);
    if (stream !== undefined) {
      if (packet.payloadType === stream.layer.track.codec.payloadType) stream.onMedia(packet);
      return;
    }
    const repaired = this.#retransmissions.get(packet.ssrc);
    if (repaired !== undefined) repaired.onRetransmission(packet);
    else this.#learn(packet);
  }

  /** Assigns an SSRC that the answer did not name by the mid and rid that its first packets carry. */
  #learn(packet: RtpPacket): void {
    const { ssrc, mid, payloadType } = packet;
    const track = mid === undefined ? undefined : this.#tracks.get(mid);
    const layer = track?.layerOf(packet.repairedStreamId ?? packet.streamId);
    if (track === undefined || layer === undefined || this.#streams.size >= MAX_STREAMS) {
      this.unknownPackets++;
    } else if (payloadType === track.codec.payloadType) {
      this.#add(ssrc, undefined, layer);
      this.#streams.get(ssrc)?.onMedia(packet);
    } else if (payloadType === track.codec.rtxPayloadType) {
      for (const stream of this.#streams.values()) {
        if (stream.layer !== layer || stream.rtxSsrc !== undefined) continue;
        this.#add(stream.ssrc, ssrc, layer);
        stream.onRetransmission(packet);
        return;
      }
    }
  }

  /** Takes one message of the publisher's RTCP. */
  onRtcp(message: RtcpMessage): void {
    if (message.kind !== "senderReport") return;
    this.#streams.get(message.ssrc)?.onSenderReport(
      message.ntpHigh,
      message.ntpLow,
      message.rtpTimestamp,
      performance.now(),
    );
  }

  /** Sends what is due if no packet has led to that lately; called every 100 ms. */
  tick(nowMs: number): void {
    if (nowMs - (this.#sentDueAt ?? -Infinity) >= DUE_INTERVAL_MS) this.#sendDue(nowMs);
  }

  #sendDue(nowMs: number): void {
    if (!this.#transport.connected) return;
    this.#sentDueAt = nowMs;
    for (const stream of this.#streams.values()) stream.tick(nowMs);
    if (this.#feedback.pending) {
      const media = this.#streams.keys().next().value ?? 0;
      const packet = this.#feedback.take(SERVER_SSRC, media);
      if (packet !== undefined) this.#transport.sendRtcp(packet);
    }
    if (nowMs - this.#reportedAt >= REPORT_INTERVAL_MS) {
      this.#reportedAt = nowMs;
      const reports = [...this.#streams.values()].flatMap((stream) => stream.reports(nowMs));
      if (reports.length > 0) this.#transport.sendRtcp(receiverReport(SERVER_SSRC, reports));
    }
  }

  #requestKeyFrame(layer: Layer): void {
    if (!this.#transport.connected) return;
    const nowMs = performance.now();
    for (const stream of this.#streams.values()) {
      if (stream.layer === layer) stream.requestKeyFrame(nowMs);
    }
  }
}
