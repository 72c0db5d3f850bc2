/** SRTP session keys from a master key (RFC 3711, 4.3; RFC 7714, 11). */
import { Buffer } from "node:buffer";
import { counterMode } from "./counter_mode.ts";

/** Key derivation labels of RFC 3711, 4.3.1. */
export const SrtpLabel = {
  rtpEncryption: 0,
  rtpAuthentication: 1,
  rtpSalt: 2,
  rtcpEncryption: 3,
  rtcpAuthentication: 4,
  rtcpSalt: 5,
} as const;

/** A master key with its salt: 16 + 14 bytes for counter mode, 16 + 12 bytes for GCM. */
export interface SrtpMasterKey {
  readonly key: Buffer;
  readonly salt: Buffer;
}

/** Derives `length` bytes for `label`, with a key derivation rate of zero. */
export function deriveKey(master: SrtpMasterKey, label: number, length: number): Buffer {
  const counter = Buffer.alloc(16);
  // A 96-bit GCM salt counts as the upper part of a 112-bit one (RFC 7714, 11).
  master.salt.copy(counter, 0);
  counter[7]! ^= label;
  return counterMode(master.key, counter, Buffer.alloc(length));
}

/** The session keys of one direction. Counter mode has authentication keys, GCM has none. */
export interface SrtpSessionKeys {
  readonly rtpKey: Buffer;
  readonly rtpSalt: Buffer;
  readonly rtcpKey: Buffer;
  readonly rtcpSalt: Buffer;
  readonly rtpAuthentication: Buffer;
  readonly rtcpAuthentication: Buffer;
}

/** Derives all session keys; the session salt is as long as the master salt. */
export function deriveSessionKeys(master: SrtpMasterKey): SrtpSessionKeys {
  const saltLength = master.salt.length;
  return {
    rtpKey: deriveKey(master, SrtpLabel.rtpEncryption, 16),
    rtpSalt: deriveKey(master, SrtpLabel.rtpSalt, saltLength),
    rtcpKey: deriveKey(master, SrtpLabel.rtcpEncryption, 16),
    rtcpSalt: deriveKey(master, SrtpLabel.rtcpSalt, saltLength),
    rtpAuthentication: deriveKey(master, SrtpLabel.rtpAuthentication, 20),
    rtcpAuthentication: deriveKey(master, SrtpLabel.rtcpAuthentication, 20),
  };
}
