/** RTCP packets to send (RFC 3550, RFC 4585). Each compound packet starts with a report. */
import { Buffer } from "node:buffer";
import { FeedbackType, RtcpType } from "./rtcp.ts";

/** The report block of one source (RFC 3550, 6.4.1). */
export interface OutgoingReport {
  readonly ssrc: number;
  /** 0..255, in 1/256. */
  readonly fractionLost: number;
  readonly cumulativeLost: number;
  readonly extendedHighest: number;
  readonly jitter: number;
  /** Middle 32 bits of the last sender report's NTP time; 0 when there was none. */
  readonly lastReport: number;
  /** Delay since that report in 1/65536 s. */
  readonly delaySinceLastReport: number;
}

/** Items of one NACK, which fit into a datagram. */
const MAX_NACK_ITEMS = 256;

/** Report blocks that fit into one receiver report. */
const MAX_REPORTS = 31;

function header(buffer: Buffer, count: number, type: number): void {
  buffer[0] = 0x80 | count;
  buffer[1] = type;
  buffer.writeUInt16BE(buffer.length / 4 - 1, 2);
}

/** A receiver report; without reports it serves as the mandatory head of a compound packet. */
export function receiverReport(sender: number, reports: readonly OutgoingReport[]): Buffer {
  const count = Math.min(reports.length, MAX_REPORTS);
  const buffer = Buffer.alloc(8 + count * 24);
  header(buffer, count, RtcpType.receiverReport);
  buffer.writeUInt32BE(sender >>> 0, 4);
  for (let i = 0, at = 8; i < count; i++, at += 24) {
    const report = reports[i]!;
    buffer.writeUInt32BE(report.ssrc >>> 0, at);
    buffer[at + 4] = report.fractionLost;
    buffer.writeIntBE(Math.max(-0x80_0000, Math.min(0x7f_ffff, report.cumulativeLost)), at + 5, 3);
    buffer.writeUInt32BE(report.extendedHighest >>> 0, at + 8);
    buffer.writeUInt32BE(report.jitter >>> 0, at + 12);
    buffer.writeUInt32BE(report.lastReport >>> 0, at + 16);
    buffer.writeUInt32BE(report.delaySinceLastReport >>> 0, at + 20);
  }
  return buffer;
}

/** A sender report with its SDES CNAME, so that receivers can synchronise audio and video. */
export function senderReport(
  ssrc: number,
  ntpHigh: number,
  ntpLow: number,
  rtpTimestamp: number,
  packets: number,
  octets: number,
  cname: string,
): Buffer {
  const report = Buffer.alloc(28);
  header(report, 0, RtcpType.senderReport);
  report.writeUInt32BE(ssrc >>> 0, 4);
  report.writeUInt32BE(ntpHigh >>> 0, 8);
  report.writeUInt32BE(ntpLow >>> 0, 12);
  report.writeUInt32BE(rtpTimestamp >>> 0, 16);
  report.writeUInt32BE(packets >>> 0, 20);
  report.writeUInt32BE(octets >>> 0, 24);
  const name = Buffer.from(cname);
  // One chunk: SSRC, CNAME item, and at least one terminating zero, padded to 32 bits.
  const description = Buffer.alloc(4 + ((4 + 2 + name.length + 1 + 3) & ~3));
  header(description, 1, RtcpType.sourceDescription);
  description.writeUInt32BE(ssrc >>> 0, 4);
  description[8] = 1;
  description[9] = name.length;
  name.copy(description, 10);
  return Buffer.concat([report, description]);
}

/** A picture loss indication (RFC 4585, 6.3.1), as a compound packet. */
export function pictureLoss(sender: number, media: number): Buffer {
  const buffer = Buffer.alloc(12);
  header(buffer, FeedbackType.pictureLoss, RtcpType.payloadFeedback);
  buffer.writeUInt32BE(sender >>> 0, 4);
  buffer.writeUInt32BE(media >>> 0, 8);
  return Buffer.concat([receiverReport(sender, []), buffer]);
}

/**
 * A generic NACK (RFC 4585, 6.2.1) for ascending sequence numbers, as a compound packet. Those that
 * do not fit into a datagram are left out.
 */
export function nack(sender: number, media: number, sequenceNumbers: readonly number[]): Buffer {
  const items: [number, number][] = [];
  for (const number of sequenceNumbers) {
    const last = items.at(-1);
    const distance = last === undefined ? 0 : (number - last[0]) & 0xffff;
    if (last !== undefined && distance >= 1 && distance <= 16) {
      last[1] |= 1 << (distance - 1);
    } else if (items.length < MAX_NACK_ITEMS) {
      items.push([number, 0]);
    } else {
      break;
    }
  }
  const buffer = Buffer.alloc(12 + items.length * 4);
  header(buffer, FeedbackType.nack, RtcpType.transportFeedback);
  buffer.writeUInt32BE(sender >>> 0, 4);
  buffer.writeUInt32BE(media >>> 0, 8);
  items.forEach(([base, mask], i) => {
    buffer.writeUInt16BE(base, 12 + i * 4);
    buffer.writeUInt16BE(mask, 14 + i * 4);
  });
  return Buffer.concat([receiverReport(sender, []), buffer]);
}
