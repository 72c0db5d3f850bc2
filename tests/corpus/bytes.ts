/**
 * Bytes that are no message on a data channel.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { deflateSync } from "node:zlib";

/** Bytes and their name. */
export interface BytesCase {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const cases = (all: Readonly<Record<string, Uint8Array>>): readonly BytesCase[] =>
  Object.entries(all).map(([name, bytes]) => ({ name, bytes }));

const hex = (digits: string) => Uint8Array.from(Buffer.from(digits, "hex"));
const utf8 = (text: string) => new TextEncoder().encode(text);

/** `{"type":"push","data":1}` as DEFLATE (RFC 1951), and with the header and checksum of zlib (RFC 1950). */
const RAW = "ab562aa92c4855b2522a282dce50d2514a492c4954b232ac0500";
const HEADER = "789c";
const CHECKSUM = "63b607b2";
const WHOLE = hex(HEADER + RAW + CHECKSUM);

/** What is no message on a channel with compression. */
export const BROKEN_COMPRESSED = cases({
  "a bomb of 64 MiB": deflateSync(new Uint8Array(64 * 1024 * 1024)),
  "a bomb one byte above the limit": deflateSync(new Uint8Array(1024 * 1024 + 1)),
  "a preset dictionary": hex(`78bb01020304${RAW}`),
  "a stream without its checksum": hex(HEADER + RAW),
  "a stream without its last byte": WHOLE.subarray(0, -1),
  "a wrong checksum": hex(`${HEADER}${RAW}63b6074d`),
  "a wrong header": hex(`ff9c${RAW}${CHECKSUM}`),
  "compressed bytes that are not UTF-8": deflateSync(hex("fffe80")),
  "compressed twice": deflateSync(WHOLE),
  "gzip": hex(`1f8b0800000000000003${RAW}3f517cfd18000000`),
  "half a stream": WHOLE.subarray(0, 16),
  "nothing": new Uint8Array(0),
  "one byte": hex("78"),
  "random bytes": Uint8Array.from({ length: 1000 }, (_, i) => i * 239),
  "raw deflate": hex(RAW),
  "uncompressed text": utf8('{"type":"push","data":1}'),
});

/** What is no text on a channel without compression (RFC 3629). */
export const NOT_TEXT = cases({
  "a byte order mark and rubbish": hex("efbbbf7b"),
  "a lone surrogate in UTF-8": hex("22eda08022"),
  "an overlong slash": hex("22c0af22"),
  "no UTF-8": hex("c328"),
  "nothing": new Uint8Array(0),
  "zlib on a channel without compression": WHOLE.subarray(0, -1),
});
