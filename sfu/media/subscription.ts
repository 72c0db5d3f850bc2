/** One remote track on its way to one subscriber. */
import { Buffer } from "node:buffer";
import type { MediaTransport } from "../transport/transport.ts";
import type { PublishedTrack, SenderTime, TrackSubscriber } from "./published_track.ts";
import type { RtpPacket } from "../rtp/packet.ts";
import { senderReport } from "../rtp/rtcp_writer.ts";
import { SendHistory } from "../rtp/send_history.ts";

/** The transport of a subscriber with its one transport-wide packet numbering. */
export class Egress {
  readonly transport: MediaTransport;
  #next = 0;

  constructor(transport: MediaTransport) {
    this.transport = transport;
  }

  /** Writes the next transport-wide number into a header that has room for it. */
  number(header: Buffer, offset: number): void {
    if (offset < 0) return;
    header.writeUInt16BE(this.#next, offset);
    this.#next = (this.#next + 1) & 0xffff;
  }
}

export class Subscription implements TrackSubscriber {
  readonly track: PublishedTrack;
  /** Packets sent again on request. */
  retransmitted = 0;
  readonly #egress: Egress;
  readonly #history: SendHistory | undefined;
  readonly #prefix = Buffer.alloc(2);
  #rtxSequence = 0;
  #packets = 0;
  #octets = 0;
  #running = false;

  constructor(track: PublishedTrack, egress: Egress) {
    this.track = track;
    this.#egress = egress;
    this.#history = track.rtxSsrc === undefined ? undefined : new SendHistory();
  }

  /** Starts forwarding; for video that begins with a request for a key frame. Idempotent. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.track.subscribe(this);
    this.track.requestKeyFrame();
    if (this.track.senderTime !== undefined) this.onSenderTime(this.track.senderTime);
  }

  /** Stops forwarding; `start()` goes on where it was. Idempotent. */
  stop(): void {
    this.#running = false;
    this.track.unsubscribe(this);
  }

  /** Stops for good, because there is no such track any more. */
  end(): void {
    this.stop();
    const { ssrc, rtxSsrc } = this.track;
    this.#egress.transport.forgetSent(ssrc);
    if (rtxSsrc !== undefined) this.#egress.transport.forgetSent(rtxSsrc);
  }

  /** Forwards one packet. Its header is shared: only the transport-wide number is rewritten. */
  onPacket(packet: RtpPacket): void {
    const { header, payload, sequenceNumber } = packet;
    this.#egress.number(header, packet.transportSequenceOffset);
    const sent = this.#egress.transport.sendRtp(header, payload, this.track.ssrc, sequenceNumber);
    if (sent === 0) return;
    this.#packets++;
    this.#octets += payload.length;
    this.#history?.put(packet);
  }

  /** Forwards a sender report with this stream's counters. */
  onSenderTime(time: SenderTime): void {
    this.#egress.transport.sendRtcp(senderReport(
      this.track.ssrc,
      time.ntpHigh,
      time.ntpLow,
      time.rtpTimestamp,
      this.#packets,
      this.#octets,
      this.track.streamId,
    ));
  }

  /** Sends the packets that the subscriber misses again (RFC 4588). */
  retransmit(sequenceNumbers: readonly number[]): void {
    const { rtxSsrc, codec } = this.track;
    if (!this.#running || rtxSsrc === undefined || codec.rtxPayloadType === undefined) return;
    const nowMs = performance.now();
    for (const number of sequenceNumbers) {
      const packet = this.#history?.take(number, nowMs);
      if (packet === undefined) continue;
      const header = Buffer.from(packet.header);
      header[1] = (header[1]! & 0x80) | codec.rtxPayloadType;
      header.writeUInt16BE(this.#rtxSequence, 2);
      header.writeUInt32BE(rtxSsrc, 8);
      this.#egress.number(header, packet.transportSequenceOffset);
      this.#prefix.writeUInt16BE(packet.sequenceNumber, 0);
      this.#egress.transport.sendRtp(
        header,
        packet.payload,
        rtxSsrc,
        this.#rtxSequence,
        this.#prefix,
      );
      this.#rtxSequence = (this.#rtxSequence + 1) & 0xffff;
      this.retransmitted++;
    }
  }
}
