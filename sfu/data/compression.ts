/** Compressed data channel messages: zlib streams (RFC 1950). */
import type { Buffer } from "node:buffer";
import { deflateSync, inflateSync } from "node:zlib";

/** Compresses one message. */
export function compress(data: Uint8Array): Buffer {
  return deflateSync(data);
}

/** Expands one message; undefined when it is malformed or longer than `maxBytes`. */
export function expand(data: Uint8Array, maxBytes: number): Buffer | undefined {
  try {
    const expanded = inflateSync(data, { maxOutputLength: maxBytes });
    return expanded.length <= maxBytes ? expanded : undefined;
  } catch {
    return undefined;
  }
}
