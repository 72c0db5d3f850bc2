/** RTP packets: parsing, and rewriting in place (RFC 3550, RFC 8285). */
import { Buffer } from "node:buffer";
import { ExtensionId } from "./extensions.ts";

const ONE_BYTE_PROFILE = 0xbede;
const TWO_BYTE_PROFILE = 0x1000;

/** Extensions of the sender's own transport that one packet may have; senders put each at most once. */
const MAX_OWN_EXTENSIONS = 8;

const NO_BYTES = new Uint8Array(0);

/**
 * One packet in a memory that it does not own. The object is used for packet after packet, so that
 * none is made for each: what is to outlive the call that gave it must be copied.
 */
export class RtpPacket {
  /** The memory, and where the packet is. */
  bytes: Uint8Array = NO_BYTES;
  offset = 0;
  size = 0;
  headerLength = 0;
  padding = false;
  payloadType = 0;
  sequenceNumber = 0;
  timestamp = 0;
  ssrc = 0;
  /** Where the two bytes of the transport-wide sequence number are, from the packet's start; 0: nowhere. */
  transportSequenceOffset = 0;
  /** Level of its audio in -dBov (RFC 6464): 0 is the loudest, 127 silence; -1: it does not say. */
  audioLevel = -1;
  /** Where the dependency descriptor is, from the packet's start, and its bytes; 0: it has none. */
  dependencyOffset = 0;
  dependencyLength = 0;
  /** Whether subscriptions may go over to its layer with it: it is the first one of a key frame. */
  startsKeyFrame = false;
  /** The temporal layer of its frame; 0 is the one that all others refer to. */
  temporalLayer = 0;
  /** Whether from this frame on all temporal layers can be forwarded. */
  switchesUp = false;
  /** When it arrived, in ms of a clock that starts anywhere. */
  arrivedMs = 0;
  /** `performance.now()` of its turn. */
  nowMs = 0;
  #mid = 0;
  #streamId = 0;
  #repairedStreamId = 0;
  /** Start and end of each extension that is the sender's own. */
  readonly #own = new Uint16Array(MAX_OWN_EXTENSIONS * 2);
  #ownCount = 0;

  /** Reads the header of the packet there. Returns false when it is malformed. */
  parse(bytes: Uint8Array, offset: number, size: number): boolean {
    const first = bytes[offset]!;
    if (size < 12 || (first & 0xc0) !== 0x80) return false;
    this.bytes = bytes;
    this.offset = offset;
    this.size = size;
    this.padding = (first & 0x20) !== 0;
    this.payloadType = bytes[offset + 1]! & 0x7f;
    this.sequenceNumber = this.#read16(2);
    this.timestamp = ((this.#read16(4) << 16) | this.#read16(6)) >>> 0;
    this.ssrc = ((this.#read16(8) << 16) | this.#read16(10)) >>> 0;
    this.audioLevel = -1;
    this.temporalLayer = 0;
    this.switchesUp = false;
    this.transportSequenceOffset = this.dependencyOffset = this.dependencyLength = 0;
    this.startsKeyFrame = false;
    this.#mid = this.#streamId = this.#repairedStreamId = 0;
    this.#ownCount = 0;
    this.headerLength = 12 + (first & 0x0f) * 4;
    if ((first & 0x10) === 0) return size >= this.headerLength;
    const start = this.headerLength + 4;
    if (size < start) return false;
    const end = start + this.#read16(start - 2) * 4;
    if (end > size || !this.#readExtensions(this.#read16(start - 4), start, end)) return false;
    this.headerLength = end;
    return true;
  }

  get mid(): string | undefined {
    return this.#text(this.#mid);
  }

  /** The rid. */
  get streamId(): string | undefined {
    return this.#text(this.#streamId);
  }

  get repairedStreamId(): string | undefined {
    return this.#text(this.#repairedStreamId);
  }

  /** The transport-wide sequence number, if it has one. */
  get transportSequence(): number {
    return this.#read16(this.transportSequenceOffset);
  }

  /** Bytes behind the header, padding included. */
  get payloadLength(): number {
    return this.size - this.headerLength;
  }

  /** The payload, a view. */
  get payload(): Uint8Array {
    const { offset, size, headerLength } = this;
    return this.bytes.subarray(offset + headerLength, offset + size);
  }

  /** The payload's length without RTP padding; -1 when the padding is malformed. */
  get mediaLength(): number {
    const length = this.payloadLength;
    if (!this.padding) return length;
    if (length === 0) return -1;
    const count = this.bytes[this.offset + this.size - 1]!;
    return count === 0 || count > length ? -1 : length - count;
  }

  /** Turns every extension of the sender's own transport (mid, rid, repaired rid, send time) into padding. */
  blankOwnExtensions(): void {
    for (let i = 0; i < this.#ownCount; i++) {
      const [start, end] = [this.#own[i * 2]!, this.#own[i * 2 + 1]!];
      this.bytes.fill(0, this.offset + start, this.offset + end);
    }
    this.#ownCount = 0;
    this.#mid = this.#streamId = this.#repairedStreamId = 0;
  }

  /**
   * Makes the packet that a packet of a retransmission stream repeats of it (RFC 4588, 4), with
   * this payload type. Returns false when it repeats none: bandwidth probes carry nothing.
   */
  unwrapRetransmission(payloadType: number): boolean {
    const length = this.mediaLength;
    if (length < 2) return false;
    const { bytes, headerLength } = this;
    this.sequenceNumber = this.#read16(headerLength);
    const from = this.offset;
    // The header moves over the number that stood before the payload.
    bytes.copyWithin(from + 2, from, from + headerLength);
    this.offset = from + 2;
    this.size = headerLength + length - 2;
    this.padding = false;
    this.payloadType = payloadType;
    bytes[this.offset]! &= ~0x20;
    bytes[this.offset + 1] = (bytes[this.offset + 1]! & 0x80) | payloadType;
    bytes[this.offset + 2] = this.sequenceNumber >>> 8;
    bytes[this.offset + 3] = this.sequenceNumber & 0xff;
    return true;
  }

  #read16(at: number): number {
    const { bytes, offset } = this;
    return (bytes[offset + at]! << 8) | bytes[offset + at + 1]!;
  }

  /** The text of an extension: where it begins, and its length below. 0: there is none. */
  #text(place: number): string | undefined {
    if (place === 0) return undefined;
    const start = this.offset + (place >>> 8);
    return Buffer.from(this.bytes.subarray(start, start + (place & 0xff))).toString("latin1");
  }

  /** Returns false when an extension reaches over the end. */
  #readExtensions(profile: number, start: number, end: number): boolean {
    const twoByte = (profile & 0xfff0) === TWO_BYTE_PROFILE;
    if (!twoByte && profile !== ONE_BYTE_PROFILE) return true;
    const { bytes, offset: base } = this;
    let at = start;
    while (at < end) {
      const head = bytes[base + at]!;
      if (head === 0) {
        at++;
        continue;
      }
      let id = head;
      let length: number;
      let value = at + 2;
      if (twoByte) {
        if (at + 1 >= end) return false;
        length = bytes[base + at + 1]!;
      } else {
        id = head >>> 4;
        length = (head & 0x0f) + 1;
        value = at + 1;
        if (id === 15) return true;
      }
      if (value + length > end) return false;
      if (id === ExtensionId.transportSequence) {
        if (length >= 2) this.transportSequenceOffset = value;
      } else if (id === ExtensionId.audioLevel) {
        // The highest bit says whether it is speech, which libwebrtc's encoder sets for any sound.
        if (length >= 1) this.audioLevel = bytes[base + value]! & 0x7f;
      } else if (id === ExtensionId.dependencyDescriptor) {
        this.dependencyOffset = value;
        this.dependencyLength = length;
      } else if (isOwn(id)) {
        if (this.#ownCount === MAX_OWN_EXTENSIONS) return false;
        this.#own[this.#ownCount * 2] = at;
        this.#own[this.#ownCount * 2 + 1] = value + length;
        this.#ownCount++;
        const place = (value << 8) | length;
        if (id === ExtensionId.mid) this.#mid = place;
        else if (id === ExtensionId.streamId) this.#streamId = place;
        else if (id === ExtensionId.repairedStreamId) this.#repairedStreamId = place;
      }
      at = value + length;
    }
    return true;
  }
}

/** Whether an extension is of no use, or harmful, on another transport than its sender's. */
function isOwn(id: number): boolean {
  return id === ExtensionId.mid || id === ExtensionId.streamId ||
    id === ExtensionId.repairedStreamId || id === ExtensionId.absoluteSendTime;
}
