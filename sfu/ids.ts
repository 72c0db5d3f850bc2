/** Identifiers. */
import { randomBytes, randomUUID } from "node:crypto";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** A UUIDv4 in Crockford's Base32: 26 upper-case ASCII characters. */
export function createId(): string {
  let value = BigInt(`0x${randomUUID().replaceAll("-", "")}`);
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

/** Odd, so that its multiples go through all 32-bit numbers before one comes again. */
const SSRC_STEP = 0x9e37_79b1;

let lastSsrc = randomBytes(4).readUInt32BE(0);

/**
 * An SSRC that this process has not used before: under the keys of one transport an SSRC must not
 * be reused, because packet numbers and with them nonces would repeat. Never 0 or the server's own, 1.
 */
export function createSsrc(): number {
  do lastSsrc = (lastSsrc + SSRC_STEP) >>> 0; while (lastSsrc <= 1);
  return lastSsrc;
}
