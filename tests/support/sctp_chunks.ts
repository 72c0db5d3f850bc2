/**
 * SCTP packets and chunks made by hand (RFC 9260).
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { crc32c } from "werift";

/** Types of chunks. */
export const ChunkType = {
  data: 0,
  init: 1,
  initAck: 2,
  sack: 3,
  heartbeat: 4,
  heartbeatAck: 5,
  abort: 6,
  shutdown: 7,
  error: 9,
  cookieEcho: 10,
  cookieAck: 11,
  reconfig: 130,
  forwardTsn: 192,
} as const;

/** A packet of these chunks. */
export function sctpPacket(verificationTag: number, chunks: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt16BE(5000, 0);
  header.writeUInt16BE(5000, 2);
  header.writeUInt32BE(verificationTag >>> 0, 4);
  return sealed(Buffer.concat([header, ...chunks]));
}

/** A packet with the checksum that it must have; what is shorter than its header stays as it is. */
export function sealed(packet: Buffer): Buffer {
  if (packet.length < 12) return packet;
  packet.writeUInt32LE(0, 8);
  packet.writeUInt32LE(crc32c(packet) >>> 0, 8);
  return packet;
}

/** One SCTP chunk, whatever it claims of its length. */
export function chunk(type: number, body: Buffer, claims = body.length + 4, flags = 0): Buffer {
  const header = Buffer.from([type, flags, claims >>> 8, claims & 0xff]);
  return Buffer.concat([header, body, Buffer.alloc((4 - body.length % 4) % 4)]);
}

/** A DATA chunk. */
export function dataChunk(options: {
  readonly tsn: number;
  readonly streamId?: number;
  readonly sequence?: number;
  /** Both a beginning and an end is 3. */
  readonly flags?: number;
  readonly protocol?: number;
  readonly data?: string | Buffer;
}): Buffer {
  const { tsn, streamId = 1, sequence = 0, flags = 0, protocol = 53 } = options;
  const data = Buffer.from(options.data ?? "x");
  const body = Buffer.alloc(12 + data.length);
  body.writeUInt32BE(tsn >>> 0, 0);
  body.writeUInt16BE(streamId, 4);
  body.writeUInt16BE(sequence, 6);
  body.writeUInt32BE(protocol, 8);
  data.copy(body, 12);
  return chunk(0, body, body.length + 4, flags);
}

/** A SACK chunk. */
export function sackChunk(
  cumulativeTsn: number,
  gaps: readonly (readonly [start: number, end: number])[],
): Buffer {
  const body = Buffer.alloc(12 + gaps.length * 4);
  body.writeUInt32BE(cumulativeTsn >>> 0, 0);
  body.writeUInt32BE(1024 * 1024, 4);
  body.writeUInt16BE(gaps.length, 8);
  gaps.forEach(([start, end], i) => {
    body.writeUInt16BE(start, 12 + i * 4);
    body.writeUInt16BE(end, 14 + i * 4);
  });
  return chunk(3, body);
}

/** A FORWARD-TSN chunk (RFC 3758). */
export function forwardTsnChunk(
  tsn: number,
  streams: readonly (readonly [streamId: number, sequence: number])[] = [],
): Buffer {
  const body = Buffer.alloc(4 + streams.length * 4);
  body.writeUInt32BE(tsn >>> 0, 0);
  streams.forEach(([streamId, sequence], i) => {
    body.writeUInt16BE(streamId, 4 + i * 4);
    body.writeUInt16BE(sequence, 6 + i * 4);
  });
  return chunk(ChunkType.forwardTsn, body);
}

/** An INIT chunk for 65,535 streams each way, with partial reliability and re-configuration. */
export function initChunk(
  verificationTag: number,
  initialTsn: number,
  parameters: Buffer = Buffer.from("c0000004" + "80080006c0820000", "hex"),
): Buffer {
  const body = Buffer.alloc(16);
  body.writeUInt32BE(verificationTag >>> 0, 0);
  body.writeUInt32BE(1024 * 1024, 4);
  body.writeUInt16BE(0xffff, 8);
  body.writeUInt16BE(0xffff, 10);
  body.writeUInt32BE(initialTsn >>> 0, 12);
  return chunk(ChunkType.init, Buffer.concat([body, parameters]));
}

/** A DATA_CHANNEL_OPEN message (RFC 8832), whatever it claims of the lengths of its label and its protocol. */
export function openMessage(
  label: string,
  { labelBytes = Buffer.byteLength(label), protocolBytes = 0 } = {},
): Buffer {
  const head = Buffer.from([3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  head.writeUInt16BE(labelBytes, 8);
  head.writeUInt16BE(protocolBytes, 10);
  return Buffer.concat([head, Buffer.from(label)]);
}
