/** What a packet's payload says of its frame: whether a key frame begins, and the numbers that a switch of layers continues. */
import type { RtpPacket } from "./packet.ts";

/** The marks of one packet. The object is used for packet after packet. */
export class FrameMark {
  /** Whether the packet is the first of a key frame. */
  startsKeyFrame = false;
  /** Where the frame's number is, from the packet's start; 0: it has none. */
  pictureAt = 0;
  /** Bits of that number: 7, 15 (the top bit beside it says so) or 16. */
  pictureBits = 0;
  picture = 0;
  /** Where the number of the base layer's frame (TL0PICIDX) is; 0: there is none. */
  tl0At = 0;
  tl0 = 0;

  /** Reads the packet with the reader of its codec. */
  read(packet: RtpPacket, reader: FrameMarkReader): void {
    this.startsKeyFrame = false;
    this.pictureAt =
      this.pictureBits =
      this.picture =
      this.tl0At =
      this.tl0 =
        0;
    reader(packet, this);
  }

  /** Takes a picture id of 7 or 15 bits (RFC 7741, 4.2; RFC 9628, 4.2). Returns its bytes. */
  takePictureId({ bytes, offset }: RtpPacket, at: number): number {
    const first = bytes[offset + at]!;
    this.pictureAt = at;
    this.pictureBits = (first & 0x80) === 0 ? 7 : 15;
    this.picture = this.pictureBits === 7 ? first : ((first & 0x7f) << 8) | bytes[offset + at + 1]!;
    return this.pictureBits === 7 ? 1 : 2;
  }
}

/** Reads the payload of one codec; of a malformed one it takes nothing. */
export type FrameMarkReader = (packet: RtpPacket, mark: FrameMark) => void;

/** The longest payload descriptors that are read. */
const VP8_DESCRIPTOR = 6;
const VP9_DESCRIPTOR = 5;

/** RFC 7741, 4.2. */
function readVp8(packet: RtpPacket, mark: FrameMark): void {
  const { bytes, offset, headerLength } = packet;
  const start = offset + headerLength;
  const length = packet.mediaLength;
  if (length < 2) return;
  const first = bytes[start]!;
  let at = 1;
  if ((first & 0x80) !== 0) {
    // All that the descriptor may have, and the first byte of the frame.
    const flags = bytes[start + 1]!;
    at = 2;
    if (length <= VP8_DESCRIPTOR && length <= vp8DescriptorLength(flags, bytes[start + 2]!)) return;
    if ((flags & 0x80) !== 0) at += mark.takePictureId(packet, headerLength + at);
    if ((flags & 0x40) !== 0) {
      mark.tl0At = headerLength + at;
      mark.tl0 = bytes[start + at]!;
      at++;
    }
    if ((flags & 0x30) !== 0) at++;
  }
  // S set and partition 0: the frame's first packet; P unset: a key frame (RFC 6386, 9.1).
  mark.startsKeyFrame = (first & 0x17) === 0x10 && (bytes[start + at]! & 1) === 0;
}

function vp8DescriptorLength(flags: number, afterFlags: number): number {
  let length = 2;
  if ((flags & 0x80) !== 0) length += (afterFlags & 0x80) === 0 ? 1 : 2;
  if ((flags & 0x40) !== 0) length++;
  if ((flags & 0x30) !== 0) length++;
  return length;
}

/** RFC 9628, 4.2. */
function readVp9(packet: RtpPacket, mark: FrameMark): void {
  const { bytes, offset, headerLength } = packet;
  const start = offset + headerLength;
  const length = packet.mediaLength;
  if (length <= VP9_DESCRIPTOR) return;
  const first = bytes[start]!;
  let at = 1;
  if ((first & 0x80) !== 0) at += mark.takePictureId(packet, headerLength + at);
  let spatialLayer = 0;
  if ((first & 0x20) !== 0) {
    spatialLayer = (bytes[start + at]! >> 1) & 7;
    at++;
    if ((first & 0x10) === 0) {
      mark.tl0At = headerLength + at;
      mark.tl0 = bytes[start + at]!;
    }
  }
  // P unset: no prediction from earlier frames; B: the frame's first packet.
  mark.startsKeyFrame = (first & 0x48) === 0x08 && spatialLayer === 0;
}

/** The dependency descriptor of the AV1 RTP specification, A.8; without one the aggregation header (4.4). */
function readAv1(packet: RtpPacket, mark: FrameMark): void {
  const { bytes, offset, headerLength, dependencyOffset, dependencyLength } = packet;
  if (dependencyLength < 3) {
    mark.startsKeyFrame = packet.mediaLength > 0 && (bytes[offset + headerLength]! & 0x08) !== 0;
    return;
  }
  const start = offset + dependencyOffset;
  mark.pictureAt = dependencyOffset + 1;
  mark.pictureBits = 16;
  mark.picture = (bytes[start + 1]! << 8) | bytes[start + 2]!;
  // A key frame's first packet has the structure of all layers.
  mark.startsKeyFrame = (bytes[start]! & 0x80) !== 0 && dependencyLength > 3 &&
    (bytes[start + 3]! & 0x80) !== 0;
}

const H264_SPS = 7;
const H264_STAP_A = 24;
const H265_VPS = 32;
const H265_AGGREGATION = 48;

/** RFC 6184, 5: a key frame begins with its sequence parameter set, without which it is of no use to a decoder. */
function readH264(packet: RtpPacket, mark: FrameMark): void {
  const length = packet.mediaLength;
  if (length < 1) return;
  const type = packet.bytes[packet.offset + packet.headerLength]! & 0x1f;
  mark.startsKeyFrame = type === H264_SPS ||
    (type === H264_STAP_A && aggregates(packet, length, 1, (first) => (first & 0x1f) === H264_SPS));
}

/** RFC 7798, 4.4: the same with the video parameter set. */
function readH265(packet: RtpPacket, mark: FrameMark): void {
  const length = packet.mediaLength;
  if (length < 2) return;
  const type = (packet.bytes[packet.offset + packet.headerLength]! >> 1) & 0x3f;
  const isVps = (first: number) => ((first >> 1) & 0x3f) === H265_VPS;
  mark.startsKeyFrame = type === H265_VPS ||
    (type === H265_AGGREGATION && aggregates(packet, length, 2, isVps));
}

/** Whether an aggregation packet has a unit whose first byte is one of those. */
function aggregates(
  { bytes, offset, headerLength }: RtpPacket,
  length: number,
  from: number,
  wanted: (first: number) => boolean,
): boolean {
  const start = offset + headerLength;
  let at = from;
  while (at + 3 <= length) {
    const size = (bytes[start + at]! << 8) | bytes[start + at + 1]!;
    if (size > 0 && wanted(bytes[start + at + 2]!)) return true;
    at += 2 + size;
  }
  return false;
}

/** The readers by the codecs' encoding names. */
export const FRAME_MARK_READERS: ReadonlyMap<string, FrameMarkReader> = new Map([
  ["VP8", readVp8],
  ["VP9", readVp9],
  ["AV1", readAv1],
  ["H264", readH264],
  ["H265", readH265],
]);
