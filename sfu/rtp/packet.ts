/** RTP headers: parsing and rewriting (RFC 3550, RFC 8285). */
import { Buffer } from "node:buffer";
import { ExtensionId } from "./extensions.ts";

/** The fields of an RTP header. Offsets count from the start of the packet; -1 means absent. */
export interface RtpHeader {
  readonly headerLength: number;
  readonly padding: boolean;
  readonly payloadType: number;
  readonly sequenceNumber: number;
  readonly timestamp: number;
  readonly ssrc: number;
  /** Where the two bytes of the transport-wide sequence number are. */
  readonly transportSequenceOffset: number;
  readonly mid: string | undefined;
  readonly streamId: string | undefined;
  readonly repairedStreamId: string | undefined;
}

/**
 * A decrypted packet on its way to subscribers, shared by all of them. Only the two bytes at
 * `transportSequenceOffset` change: each subscriber writes its own number just before sending.
 */
export interface RtpPacket {
  /** The header with identifying extensions blanked, of the same length as received. */
  readonly header: Buffer;
  readonly payload: Buffer;
  readonly sequenceNumber: number;
  readonly timestamp: number;
  readonly transportSequenceOffset: number;
}

const ONE_BYTE_PROFILE = 0xbede;
const TWO_BYTE_PROFILE = 0x1000;

/** Whether a datagram is RTCP, given that it is RTP or RTCP (RFC 5761, 4). */
export function isRtcp(data: Uint8Array): boolean {
  const type = data[1]!;
  return type >= 192 && type <= 223;
}

/** Whether a datagram is RTP or RTCP by its first byte (RFC 7983). */
export function isRtpOrRtcp(data: Uint8Array): boolean {
  return data.length >= 12 && data[0]! >= 128 && data[0]! <= 191;
}

/** Parses the unencrypted header of an RTP packet; undefined when it is malformed. */
export function parseRtpHeader(data: Buffer): RtpHeader | undefined {
  if (data.length < 12 || (data[0]! & 0xc0) !== 0x80) return undefined;
  const first = data[0]!;
  let headerLength = 12 + (first & 0x0f) * 4;
  let transportSequenceOffset = -1;
  let mid: string | undefined;
  let streamId: string | undefined;
  let repairedStreamId: string | undefined;
  if ((first & 0x10) !== 0) {
    if (data.length < headerLength + 4) return undefined;
    const profile = data.readUInt16BE(headerLength);
    const start = headerLength + 4;
    const end = start + data.readUInt16BE(headerLength + 2) * 4;
    if (end > data.length) return undefined;
    const walked = walkExtensions(data, profile, start, end, (id, offset, length) => {
      if (id === ExtensionId.transportSequence) {
        if (length >= 2) transportSequenceOffset = offset;
      } else if (id === ExtensionId.mid) {
        mid = data.toString("latin1", offset, offset + length);
      } else if (id === ExtensionId.streamId) {
        streamId = data.toString("latin1", offset, offset + length);
      } else if (id === ExtensionId.repairedStreamId) {
        repairedStreamId = data.toString("latin1", offset, offset + length);
      }
    });
    if (!walked) return undefined;
    headerLength = end;
  } else if (data.length < headerLength) {
    return undefined;
  }
  return {
    headerLength,
    padding: (first & 0x20) !== 0,
    payloadType: data[1]! & 0x7f,
    sequenceNumber: data.readUInt16BE(2),
    timestamp: data.readUInt32BE(4),
    ssrc: data.readUInt32BE(8),
    transportSequenceOffset,
    mid,
    streamId,
    repairedStreamId,
  };
}

/** Calls `visit` for each extension element; false when one reaches over the end. */
function walkExtensions(
  data: Buffer,
  profile: number,
  start: number,
  end: number,
  visit: (id: number, offset: number, length: number, elementStart: number) => void,
): boolean {
  const twoByte = (profile & 0xfff0) === TWO_BYTE_PROFILE;
  if (!twoByte && profile !== ONE_BYTE_PROFILE) return true;
  let offset = start;
  while (offset < end) {
    const head = data[offset]!;
    if (head === 0) {
      offset++;
      continue;
    }
    let id: number;
    let length: number;
    let value: number;
    if (twoByte) {
      if (offset + 1 >= end) return false;
      id = head;
      length = data[offset + 1]!;
      value = offset + 2;
    } else {
      id = head >>> 4;
      length = (head & 0x0f) + 1;
      value = offset + 1;
      if (id === 15) return true;
    }
    if (value + length > end) return false;
    visit(id, value, length, offset);
    offset = value + length;
  }
  return true;
}

/**
 * A copy of the header for forwarding: with another SSRC, and with every extension of the
 * publisher's own transport (mid, rid, repaired rid, send time) turned into padding.
 */
export function forwardableHeader(data: Buffer, header: RtpHeader, ssrc: number): Buffer {
  const copy = Buffer.from(data.subarray(0, header.headerLength));
  copy.writeUInt32BE(ssrc >>> 0, 8);
  if ((copy[0]! & 0x10) !== 0) {
    const base = 12 + (copy[0]! & 0x0f) * 4;
    const profile = copy.readUInt16BE(base);
    walkExtensions(data, profile, base + 4, header.headerLength, (id, offset, length, element) => {
      if (
        id === ExtensionId.mid || id === ExtensionId.streamId ||
        id === ExtensionId.repairedStreamId || id === ExtensionId.absoluteSendTime
      ) {
        copy.fill(0, element, offset + length);
      }
    });
  }
  return copy;
}

/** The payload's length without RTP padding; -1 when the padding is malformed. */
export function mediaLength(payload: Buffer, padding: boolean): number {
  if (!padding) return payload.length;
  if (payload.length === 0) return -1;
  const count = payload[payload.length - 1]!;
  return count === 0 || count > payload.length ? -1 : payload.length - count;
}
