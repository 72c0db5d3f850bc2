/**
 * What werift's SCTP is shown of a peer's packets (RFC 9260, RFC 6525, RFC 3758): nothing of wrong lengths, which it would loop
 * over for ever, and nothing that a peer does not send but that costs much.
 */
import type { Buffer } from "node:buffer";

/** What the check has to know of the association. */
export interface SctpState {
  /** Whether an INIT has come. */
  readonly initiated: boolean;
  readonly established: boolean;
  /** The last TSN that the peer has acknowledged. */
  readonly lastAcknowledged: number;
  /** The last TSN that was sent. */
  readonly lastSent: number;
}

const ChunkType = {
  data: 0,
  init: 1,
  initAck: 2,
  sack: 3,
  heartbeat: 4,
  heartbeatAck: 5,
  abort: 6,
  shutdown: 7,
  error: 9,
  reconfig: 130,
  forwardTsn: 192,
} as const;

const ReconfigType = { outgoingReset: 13, response: 16, addOutgoing: 17 } as const;

const PACKET_HEADER_BYTES = 12;
const HEADER_BYTES = 4;

/** Peers keep within the path's MTU, mostly 1,200 bytes. */
const MAX_PACKET_BYTES = 4096;

/** Ids of streams: the server uses odd ones up to about 80. */
const MAX_STREAMS = 1024;

/** Parameters or causes in one chunk. INIT of real peers has four or so. */
const MAX_PARAMETERS = 32;

/** Requests and responses in one RE-CONFIG chunk (RFC 6525, 3.1). */
const MAX_RECONFIG_PARAMETERS = 2;

/** Whether a packet may be handled; one that may not is dropped as a whole. */
export function isSoundPacket(packet: Buffer, state: SctpState): boolean {
  if (packet.length < PACKET_HEADER_BYTES + HEADER_BYTES || packet.length > MAX_PACKET_BYTES) {
    return false;
  }
  let single = 0;
  let init = false;
  let chunks = 0;
  for (let at = PACKET_HEADER_BYTES; at + HEADER_BYTES <= packet.length;) {
    const type = packet[at]!;
    const length = packet.readUInt16BE(at + 2);
    const end = at + length;
    if (length < HEADER_BYTES || end > packet.length) return false;
    if (!isSoundChunk(packet, type, at + HEADER_BYTES, end, state)) return false;
    if (type !== ChunkType.data && type !== ChunkType.error) {
      // Each asks for an answer or a sweep over all that is outstanding, so nobody sends two.
      const bit = 1 << (type & 31);
      if ((single & bit) !== 0) return false;
      single |= bit;
    }
    init ||= type === ChunkType.init;
    chunks++;
    at = end + padding(length);
  }
  // Over DTLS an association is never begun anew, and an INIT comes alone (RFC 9260, 5.1 and 6.10).
  return init ? chunks === 1 && !state.established : state.initiated;
}

/** Whether a sound packet is an INIT, from whose number the peer counts. */
export function isInit(packet: Buffer): boolean {
  return packet[PACKET_HEADER_BYTES] === ChunkType.init;
}

function isSoundChunk(
  packet: Buffer,
  type: number,
  start: number,
  end: number,
  state: SctpState,
): boolean {
  const bytes = end - start;
  switch (type) {
    case ChunkType.data:
      // A chunk without user data is a protocol violation (RFC 9260, 3.3.1).
      return bytes > 12 && packet.readUInt16BE(start + 4) < MAX_STREAMS;
    case ChunkType.init:
    case ChunkType.initAck:
      return bytes >= 16 && areSoundParameters(packet, start + 16, end);
    case ChunkType.sack:
      return isSoundSack(packet, start, end, state);
    case ChunkType.heartbeat:
    case ChunkType.heartbeatAck:
    case ChunkType.abort:
    case ChunkType.error:
      return areSoundParameters(packet, start, end);
    case ChunkType.reconfig:
      return areSoundParameters(packet, start, end, MAX_RECONFIG_PARAMETERS, isSoundReconfig);
    case ChunkType.shutdown:
      return bytes >= 4;
    case ChunkType.forwardTsn: {
      if (bytes < 4 || bytes % 4 !== 0) return false;
      for (let at = start + 4; at < end; at += 4) {
        if (packet.readUInt16BE(at) >= MAX_STREAMS) return false;
      }
      return true;
    }
    default:
      return true;
  }
}

function areSoundParameters(
  packet: Buffer,
  start: number,
  end: number,
  most = MAX_PARAMETERS,
  isSound: (type: number, bytes: number) => boolean = () => true,
): boolean {
  let count = 0;
  for (let at = start; at + HEADER_BYTES <= end;) {
    const length = packet.readUInt16BE(at + 2);
    if (length < HEADER_BYTES || at + length > end || ++count > most) return false;
    if (!isSound(packet.readUInt16BE(at), length - HEADER_BYTES)) return false;
    at += length + padding(length);
  }
  return true;
}

function isSoundReconfig(type: number, bytes: number): boolean {
  if (type === ReconfigType.outgoingReset) return bytes >= 12 && bytes % 2 === 0;
  return (type !== ReconfigType.response && type !== ReconfigType.addOutgoing) || bytes >= 8;
}

/** Whether a SACK acknowledges no more than is outstanding, and nothing twice. */
function isSoundSack(packet: Buffer, start: number, end: number, state: SctpState): boolean {
  const bytes = end - start;
  if (bytes < 12) return false;
  const cumulative = packet.readUInt32BE(start);
  const gaps = packet.readUInt16BE(start + 8);
  if (bytes !== 12 + (gaps + packet.readUInt16BE(start + 10)) * 4) return false;
  const outstanding = distance(cumulative, state.lastSent);
  if (outstanding < 0) return false;
  // One that came late is ignored whatever it says.
  if (distance(state.lastAcknowledged, cumulative) < 0) return true;
  let left = outstanding;
  for (let at = start + 12; at < start + 12 + gaps * 4; at += 4) {
    const first = packet.readUInt16BE(at);
    const last = packet.readUInt16BE(at + 2);
    left -= last - first + 1;
    if (first < 1 || last < first || last > outstanding || left < 0) return false;
  }
  return true;
}

/** How far a TSN is ahead of another one, negative when it is behind (RFC 9260, 1.6). */
export function distance(from: number, to: number): number {
  return (to - from) | 0;
}

function padding(length: number): number {
  return (4 - length % 4) % 4;
}
