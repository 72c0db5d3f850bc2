/** Reading compound RTCP packets (RFC 3550, RFC 4585, RFC 5104). */
import type { Buffer } from "node:buffer";

/** RTCP packet types. */
export const RtcpType = {
  senderReport: 200,
  receiverReport: 201,
  sourceDescription: 202,
  goodbye: 203,
  transportFeedback: 205,
  payloadFeedback: 206,
} as const;

/** Feedback message types within transport and payload feedback. */
export const FeedbackType = {
  nack: 1,
  transportWide: 15,
  pictureLoss: 1,
  fullIntra: 4,
  applicationLayer: 15,
} as const;

/** One message out of a compound packet, as far as this server acts on it. */
export type RtcpMessage =
  | {
    readonly kind: "senderReport";
    readonly ssrc: number;
    /** NTP time, upper and lower 32 bits. */
    readonly ntpHigh: number;
    readonly ntpLow: number;
    readonly rtpTimestamp: number;
  }
  | { readonly kind: "reports"; readonly reports: readonly ReportBlock[] }
  | { readonly kind: "nack"; readonly ssrc: number; readonly sequenceNumbers: number[] }
  | { readonly kind: "keyFrameRequest"; readonly ssrcs: number[] }
  | { readonly kind: "goodbye"; readonly ssrcs: number[] }
  | { readonly kind: "transportFeedback" }
  | { readonly kind: "remb"; readonly bitRate: number };

/** A reception report block (RFC 3550, 6.4.1). */
export interface ReportBlock {
  readonly ssrc: number;
  /** Lost fraction since the last report, in 1/256. */
  readonly fractionLost: number;
  readonly jitter: number;
}

/** Sequence numbers taken from one NACK; what is over is ignored. */
const MAX_NACKED = 1024;

/** Parses a compound packet. Stops at the first malformed one and returns what came before. */
export function parseRtcp(data: Buffer): RtcpMessage[] {
  const messages: RtcpMessage[] = [];
  let offset = 0;
  while (offset + 4 <= data.length) {
    const first = data[offset]!;
    if ((first & 0xc0) !== 0x80) break;
    const length = (data.readUInt16BE(offset + 2) + 1) * 4;
    if (offset + length > data.length) break;
    parseOne(data.subarray(offset, offset + length), first & 0x1f, messages);
    offset += length;
  }
  return messages;
}

function parseOne(packet: Buffer, count: number, out: RtcpMessage[]): void {
  switch (packet[1]) {
    case RtcpType.senderReport:
      if (packet.length < 28) return;
      out.push({
        kind: "senderReport",
        ssrc: packet.readUInt32BE(4),
        ntpHigh: packet.readUInt32BE(8),
        ntpLow: packet.readUInt32BE(12),
        rtpTimestamp: packet.readUInt32BE(16),
      });
      parseReports(packet, 28, count, out);
      return;
    case RtcpType.receiverReport:
      parseReports(packet, 8, count, out);
      return;
    case RtcpType.goodbye: {
      const ssrcs: number[] = [];
      for (let i = 0; i < count && 8 + i * 4 <= packet.length; i++) {
        ssrcs.push(packet.readUInt32BE(4 + i * 4));
      }
      out.push({ kind: "goodbye", ssrcs });
      return;
    }
    case RtcpType.transportFeedback:
      if (packet.length < 12) return;
      if (count === FeedbackType.nack) {
        out.push({ kind: "nack", ssrc: packet.readUInt32BE(8), sequenceNumbers: nacked(packet) });
      } else if (count === FeedbackType.transportWide) {
        out.push({ kind: "transportFeedback" });
      }
      return;
    case RtcpType.payloadFeedback:
      if (packet.length < 12) return;
      parsePayloadFeedback(packet, count, out);
      return;
  }
}

function parseReports(packet: Buffer, start: number, count: number, out: RtcpMessage[]): void {
  const reports: ReportBlock[] = [];
  for (let i = 0, at = start; i < count && at + 24 <= packet.length; i++, at += 24) {
    reports.push({
      ssrc: packet.readUInt32BE(at),
      fractionLost: packet[at + 4]!,
      jitter: packet.readUInt32BE(at + 12),
    });
  }
  if (reports.length > 0) out.push({ kind: "reports", reports });
}

function nacked(packet: Buffer): number[] {
  const numbers: number[] = [];
  for (let at = 12; at + 4 <= packet.length; at += 4) {
    const base = packet.readUInt16BE(at);
    const mask = packet.readUInt16BE(at + 2);
    numbers.push(base);
    for (let bit = 0; bit < 16; bit++) {
      if ((mask & (1 << bit)) !== 0) numbers.push((base + bit + 1) & 0xffff);
    }
    if (numbers.length >= MAX_NACKED) break;
  }
  return numbers;
}

function parsePayloadFeedback(packet: Buffer, format: number, out: RtcpMessage[]): void {
  if (format === FeedbackType.pictureLoss) {
    out.push({ kind: "keyFrameRequest", ssrcs: [packet.readUInt32BE(8)] });
  } else if (format === FeedbackType.fullIntra) {
    const ssrcs: number[] = [];
    for (let at = 12; at + 8 <= packet.length; at += 8) ssrcs.push(packet.readUInt32BE(at));
    out.push({ kind: "keyFrameRequest", ssrcs });
  } else if (format === FeedbackType.applicationLayer) {
    if (packet.length < 20 || packet.toString("latin1", 12, 16) !== "REMB") return;
    const word = packet.readUInt32BE(16);
    const mantissa = word & 0x3ffff;
    out.push({ kind: "remb", bitRate: mantissa * 2 ** ((word >>> 18) & 0x3f) });
  }
}
