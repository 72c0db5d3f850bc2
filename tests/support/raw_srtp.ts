/**
 * SRTP of a client whose every packet is the test's: rollover counters and indexes are given, and nothing is refused (RFC 3711,
 * RFC 7714). It depends on none of the product's code.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createCipheriv } from "node:crypto";

/** The SRTP protection profile that it speaks, and the sizes of its keys (RFC 7714, section 12). */
export const AEAD_AES_128_GCM = { profile: 7, keyBytes: 16, saltBytes: 12 } as const;

/** The master key and salt of one direction. */
export interface RawSrtpKeys {
  readonly key: Buffer;
  readonly salt: Buffer;
}

/** Labels of the key derivation (RFC 3711, section 4.3.1): each of RTP; those of RTCP are 3 more. */
const KEY = 0;
const SALT = 2;
const RTCP = 3;

const RTP_HEADER_BYTES = 12;
const RTCP_HEADER_BYTES = 8;
const ENCRYPTED = 0x8000_0000;

/** Protects packets of one sender. */
export class RawSrtp {
  readonly #rtp: RawSrtpKeys;
  readonly #rtcp: RawSrtpKeys;

  constructor(master: RawSrtpKeys) {
    this.#rtp = sessionKeys(master, 0);
    this.#rtcp = sessionKeys(master, RTCP);
  }

  /** An SRTP packet of a whole RTP packet. */
  rtp(packet: Buffer, rollovers: number): Buffer {
    const header = packet.subarray(0, headerLength(packet));
    const number = packet.readUInt16BE(2);
    const nonce = Buffer.alloc(12);
    packet.copy(nonce, 2, 8, 12);
    nonce.writeUInt32BE(rollovers >>> 0, 6);
    nonce.writeUInt16BE(number, 10);
    return Buffer.concat([header, seal(this.#rtp, nonce, header, packet.subarray(header.length))]);
  }

  /** An SRTCP packet of a compound packet. */
  rtcp(packet: Buffer, index: number): Buffer {
    const header = packet.subarray(0, RTCP_HEADER_BYTES);
    const trailer = Buffer.alloc(4);
    trailer.writeUInt32BE((ENCRYPTED | index) >>> 0, 0);
    const nonce = Buffer.alloc(12);
    packet.copy(nonce, 2, 4, 8);
    nonce.writeUInt32BE(index, 8);
    const covered = Buffer.concat([header, trailer]);
    const sealed = seal(this.#rtcp, nonce, covered, packet.subarray(header.length));
    return Buffer.concat([header, sealed, trailer]);
  }
}

/** As much of a packet as claims to be its header. */
function headerLength(packet: Buffer): number {
  const fixed = RTP_HEADER_BYTES + (packet[0]! & 0x0f) * 4;
  const extended = (packet[0]! & 0x10) !== 0 && packet.length >= fixed + 4;
  const length = extended ? fixed + 4 + packet.readUInt16BE(fixed + 2) * 4 : fixed;
  return Math.min(packet.length, length);
}

function seal({ key, salt }: RawSrtpKeys, nonce: Buffer, covered: Buffer, plain: Buffer): Buffer {
  salt.forEach((byte, i) => nonce[i]! ^= byte);
  const cipher = createCipheriv("aes-128-gcm", key, nonce);
  cipher.setAAD(covered);
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function sessionKeys({ key, salt }: RawSrtpKeys, first: number): RawSrtpKeys {
  const derive = (label: number, length: number) => {
    const block = Buffer.alloc(16);
    salt.copy(block);
    block[7]! ^= label;
    return createCipheriv("aes-128-ctr", key, block).update(Buffer.alloc(length));
  };
  return {
    key: derive(first + KEY, AEAD_AES_128_GCM.keyBytes),
    salt: derive(first + SALT, AEAD_AES_128_GCM.saltBytes),
  };
}
