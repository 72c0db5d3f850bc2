/**
 * STUN messages (RFC 8489) as a TURN server reads and writes them, with long-term credentials.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createHash, createHmac } from "node:crypto";

/** A message: class and method in `type`. */
export interface StunMessage {
  readonly type: number;
  readonly transaction: Buffer;
  readonly attributes: ReadonlyMap<number, Buffer>;
  /** The bytes that MESSAGE-INTEGRITY covers, with the length that it was computed over. */
  readonly covered: Buffer | undefined;
}

export const Attribute = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  channelNumber: 0x000c,
  lifetime: 0x000d,
  xorPeerAddress: 0x0012,
  data: 0x0013,
  realm: 0x0014,
  nonce: 0x0015,
  xorRelayedAddress: 0x0016,
  xorMappedAddress: 0x0020,
} as const;

const HEADER_BYTES = 20;
const COOKIE = 0x2112a442;

/** Reads a whole message; throws when it is malformed. */
export function readStun(bytes: Buffer): StunMessage {
  if (bytes.readUInt32BE(4) !== COOKIE) throw new Error("This is no STUN message");
  const attributes = new Map<number, Buffer>();
  let covered: Buffer | undefined;
  for (let offset = HEADER_BYTES; offset + 4 <= bytes.length;) {
    const type = bytes.readUInt16BE(offset);
    const length = bytes.readUInt16BE(offset + 2);
    const value = bytes.subarray(offset + 4, offset + 4 + length);
    if (value.length !== length) throw new Error("An attribute is longer than its message");
    if (type === Attribute.messageIntegrity) {
      covered = Buffer.from(bytes.subarray(0, offset));
      covered.writeUInt16BE(offset + 24 - HEADER_BYTES, 2);
    }
    attributes.set(type, value);
    offset += 4 + Math.ceil(length / 4) * 4;
  }
  const transaction = Buffer.from(bytes.subarray(8, HEADER_BYTES));
  return { type: bytes.readUInt16BE(0), transaction, attributes, covered };
}

/** Writes a message; with `key` it has a MESSAGE-INTEGRITY. */
export function writeStun(
  type: number,
  transaction: Buffer,
  attributes: readonly (readonly [number, Buffer])[],
  key?: Buffer,
): Buffer {
  const parts = attributes.flatMap(([id, value]) => {
    const head = Buffer.alloc(4);
    head.writeUInt16BE(id, 0);
    head.writeUInt16BE(value.length, 2);
    return [head, value, Buffer.alloc((4 - value.length % 4) % 4)];
  });
  const body = Buffer.concat(parts);
  const header = Buffer.alloc(8);
  header.writeUInt16BE(type, 0);
  header.writeUInt16BE(body.length + (key === undefined ? 0 : 24), 2);
  header.writeUInt32BE(COOKIE, 4);
  const message = Buffer.concat([header, transaction, body]);
  if (key === undefined) return message;
  const integrity = Buffer.from([0, Attribute.messageIntegrity, 0, 20]);
  return Buffer.concat([message, integrity, createHmac("sha1", key).update(message).digest()]);
}

/** The key of long-term credentials (RFC 8489, section 9.2.2). */
export function longTermKey(username: string, realm: string, password: string): Buffer {
  return createHash("md5").update(`${username}:${realm}:${password}`).digest();
}

/** Whether a message was made with the key. */
export function isAuthentic({ attributes, covered }: StunMessage, key: Buffer): boolean {
  if (covered === undefined) return false;
  const integrity = createHmac("sha1", key).update(covered).digest();
  return attributes.get(Attribute.messageIntegrity)?.equals(integrity) === true;
}

/** The value of ERROR-CODE. */
export function errorCode(code: number): Buffer {
  return Buffer.from([0, 0, Math.floor(code / 100), code % 100]);
}

/** An IPv4 address and port as the XOR- attributes have them. */
export function xorAddress(address: string, port: number): Buffer {
  const value = Buffer.from([0, 1, 0, 0, ...address.split(".").map(Number)]);
  value.writeUInt16BE(port ^ (COOKIE >>> 16), 2);
  value.writeUInt32BE((value.readUInt32BE(4) ^ COOKIE) >>> 0, 4);
  return value;
}

/** The reverse of {@link xorAddress}; undefined for IPv6. */
export function readXorAddress(
  value: Buffer | undefined,
): { address: string; port: number } | undefined {
  if (value?.length !== 8 || value[1] !== 1) return undefined;
  const address = Buffer.alloc(4);
  address.writeUInt32BE((value.readUInt32BE(4) ^ COOKIE) >>> 0, 0);
  return { address: address.join("."), port: value.readUInt16BE(2) ^ (COOKIE >>> 16) };
}
