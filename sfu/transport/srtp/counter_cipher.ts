/** AES_CM_128_HMAC_SHA1_80 for SRTP and SRTCP (RFC 3711). */
import { Buffer } from "node:buffer";
import { createCipheriv, createHmac, timingSafeEqual } from "node:crypto";
import type { SrtpCipher } from "./cipher.ts";
import { counterMode } from "./counter_mode.ts";
import type { SrtpSessionKeys } from "./key_derivation.ts";

const TAG_BYTES = 10;
const ENCRYPTED_FLAG = 0x8000_0000;

export class CounterCipher implements SrtpCipher {
  readonly #keys: SrtpSessionKeys;
  readonly #iv = Buffer.alloc(16);
  readonly #roc = Buffer.alloc(4);

  constructor(keys: SrtpSessionKeys) {
    this.#keys = keys;
  }

  /** IV = (salt * 2^16) XOR (SSRC * 2^64) XOR (index * 2^16), RFC 3711, 4.1.1. */
  #setIv(salt: Buffer, ssrc: number, high: number, low: number): Buffer {
    const iv = this.#iv;
    iv.fill(0);
    iv.writeUInt32BE(ssrc >>> 0, 4);
    iv.writeUInt32BE(high >>> 0, 8);
    iv.writeUInt16BE(low, 12);
    for (let i = 0; i < 14; i++) iv[i]! ^= salt[i]!;
    return iv;
  }

  #rtpTag(covered: Buffer, roc: number): Buffer {
    this.#roc.writeUInt32BE(roc >>> 0, 0);
    return createHmac("sha1", this.#keys.rtpAuthentication).update(covered).update(this.#roc)
      .digest();
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
    const prefixLength = prefix?.length ?? 0;
    const end = header.length + prefixLength + payload.length;
    const out = Buffer.allocUnsafe(end + TAG_BYTES);
    header.copy(out, 0);
    const cipher = createCipheriv("aes-128-ctr", this.#keys.rtpKey, iv);
    if (prefix !== undefined) cipher.update(prefix).copy(out, header.length);
    if (payload.length > 0) cipher.update(payload).copy(out, header.length + prefixLength);
    cipher.final();
    this.#rtpTag(out.subarray(0, end), roc).copy(out, end, 0, TAG_BYTES);
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
    const tag = this.#rtpTag(packet.subarray(0, end), roc).subarray(0, TAG_BYTES);
    if (!timingSafeEqual(tag, packet.subarray(end))) return undefined;
    if (end === headerLength) return Buffer.alloc(0);
    const iv = this.#setIv(this.#keys.rtpSalt, ssrc, roc, sequenceNumber);
    return counterMode(this.#keys.rtpKey, iv, packet.subarray(headerLength, end));
  }

  sealRtcp(packet: Buffer, index: number): Buffer {
    const end = packet.length + 4;
    const out = Buffer.allocUnsafe(end + TAG_BYTES);
    const iv = this.#setIv(
      this.#keys.rtcpSalt,
      packet.readUInt32BE(4),
      index >>> 16,
      index & 0xffff,
    );
    packet.copy(out, 0, 0, 8);
    if (packet.length > 8) {
      counterMode(this.#keys.rtcpKey, iv, packet.subarray(8)).copy(out, 8);
    }
    out.writeUInt32BE((index | ENCRYPTED_FLAG) >>> 0, packet.length);
    createHmac("sha1", this.#keys.rtcpAuthentication).update(out.subarray(0, end)).digest()
      .copy(out, end, 0, TAG_BYTES);
    return out;
  }

  rtcpIndex(packet: Buffer): number | undefined {
    if (packet.length < 8 + 4 + TAG_BYTES) return undefined;
    return packet.readUInt32BE(packet.length - TAG_BYTES - 4) & 0x7fff_ffff;
  }

  openRtcp(packet: Buffer): Buffer | undefined {
    const index = this.rtcpIndex(packet);
    if (index === undefined) return undefined;
    const end = packet.length - TAG_BYTES;
    const tag = createHmac("sha1", this.#keys.rtcpAuthentication).update(packet.subarray(0, end))
      .digest()
      .subarray(0, TAG_BYTES);
    if (!timingSafeEqual(tag, packet.subarray(end))) return undefined;
    // Unencrypted SRTCP is never negotiated here.
    if ((packet[end - 4]! & 0x80) === 0) return undefined;
    const head = packet.subarray(0, 8);
    if (end - 4 === 8) return Buffer.from(head);
    const iv = this.#setIv(
      this.#keys.rtcpSalt,
      packet.readUInt32BE(4),
      index >>> 16,
      index & 0xffff,
    );
    const body = counterMode(this.#keys.rtcpKey, iv, packet.subarray(8, end - 4));
    return Buffer.concat([head, body]);
  }
}
