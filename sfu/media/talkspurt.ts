/** The ends of a stretch of audio that is forwarded: what a receiver needs to take the time between two for silence. */
import type { RtpPacket } from "../rtp/packet.ts";
import type { PacketMemory } from "../transport/packet_memory.ts";

/** Timestamps of 20 ms of Opus (RFC 7587, 4.1). */
export const SILENCE_TIMESTAMPS = 960;

/** A header without extensions, and a packet of Opus that has nothing but its table of contents. */
export const SILENCE_BYTES = 13;

/**
 * Opus of a frame of 20 ms in one channel without data: discontinuous transmission begins (RFC 6716, 3.1 and 3.2.1; the decoder
 * makes comfort noise from then on, and misses no packet).
 */
const SILENT_CONTENTS = 0x78;

/** Writes a packet after which silence follows. Returns where it is; its numbers are set when it is sent. */
export function writeSilence(memory: PacketMemory, payloadType: number): number {
  const at = memory.allocate(SILENCE_BYTES);
  memory.bytes.fill(0, at, at + SILENCE_BYTES);
  memory.bytes[at] = 0x80;
  memory.bytes[at + 1] = payloadType;
  memory.bytes[at + SILENCE_BYTES - 1] = SILENT_CONTENTS;
  return at;
}

/** Copies a packet with the marker bit, as the first one after silence has it (RFC 3551, 4.1). Returns where it is. */
export function copyMarked(memory: PacketMemory, { bytes, offset, size }: RtpPacket): number {
  const at = memory.allocate(size);
  memory.bytes.set(bytes.subarray(offset, offset + size), at);
  memory.bytes[at + 1]! |= 0x80;
  return at;
}
