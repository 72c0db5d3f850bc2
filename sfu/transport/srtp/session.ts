/** SRTP contexts: packet indexes, replay protection and the transform (RFC 3711). */
import type { Buffer } from "node:buffer";
import type { SrtpCipher, SrtpProfile } from "./cipher.ts";
import { CounterCipher } from "./counter_cipher.ts";
import { GcmCipher } from "./gcm_cipher.ts";
import { deriveSessionKeys, type SrtpMasterKey } from "./key_derivation.ts";
import { ReplayWindow } from "./replay_window.ts";

/** Streams of a peer that are remembered at a time; it cannot grow the table beyond that. */
const MAX_STREAMS = 1024;

function createCipher(profile: SrtpProfile, master: SrtpMasterKey): SrtpCipher {
  const keys = deriveSessionKeys(master);
  return profile === "AEAD_AES_128_GCM" ? new GcmCipher(keys) : new CounterCipher(keys);
}

/** The 48-bit packet index nearest to the highest one so far (RFC 3711, 3.3.1), or negative. */
export function packetIndex(highest: number, sequenceNumber: number): number {
  if (highest < 0) return sequenceNumber;
  const roc = Math.floor(highest / 0x10000);
  const last = highest % 0x10000;
  let guess = roc;
  if (last < 0x8000) {
    if (sequenceNumber - last > 0x8000) guess = roc - 1;
  } else if (last - 0x8000 > sequenceNumber) {
    guess = roc + 1;
  }
  return guess * 0x10000 + sequenceNumber;
}

/** Protects outgoing packets. The streams are this side's own, so their number has no bound here. */
export class SrtpSender {
  /** Packets refused because their index was used already: a nonce must never repeat. */
  refused = 0;
  readonly #cipher: SrtpCipher;
  readonly #streams = new Map<number, ReplayWindow>();
  readonly #rtcpIndexes = new Map<number, number>();

  constructor(profile: SrtpProfile, master: SrtpMasterKey) {
    this.#cipher = createCipher(profile, master);
  }

  /**
   * Protects one RTP packet whose payload is `prefix` followed by `payload`.
   * Returns undefined when that index was used before.
   */
  protectRtp(
    header: Buffer,
    payload: Buffer,
    ssrc: number,
    sequenceNumber: number,
    prefix?: Buffer,
  ): Buffer | undefined {
    let window = this.#streams.get(ssrc);
    if (window === undefined) {
      window = new ReplayWindow();
      this.#streams.set(ssrc, window);
    }
    const index = packetIndex(window.highest, sequenceNumber);
    if (index < 0 || !window.isFresh(index)) {
      this.refused++;
      return undefined;
    }
    window.add(index);
    const roc = Math.floor(index / 0x10000);
    return this.#cipher.sealRtp(header, prefix, payload, ssrc, roc, sequenceNumber);
  }

  /** Protects one compound RTCP packet. */
  protectRtcp(packet: Buffer): Buffer {
    const ssrc = packet.readUInt32BE(4);
    const index = ((this.#rtcpIndexes.get(ssrc) ?? -1) + 1) & 0x7fff_ffff;
    this.#rtcpIndexes.set(ssrc, index);
    return this.#cipher.sealRtcp(packet, index);
  }

  /** Forgets a stream for good: its SSRC must never be used again. */
  forget(ssrc: number): void {
    this.#streams.delete(ssrc);
    this.#rtcpIndexes.delete(ssrc);
  }

  /** Streams that are remembered. */
  get streams(): number {
    return Math.max(this.#streams.size, this.#rtcpIndexes.size);
  }
}

/** Authenticates and decrypts incoming packets. */
export class SrtpReceiver {
  /** Packets that failed authentication, were too short, or were of one stream too many. */
  failed = 0;
  /** Packets seen before or older than the window. */
  replayed = 0;
  readonly #cipher: SrtpCipher;
  readonly #streams = new Map<number, ReplayWindow>();
  readonly #rtcpStreams = new Map<number, ReplayWindow>();

  constructor(profile: SrtpProfile, master: SrtpMasterKey) {
    this.#cipher = createCipher(profile, master);
  }

  /** The payload of a packet whose header has been parsed, or undefined. */
  unprotectRtp(
    packet: Buffer,
    headerLength: number,
    ssrc: number,
    sequenceNumber: number,
  ): Buffer | undefined {
    const known = this.#streams.get(ssrc);
    const index = packetIndex(known?.highest ?? -1, sequenceNumber);
    if (index < 0 || (known !== undefined && !known.isFresh(index))) {
      this.replayed++;
      return undefined;
    }
    const roc = Math.floor(index / 0x10000);
    const payload = this.#cipher.openRtp(packet, headerLength, ssrc, roc, sequenceNumber);
    if (payload === undefined) {
      this.failed++;
      return undefined;
    }
    const window = known ?? remember(this.#streams, ssrc);
    if (window === undefined) {
      this.failed++;
      return undefined;
    }
    window.add(index);
    return payload;
  }

  /** The plain compound RTCP packet, or undefined. */
  unprotectRtcp(packet: Buffer): Buffer | undefined {
    const index = this.#cipher.rtcpIndex(packet);
    if (index === undefined) {
      this.failed++;
      return undefined;
    }
    const ssrc = packet.readUInt32BE(4);
    const known = this.#rtcpStreams.get(ssrc);
    if (known !== undefined && !known.isFresh(index)) {
      this.replayed++;
      return undefined;
    }
    const plain = this.#cipher.openRtcp(packet);
    if (plain === undefined) {
      this.failed++;
      return undefined;
    }
    const window = known ?? remember(this.#rtcpStreams, ssrc);
    if (window === undefined) {
      this.failed++;
      return undefined;
    }
    window.add(index);
    return plain;
  }

  /** Forgets a stream that the peer has given up. */
  forget(ssrc: number): void {
    this.#streams.delete(ssrc);
    this.#rtcpStreams.delete(ssrc);
  }

  /** Streams that are remembered. */
  get streams(): number {
    return Math.max(this.#streams.size, this.#rtcpStreams.size);
  }
}

function remember(table: Map<number, ReplayWindow>, ssrc: number): ReplayWindow | undefined {
  if (table.size >= MAX_STREAMS) return undefined;
  const window = new ReplayWindow();
  table.set(ssrc, window);
  return window;
}
