/** The RTP stream of one layer as its publisher sends it, with its retransmissions. */
import type { Buffer } from "node:buffer";
import type { Layer } from "./layer.ts";
import { NackGenerator } from "../rtp/nack_generator.ts";
import type { RtpPacket } from "../rtp/packet.ts";
import { ReceiveStatistics } from "../rtp/receive_statistics.ts";
import { nack, type OutgoingReport, pictureLoss } from "../rtp/rtcp_writer.ts";
import { sequenceDifference } from "../rtp/sequence.ts";

/** Least time between two key frame requests. */
const KEY_FRAME_INTERVAL_MS = 300;

/** Least time between two forwarded sender reports: each goes to every subscriber, and one a second is usual. */
const SENDER_REPORT_INTERVAL_MS = 50;

export class IncomingStream {
  readonly ssrc: number;
  readonly layer: Layer;
  /** SSRC of the retransmissions, as soon as it is known. */
  rtxSsrc: number | undefined;
  readonly #sendRtcp: (packet: Buffer) => void;
  readonly #onKeyFrameRequest: () => void;
  readonly #serverSsrc: number;
  readonly #statistics: ReceiveStatistics;
  readonly #rtxStatistics: ReceiveStatistics;
  readonly #nacks: NackGenerator | undefined;
  #keyFrameAskedAt = -Infinity;
  #keyFrameWanted = false;
  #reportedAt = -Infinity;
  /** Packets that came too late to be of use. */
  #late = 0;

  constructor(
    ssrc: number,
    layer: Layer,
    serverSsrc: number,
    sendRtcp: (packet: Buffer) => void,
    onKeyFrameRequest: () => void = () => {},
  ) {
    this.ssrc = ssrc;
    this.layer = layer;
    this.#serverSsrc = serverSsrc;
    this.#sendRtcp = sendRtcp;
    this.#onKeyFrameRequest = onKeyFrameRequest;
    const { kind, codec } = layer.track;
    this.#statistics = new ReceiveStatistics(codec.clockRate);
    this.#rtxStatistics = new ReceiveStatistics(codec.clockRate);
    this.#nacks = kind === "video" ? new NackGenerator() : undefined;
  }

  /** Packets of this stream that never arrived in time, retransmissions included. */
  get lost(): number {
    return this.#late + (this.#nacks?.lost ?? 0);
  }

  /** Takes one packet of the stream itself, and rewrites it. */
  onMedia(packet: RtpPacket): void {
    const { sequenceNumber, timestamp, arrivedMs, nowMs } = packet;
    const extended = this.#statistics.onPacket(sequenceNumber, timestamp, arrivedMs);
    this.#noteArrival(extended, nowMs);
    packet.blankOwnExtensions();
    this.#publish(packet);
  }

  /** Takes one packet of the retransmission stream (RFC 4588, 4), and makes of it what it repeats. */
  onRetransmission(packet: RtpPacket): void {
    this.#rtxStatistics.onPacket(packet.sequenceNumber, packet.timestamp, packet.arrivedMs);
    packet.blankOwnExtensions();
    if (!packet.unwrapRetransmission(this.layer.track.codec.payloadType)) return;
    // Bandwidth probes repeat what arrived already.
    const extended = this.#nacks?.wanted(packet.sequenceNumber);
    if (extended === undefined) return;
    this.#noteArrival(extended, packet.nowMs);
    this.#publish(packet);
  }

  /** Takes the NTP time of a sender report. */
  onSenderReport(ntpHigh: number, ntpLow: number, rtpTimestamp: number, nowMs: number): void {
    if (nowMs - this.#reportedAt < SENDER_REPORT_INTERVAL_MS) return;
    this.#reportedAt = nowMs;
    this.#statistics.onSenderReport(ntpHigh, ntpLow, nowMs);
    this.layer.publishTime({ ntpHigh, ntpLow, rtpTimestamp });
  }

  /** Asks for a key frame now, or as soon as the last request is old enough. */
  requestKeyFrame(nowMs: number): void {
    // A stream starts with a key frame: before its first packet none is missing.
    if (this.#statistics.received === 0) return;
    if (nowMs - this.#keyFrameAskedAt < KEY_FRAME_INTERVAL_MS) {
      this.#keyFrameWanted = true;
      return;
    }
    this.#keyFrameWanted = false;
    this.#keyFrameAskedAt = nowMs;
    this.#onKeyFrameRequest();
    this.#sendRtcp(pictureLoss(this.#serverSsrc, this.ssrc));
  }

  /** Sends what is due: NACKs again, and a key frame request that was held back. */
  tick(nowMs: number): void {
    if (this.#keyFrameWanted) this.requestKeyFrame(nowMs);
    const nacks = this.#nacks;
    if (nacks === undefined) return;
    const lostBefore = nacks.lost;
    const due = nacks.due(nowMs);
    if (due.length > 0) this.#ask(due);
    // A packet that never arrives leaves the subscribers' decoders without a reference.
    if (nacks.lost > lostBefore) this.requestKeyFrame(nowMs);
  }

  /** Report blocks for a receiver report. */
  reports(nowMs: number): OutgoingReport[] {
    const reports = [this.#statistics.report(this.ssrc, nowMs)];
    if (this.rtxSsrc !== undefined) reports.push(this.#rtxStatistics.report(this.rtxSsrc, nowMs));
    return reports.filter((report) => report !== undefined);
  }

  #publish(packet: RtpPacket): void {
    if (!this.layer.publish(packet)) this.#late++;
    // It is here: another one is not needed.
    if (packet.startsKeyFrame) this.#keyFrameWanted = false;
  }

  #noteArrival(extended: number, nowMs: number): void {
    const nacks = this.#nacks;
    if (nacks === undefined) return;
    const lostBefore = nacks.lost;
    const missing = nacks.onPacket(extended, nowMs);
    if (missing.length > 0) this.#ask(missing);
    if (nacks.lost > lostBefore) this.requestKeyFrame(nowMs);
  }

  #ask(numbers: readonly number[]): void {
    const first = numbers[0]!;
    const sorted = [...numbers].sort((a, b) =>
      sequenceDifference(a, first) - sequenceDifference(b, first)
    );
    this.#sendRtcp(nack(this.#serverSsrc, this.ssrc, sorted));
  }
}
