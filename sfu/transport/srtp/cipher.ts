/** What both SRTP profiles have in common. */
import type { Buffer } from "node:buffer";

/** The DTLS-SRTP protection profiles this server speaks (RFC 5764, RFC 7714). */
export type SrtpProfile = "AEAD_AES_128_GCM" | "AES_CM_128_HMAC_SHA1_80";

/** DTLS-SRTP profile numbers (IANA "DTLS-SRTP Protection Profiles"), preferred first. */
export const SRTP_PROFILE_IDS: ReadonlyMap<number, SrtpProfile> = new Map([
  [0x0007, "AEAD_AES_128_GCM"],
  [0x0001, "AES_CM_128_HMAC_SHA1_80"],
]);

/** Bytes of master key and master salt of a profile. */
export function masterKeyLengths(profile: SrtpProfile): { key: number; salt: number } {
  return { key: 16, salt: profile === "AEAD_AES_128_GCM" ? 12 : 14 };
}

/** One direction's transform. Packet indexes and rollover counters are the caller's. */
export interface SrtpCipher {
  /** The protected packet: `header`, then `prefix` and `payload` encrypted, then the tag. */
  sealRtp(
    header: Buffer,
    prefix: Buffer | undefined,
    payload: Buffer,
    ssrc: number,
    roc: number,
    sequenceNumber: number,
  ): Buffer;
  /** The payload, or undefined when authentication fails. */
  openRtp(
    packet: Buffer,
    headerLength: number,
    ssrc: number,
    roc: number,
    sequenceNumber: number,
  ): Buffer | undefined;
  /** The protected compound RTCP packet with the 31-bit `index`. */
  sealRtcp(packet: Buffer, index: number): Buffer;
  /** The index that the packet claims, or undefined when it is too short. */
  rtcpIndex(packet: Buffer): number | undefined;
  /** The compound packet, or undefined when authentication fails. */
  openRtcp(packet: Buffer): Buffer | undefined;
}
