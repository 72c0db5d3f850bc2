/** The temporal layer of each frame: frames of the higher ones are left out first, because those below refer to none of them. */
import type { RtpPacket } from "./packet.ts";

/** Reads the packets of one stream; sets `temporalLayer` and `switchesUp` of each, which are 0 and false before. */
export type TemporalReader = (packet: RtpPacket) => void;

/** The temporal layer after the one that is always sent. */
const SECOND = 1;

/** RFC 7741, 4.2: TID and Y, which says that the frame refers to the base layer alone. */
function readVp8(packet: RtpPacket): void {
  const { bytes, offset, headerLength } = packet;
  const start = offset + headerLength;
  const length = packet.mediaLength;
  if (length < 2 || (bytes[start]! & 0x80) === 0) return;
  const flags = bytes[start + 1]!;
  if ((flags & 0x20) === 0) return;
  let at = 2;
  if ((flags & 0x80) !== 0) at += (bytes[start + at]! & 0x80) === 0 ? 1 : 2;
  if ((flags & 0x40) !== 0) at++;
  if (at >= length) return;
  const layer = bytes[start + at]!;
  packet.temporalLayer = layer >> 6;
  packet.switchesUp = packet.temporalLayer === SECOND && (layer & 0x20) !== 0;
}

/** RFC 9628, 4.2: TID, and U, from which frame on higher layers can be decoded. */
function readVp9(packet: RtpPacket): void {
  const { bytes, offset, headerLength } = packet;
  const start = offset + headerLength;
  const length = packet.mediaLength;
  if (length < 2 || (bytes[start]! & 0x20) === 0) return;
  let at = 1;
  if ((bytes[start]! & 0x80) !== 0) at += (bytes[start + at]! & 0x80) === 0 ? 1 : 2;
  if (at >= length) return;
  const layer = bytes[start + at]!;
  packet.temporalLayer = layer >> 5;
  packet.switchesUp = packet.temporalLayer === SECOND && (layer & 0x10) !== 0;
}

/** Templates that a dependency descriptor can have. */
const MAX_TEMPLATES = 64;

/** The indication that from this frame on a decode target can be decoded. */
const SWITCH = 2;

/** The dependency descriptor of the AV1 RTP specification, A.8: each frame names a template, which key frames define. */
function av1Reader(): TemporalReader {
  let idOffset = 0;
  let layers: readonly { readonly temporal: number; readonly switches: boolean }[] = [];
  const readStructure = (bits: Bits): void => {
    const firstId = bits.read(6);
    const targets = bits.read(5) + 1;
    const temporal: number[] = [0];
    for (let next = bits.read(2); next !== 3; next = bits.read(2)) {
      if (temporal.length === MAX_TEMPLATES || bits.exceeded) return;
      const last = temporal.at(-1)!;
      temporal.push(next === 0 ? last : next === 1 ? last + 1 : 0);
    }
    const read = temporal.map((layer) => {
      let indication = 0;
      // The last target has all layers.
      for (let i = 0; i < targets; i++) indication = bits.read(2);
      return { temporal: layer, switches: indication === SWITCH };
    });
    if (bits.exceeded) return;
    idOffset = firstId;
    layers = read;
  };
  return (packet) => {
    const { bytes, offset, dependencyOffset, dependencyLength } = packet;
    if (dependencyLength < 3) return;
    const start = offset + dependencyOffset;
    if (dependencyLength > 3 && (bytes[start + 3]! & 0x80) !== 0) {
      const bits = new Bits(bytes, start + 3, start + dependencyLength);
      bits.read(5);
      readStructure(bits);
    }
    const template = ((bytes[start]! & 0x3f) + MAX_TEMPLATES - idOffset) % MAX_TEMPLATES;
    const found = layers[template];
    if (found === undefined) return;
    packet.temporalLayer = found.temporal;
    packet.switchesUp = found.switches;
  };
}

/** Bits of a part of a packet, the highest first; 0 behind its end. */
class Bits {
  exceeded = false;
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#at = start * 8;
    this.#end = end * 8;
  }

  read(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++, this.#at++) {
      if (this.#at >= this.#end) this.exceeded = true;
      const byte = this.exceeded ? 0 : this.#bytes[this.#at >> 3]!;
      value = value << 1 | (byte >> (7 - (this.#at & 7))) & 1;
    }
    return value;
  }
}

/** A reader for a stream of a codec; undefined when its packets do not say. */
export function temporalReader(codec: string): TemporalReader | undefined {
  if (codec === "VP8") return readVp8;
  if (codec === "VP9") return readVp9;
  return codec === "AV1" ? av1Reader() : undefined;
}
