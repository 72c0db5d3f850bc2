/** AES-128 in counter mode (RFC 3711, 4.1.1). */
import type { Buffer } from "node:buffer";
import { createCipheriv } from "node:crypto";

/** Enciphers or deciphers data in one go. */
export function counterMode(key: Buffer, iv: Buffer, data: Buffer): Buffer {
  const cipher = createCipheriv("aes-128-ctr", key, iv);
  const result = cipher.update(data);
  // On Deno a cipher is a resource, which is held until this.
  cipher.final();
  return result;
}
