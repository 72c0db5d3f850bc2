/** STUN messages as ICE connectivity checks use them (RFC 8489, RFC 8445). */
import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";
import { crc32 } from "node:zlib";

const MAGIC_COOKIE = 0x2112a442;
const HEADER_BYTES = 20;
const FINGERPRINT_XOR = 0x5354554e;

/** STUN message types of the Binding method. */
export const StunType = {
  bindingRequest: 0x0001,
  bindingIndication: 0x0011,
  bindingSuccess: 0x0101,
  bindingError: 0x0111,
} as const;

const Attribute = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  xorMappedAddress: 0x0020,
  useCandidate: 0x0025,
  fingerprint: 0x8028,
  iceControlled: 0x8029,
} as const;

/** A Binding request, as far as an ICE-lite agent needs it. */
export interface StunMessage {
  readonly type: number;
  /** The 96-bit transaction id. */
  readonly transactionId: Buffer;
  readonly username: string | undefined;
  readonly useCandidate: boolean;
  /** Whether the sender claims the controlled role. */
  readonly controlled: boolean;
  /** Offset of MESSAGE-INTEGRITY in the message, or -1. */
  readonly integrityOffset: number;
}

/** Whether a datagram is a STUN message by its first byte (RFC 7983). */
export function isStun(data: Uint8Array): boolean {
  return data.length >= HEADER_BYTES && data[0]! < 4;
}

/** Parses a STUN message; undefined when it is malformed or its FINGERPRINT is wrong. */
export function parseStun(data: Buffer): StunMessage | undefined {
  if (data.length < HEADER_BYTES || data.length % 4 !== 0) return undefined;
  const type = data.readUInt16BE(0);
  if (type >= 0x4000 || data.readUInt32BE(4) !== MAGIC_COOKIE) return undefined;
  if (data.readUInt16BE(2) !== data.length - HEADER_BYTES) return undefined;
  let username: string | undefined;
  let useCandidate = false;
  let controlled = false;
  let integrityOffset = -1;
  let offset = HEADER_BYTES;
  while (offset + 4 <= data.length) {
    const attribute = data.readUInt16BE(offset);
    const length = data.readUInt16BE(offset + 2);
    const value = offset + 4;
    if (value + length > data.length) return undefined;
    if (attribute === Attribute.fingerprint) {
      if (length !== 4 || value + 4 !== data.length) return undefined;
      const expected = (crc32(data.subarray(0, offset)) ^ FINGERPRINT_XOR) >>> 0;
      if (data.readUInt32BE(value) !== expected) return undefined;
    } else if (integrityOffset < 0) {
      // Attributes after MESSAGE-INTEGRITY are not protected and must be ignored.
      if (attribute === Attribute.username && length <= 513) {
        username = data.toString("utf8", value, value + length);
      } else if (attribute === Attribute.useCandidate) {
        useCandidate = true;
      } else if (attribute === Attribute.iceControlled) {
        controlled = true;
      } else if (attribute === Attribute.messageIntegrity) {
        if (length !== 20) return undefined;
        integrityOffset = offset;
      }
    }
    offset = value + ((length + 3) & ~3);
  }
  return {
    type,
    transactionId: Buffer.from(data.subarray(8, HEADER_BYTES)),
    username,
    useCandidate,
    controlled,
    integrityOffset,
  };
}

/** Whether MESSAGE-INTEGRITY of a parsed message was made with `password`. */
export function verifyIntegrity(data: Buffer, message: StunMessage, password: string): boolean {
  const offset = message.integrityOffset;
  if (offset < 0) return false;
  const covered = Buffer.from(data.subarray(0, offset));
  // The length field counts up to and including MESSAGE-INTEGRITY (RFC 8489, 14.5).
  covered.writeUInt16BE(offset + 24 - HEADER_BYTES, 2);
  const expected = createHmac("sha1", password).update(covered).digest();
  return timingSafeEqual(expected, data.subarray(offset + 4, offset + 24));
}

/** A Binding success response with XOR-MAPPED-ADDRESS. */
export function bindingSuccess(
  transactionId: Buffer,
  address: string,
  port: number,
  password: string,
): Buffer {
  return build(StunType.bindingSuccess, transactionId, [
    [Attribute.xorMappedAddress, xorAddress(address, port, transactionId)],
  ], password);
}

/** A Binding error response. */
export function bindingError(
  transactionId: Buffer,
  code: number,
  reason: string,
  password: string,
): Buffer {
  const text = Buffer.from(reason);
  const value = Buffer.alloc(4 + text.length);
  value[2] = Math.floor(code / 100);
  value[3] = code % 100;
  text.copy(value, 4);
  return build(
    StunType.bindingError,
    transactionId,
    [[Attribute.errorCode, value]],
    password,
  );
}

function build(
  type: number,
  transactionId: Buffer,
  attributes: readonly (readonly [number, Buffer])[],
  password: string,
): Buffer {
  let body = 0;
  for (const [, value] of attributes) body += 4 + ((value.length + 3) & ~3);
  const message = Buffer.alloc(HEADER_BYTES + body + 24 + 8);
  message.writeUInt16BE(type, 0);
  message.writeUInt32BE(MAGIC_COOKIE, 4);
  transactionId.copy(message, 8);
  let offset = HEADER_BYTES;
  for (const [attribute, value] of attributes) {
    message.writeUInt16BE(attribute, offset);
    message.writeUInt16BE(value.length, offset + 2);
    value.copy(message, offset + 4);
    offset += 4 + ((value.length + 3) & ~3);
  }
  message.writeUInt16BE(offset + 24 - HEADER_BYTES, 2);
  const mac = createHmac("sha1", password).update(message.subarray(0, offset)).digest();
  message.writeUInt16BE(Attribute.messageIntegrity, offset);
  message.writeUInt16BE(20, offset + 2);
  mac.copy(message, offset + 4);
  offset += 24;
  message.writeUInt16BE(offset + 8 - HEADER_BYTES, 2);
  const crc = (crc32(message.subarray(0, offset)) ^ FINGERPRINT_XOR) >>> 0;
  message.writeUInt16BE(Attribute.fingerprint, offset);
  message.writeUInt16BE(4, offset + 2);
  message.writeUInt32BE(crc, offset + 4);
  return message;
}

function xorAddress(address: string, port: number, transactionId: Buffer): Buffer {
  const mask = Buffer.alloc(16);
  mask.writeUInt32BE(MAGIC_COOKIE, 0);
  transactionId.copy(mask, 4);
  const bytes = addressBytes(address);
  const value = Buffer.alloc(4 + bytes.length);
  value[1] = bytes.length === 16 ? 2 : 1;
  value.writeUInt16BE(port ^ (MAGIC_COOKIE >>> 16), 2);
  for (let i = 0; i < bytes.length; i++) value[4 + i] = bytes[i]! ^ mask[i]!;
  return value;
}

/** The 4 or 16 bytes of an address; an IPv4 address that is mapped into IPv6 is IPv4 (RFC 4291, 2.5.5.2). */
function addressBytes(address: string): Buffer {
  if (!address.includes(":")) return ipv4Bytes(address);
  const bytes = ipv6Bytes(address);
  return bytes.subarray(0, MAPPED_PREFIX.length).equals(MAPPED_PREFIX)
    ? bytes.subarray(MAPPED_PREFIX.length)
    : bytes;
}

const MAPPED_PREFIX = Buffer.from("00000000000000000000ffff", "hex");

function ipv4Bytes(address: string): Buffer {
  return Buffer.from(address.split(".").map((part) => Number(part)));
}

/** Also with the last 32 bits in dots (RFC 4291, 2.2), and with a zone. */
function ipv6Bytes(address: string): Buffer {
  const [head = "", tail] = address.replace(/%.*$/, "").split("::");
  const words = (text: string) =>
    text === "" ? [] : text.split(":").flatMap((part) => {
      if (!part.includes(".")) return [Number.parseInt(part, 16)];
      const dotted = ipv4Bytes(part);
      return [dotted.readUInt16BE(0), dotted.readUInt16BE(2)];
    });
  const left = words(head);
  const right = tail === undefined ? [] : words(tail);
  const bytes = Buffer.alloc(16);
  left.forEach((word, i) => bytes.writeUInt16BE(word & 0xffff, i * 2));
  right.forEach((word, i) => bytes.writeUInt16BE(word & 0xffff, 16 - (right.length - i) * 2));
  return bytes;
}
