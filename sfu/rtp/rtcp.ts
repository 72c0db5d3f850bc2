/** The parser of compound RTCP packets (RFC 3550, RFC 4585, RFC 5104). */
import type { Buffer } from "node:buffer";

/** RTCP packet types. */
export const RtcpType = {
  senderReport: 200,
  receiverReport: 201,
  sourceDescription: 202,
  transportFeedback: 205,
  payloadFeedback: 206,
} as const;

/** Feedback message types within transport and payload feedback. */
export const FeedbackType = {
  nack: 1,
  transportWide: 15,
  pictureLoss: 1,
  fullIntra: 4,
} as const;

/** One message of a compound packet that this server acts on. */
export type RtcpMessage =
  | {
    readonly kind: "senderReport";
    readonly ssrc: number;
    /** NTP time, upper and lower 32 bits. */
    readonly ntpHigh: number;
    readonly ntpLow: number;
    readonly rtpTimestamp: number;
  }
  | { readonly kind: "nack"; readonly ssrc: number; readonly sequenceNumbers: number[] }
  | { readonly kind: "keyFrameRequest"; readonly ssrcs: number[] };

/** Sequence numbers taken from one NACK; the rest is ignored. */
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
    const message = parseOne(data.subarray(offset, offset + length), first & 0x1f);
    if (message !== undefined) messages.push(message);
    offset += length;
  }
  return messages;
}

/** @param format the report count or the feedback message type */
function parseOne(packet: Buffer, format: number): RtcpMessage | undefined {
  const type = packet[1];
  if (type === RtcpType.senderReport && packet.length >= 28) {
    return {
      kind: "senderReport",
      ssrc: packet.readUInt32BE(4),
      ntpHigh: packet.readUInt32BE(8),
      ntpLow: packet.readUInt32BE(12),
      rtpTimestamp: packet.readUInt32BE(16),
    };
  }
  if (packet.length < 12) return undefined;
  if (type === RtcpType.transportFeedback && format === FeedbackType.nack) {
    return { kind: "nack", ssrc: packet.readUInt32BE(8), sequenceNumbers: nacked(packet) };
  }
  if (type !== RtcpType.payloadFeedback) return undefined;
  if (format === FeedbackType.pictureLoss) {
    return { kind: "keyFrameRequest", ssrcs: [packet.readUInt32BE(8)] };
  }
  if (format === FeedbackType.fullIntra) {
    const ssrcs: number[] = [];
    for (let at = 12; at + 8 <= packet.length; at += 8) ssrcs.push(packet.readUInt32BE(at));
    return { kind: "keyFrameRequest", ssrcs };
  }
  return undefined;
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
