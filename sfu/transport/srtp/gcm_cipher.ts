/** AEAD_AES_128_GCM for SRTP and SRTCP (RFC 7714). */
import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv } from "node:crypto";
import type { SrtpCipher } from "./cipher.ts";
import type { SrtpSessionKeys } from "./key_derivation.ts";

const TAG_BYTES = 16;
const ENCRYPTED_FLAG = 0x8000_0000;

export class GcmCipher implements SrtpCipher {
  readonly #keys: SrtpSessionKeys;
  readonly #iv = Buffer.alloc(12);

  constructor(keys: SrtpSessionKeys) {
    this.#keys = keys;
  }

  #setIv(salt: Buffer, ssrc: number, high: number, low: number): Buffer {
    const iv = this.#iv;
    iv.writeUInt16BE(0, 0);
    iv.writeUInt32BE(ssrc >>> 0, 2);
    iv.writeUInt32BE(high >>> 0, 6);
    iv.writeUInt16BE(low, 10);
    for (let i = 0; i < 12; i++) iv[i]! ^= salt[i]!;
    return iv;
  }

  sealRtp(
    header: Buffer,
    prefix: Buffer | undefined,
    payload: Buffer,
    ssrc: number,
    roc: number,
    sequenceNumber: number,
  ): Buffer {
    const iv = this.#setIv(this.#keys.rtpSalt, ssrc, roc, sequenceNumber);
    const cipher = createCipheriv("aes-128-gcm", this.#keys.rtpKey, iv);
    cipher.setAAD(header);
    const prefixLength = prefix?.length ?? 0;
    const out = Buffer.allocUnsafe(header.length + prefixLength + payload.length + TAG_BYTES);
    header.copy(out, 0);
    let offset = header.length;
    if (prefix !== undefined) {
      cipher.update(prefix).copy(out, offset);
      offset += prefixLength;
    }
    if (payload.length > 0) cipher.update(payload).copy(out, offset);
    cipher.final();
    cipher.getAuthTag().copy(out, offset + payload.length);
    return out;
  }

  openRtp(
    packet: Buffer,
    headerLength: number,
    ssrc: number,
    roc: number,
    sequenceNumber: number,
  ): Buffer | undefined {
    const end = packet.length - TAG_BYTES;
    if (end < headerLength) return undefined;
    const iv = this.#setIv(this.#keys.rtpSalt, ssrc, roc, sequenceNumber);
    return open(
      this.#keys.rtpKey,
      iv,
      packet.subarray(0, headerLength),
      undefined,
      packet.subarray(headerLength, end),
      packet.subarray(end),
    );
  }

  sealRtcp(packet: Buffer, index: number): Buffer {
    const out = Buffer.allocUnsafe(packet.length + TAG_BYTES + 4);
    const trailer = out.subarray(out.length - 4);
    trailer.writeUInt32BE((index | ENCRYPTED_FLAG) >>> 0, 0);
    const ssrc = packet.readUInt32BE(4);
    const iv = this.#setIv(this.#keys.rtcpSalt, ssrc, index >>> 16, index & 0xffff);
    const cipher = createCipheriv("aes-128-gcm", this.#keys.rtcpKey, iv);
    cipher.setAAD(Buffer.concat([packet.subarray(0, 8), trailer]));
    packet.copy(out, 0, 0, 8);
    if (packet.length > 8) cipher.update(packet.subarray(8)).copy(out, 8);
    cipher.final();
    cipher.getAuthTag().copy(out, packet.length);
    return out;
  }

  rtcpIndex(packet: Buffer): number | undefined {
    if (packet.length < 8 + TAG_BYTES + 4) return undefined;
    return packet.readUInt32BE(packet.length - 4) & 0x7fff_ffff;
  }

  openRtcp(packet: Buffer): Buffer | undefined {
    const index = this.rtcpIndex(packet);
    if (index === undefined) return undefined;
    const trailer = packet.subarray(packet.length - 4);
    // Unencrypted SRTCP is never negotiated here.
    if ((trailer[0]! & 0x80) === 0) return undefined;
    const tagStart = packet.length - 4 - TAG_BYTES;
    const iv = this.#setIv(
      this.#keys.rtcpSalt,
      packet.readUInt32BE(4),
      index >>> 16,
      index & 0xffff,
    );
    const body = open(
      this.#keys.rtcpKey,
      iv,
      packet.subarray(0, 8),
      trailer,
      packet.subarray(8, tagStart),
      packet.subarray(tagStart, tagStart + TAG_BYTES),
    );
    return body === undefined ? undefined : Buffer.concat([packet.subarray(0, 8), body]);
  }
}

function open(
  key: Buffer,
  iv: Buffer,
  aad: Buffer,
  moreAad: Buffer | undefined,
  ciphertext: Buffer,
  tag: Buffer,
): Buffer | undefined {
  const decipher = createDecipheriv("aes-128-gcm", key, iv);
  decipher.setAuthTag(tag);
  decipher.setAAD(moreAad === undefined ? aad : Buffer.concat([aad, moreAad]));
  const plaintext = ciphertext.length === 0 ? Buffer.alloc(0) : decipher.update(ciphertext);
  try {
    // Gives back what Deno holds for the cipher, whether it throws or not.
    decipher.final();
    return plaintext;
  } catch {
    return undefined;
  }
}
