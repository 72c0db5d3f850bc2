/**
 * DTLS 1.2 records and handshake fragments made by hand (RFC 6347).
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";

/** Types of records. */
export const ContentType = {
  changeCipherSpec: 20,
  alert: 21,
  handshake: 22,
  applicationData: 23,
} as const;

/** A plain-text DTLS 1.2 record. */
export function dtlsRecord(contentType: number, body: Buffer, number = 0, epoch = 0): Buffer {
  const header = Buffer.alloc(13);
  header[0] = contentType;
  header.writeUInt16BE(0xfefd, 1);
  header.writeUInt16BE(epoch, 3);
  header.writeUIntBE(number, 5, 6);
  header.writeUInt16BE(body.length, 11);
  return Buffer.concat([header, body]);
}

/** A fragment of a DTLS handshake message, whatever it claims of its length and its place. */
export function handshakeFragment(fragment: {
  readonly type: number;
  readonly length: number;
  readonly sequence?: number;
  readonly offset?: number;
  readonly body: Buffer;
  /** The length that it claims to have. */
  readonly claims?: number;
}): Buffer {
  const { type, length, sequence = 0, offset = 0, body, claims = body.length } = fragment;
  const header = Buffer.alloc(12);
  header[0] = type;
  header.writeUIntBE(length, 1, 3);
  header.writeUInt16BE(sequence, 4);
  header.writeUIntBE(offset, 6, 3);
  header.writeUIntBE(claims, 9, 3);
  return Buffer.concat([header, body]);
}

/** A ClientHello (RFC 6347, 4.2.1) that this server can speak with. */
export function clientHello(cookie: Buffer = Buffer.alloc(0)): Buffer {
  const extensions = Buffer.from(
    // Groups: X25519 and P-256. Signatures: ECDSA with SHA-256. SRTP: AEAD_AES_128_GCM. Extended master secret.
    "000a00060004001d0017" + "000d000400020403" + "000e00050002000700" + "00170000",
    "hex",
  );
  const parts = [
    Buffer.from("fefd", "hex"),
    randomBytes(32),
    Buffer.from([0, cookie.length]),
    cookie,
    Buffer.from("0002c02b0100", "hex"),
    Buffer.from([extensions.length >>> 8, extensions.length & 0xff]),
    extensions,
  ];
  return Buffer.concat(parts);
}
