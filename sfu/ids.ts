/** Identifiers as Sora makes them. */
import { Buffer } from "node:buffer";
import { randomBytes, randomUUID } from "node:crypto";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** A UUIDv4 in Crockford's Base32: 26 upper-case ASCII characters. */
export function createId(): string {
  const bytes = Buffer.from(randomUUID().replaceAll("-", ""), "hex");
  let value = BigInt(`0x${bytes.toString("hex")}`);
  let text = "";
  for (let i = 0; i < 26; i++) {
    text = ALPHABET[Number(value & 31n)]! + text;
    value >>= 5n;
  }
  return text;
}

/** A short random suffix for mids, which must stay below 16 bytes. */
export function createSuffix(): string {
  let text = "";
  for (const byte of randomBytes(6)) text += ALPHABET[byte & 31]!;
  return text;
}

/** A random SSRC: 32 bits, never zero. */
export function createSsrc(): number {
  return randomBytes(4).readUInt32BE(0) || 1;
}
