/**
 * RTCP that the embedded server sends and does not read itself: reports and transport-wide feedback (RFC 3550, 6.4).
 *
 * @module
 */
import type { Buffer } from "node:buffer";

/** One packet of a compound packet. */
export interface RtcpPacket {
  readonly type: number;
  /** The report count or the feedback message type. */
  readonly format: number;
  /** The whole packet with its header. */
  readonly data: Buffer;
}

/** The packets of a well-formed compound packet. */
export function rtcpPackets(data: Buffer): RtcpPacket[] {
  const packets: RtcpPacket[] = [];
  for (let at = 0; at < data.length;) {
    const length = (data.readUInt16BE(at + 2) + 1) * 4;
    packets.push({
      type: data[at + 1]!,
      format: data[at]! & 0x1f,
      data: data.subarray(at, at + length),
    });
    at += length;
  }
  return packets;
}

/** The report blocks of receiver reports. */
export function reportBlocks(packets: readonly RtcpPacket[]) {
  return packets.filter(({ type }) => type === 201).flatMap(({ format, data }) =>
    Array.from({ length: format }, (_, i) => 8 + i * 24).map((at) => ({
      ssrc: data.readUInt32BE(at),
      fractionLost: data[at + 4]!,
      cumulativeLost: data.readIntBE(at + 5, 3),
      extendedHighest: data.readUInt32BE(at + 8),
      jitter: data.readUInt32BE(at + 12),
      lastReport: data.readUInt32BE(at + 16),
      delaySinceLastReport: data.readUInt32BE(at + 20),
    }))
  );
}
