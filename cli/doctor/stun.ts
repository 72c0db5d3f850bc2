/**
 * Messages of STUN (RFC 8489) and TURN (RFC 8656): as much of them as it takes to ask a server for an address.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createHash, createHmac, randomBytes } from "node:crypto";

/** The methods. */
export const Method = { BINDING: 0x0001, ALLOCATE: 0x0003, REFRESH: 0x0004 } as const;

/** The attributes. */
export const Attribute = {
  USERNAME: 0x0006,
  MESSAGE_INTEGRITY: 0x0008,
  ERROR_CODE: 0x0009,
  LIFETIME: 0x000d,
  REALM: 0x0014,
  NONCE: 0x0015,
  REQUESTED_TRANSPORT: 0x0019,
} as const;

/** Bytes before the attributes. */
export const HEADER_BYTES = 20;
const COOKIE = 0x2112a442;
/** The bits of the type that have the class of a message. */
const CLASS = 0x0110;
const SUCCESS = 0x0100;
const ERROR = 0x0110;
const INTEGRITY_BYTES = 20;

/** An attribute and its value. */
export type AttributeValue = readonly [type: number, value: Uint8Array];

/** What a long-term credential is proved by. */
export interface Credential {
  readonly username: string;
  readonly password: string;
  readonly realm: Buffer;
  readonly nonce: Buffer;
}

function attribute([type, value]: AttributeValue): Buffer {
  const bytes = Buffer.alloc(4 + Math.ceil(value.byteLength / 4) * 4);
  bytes.writeUInt16BE(type, 0);
  bytes.writeUInt16BE(value.byteLength, 2);
  bytes.set(value, 4);
  return bytes;
}

function message(method: number, id: Buffer, body: Buffer, bodyBytes: number): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt16BE(method, 0);
  header.writeUInt16BE(bodyBytes, 2);
  header.writeUInt32BE(COOKIE, 4);
  return Buffer.concat([header, id, body]);
}

/** Makes a request, signed when there is a credential. */
export function makeRequest(
  method: number,
  attributes: readonly AttributeValue[],
  credential?: Credential,
): Buffer {
  const id = randomBytes(12);
  if (credential === undefined) {
    const body = Buffer.concat(attributes.map(attribute));
    return message(method, id, body, body.byteLength);
  }
  const { username, password, realm, nonce } = credential;
  const body = Buffer.concat(
    [
      ...attributes,
      [Attribute.USERNAME, Buffer.from(username)] as const,
      [Attribute.REALM, realm] as const,
      [Attribute.NONCE, nonce] as const,
    ].map(attribute),
  );
  // The length covers the signature already, which is over all that stands before it.
  const signed = message(method, id, body, body.byteLength + 4 + INTEGRITY_BYTES);
  const key = createHash("md5").update(`${username}:`).update(realm).update(`:${password}`)
    .digest();
  const integrity = createHmac("sha1", key).update(signed).digest();
  return Buffer.concat([signed, attribute([Attribute.MESSAGE_INTEGRITY, integrity])]);
}

/** Bytes of a whole message, by its header. */
export function messageBytes(header: Buffer): number {
  return HEADER_BYTES + header.readUInt16BE(2);
}

/** A response. */
export interface Response {
  readonly isSuccess: boolean;
  /** The number of an error. */
  readonly errorCode: number | undefined;
  readonly attributes: ReadonlyMap<number, Buffer>;
}

/** Reads the response to a request; undefined when it is none: its cookie and transaction must be those of the request. */
export function readResponse(bytes: Buffer, request: Buffer): Response | undefined {
  if (bytes.byteLength < HEADER_BYTES || messageBytes(bytes) > bytes.byteLength) return undefined;
  const kind = bytes.readUInt16BE(0) & CLASS;
  if (kind !== SUCCESS && kind !== ERROR) return undefined;
  if (!bytes.subarray(4, HEADER_BYTES).equals(request.subarray(4, HEADER_BYTES))) return undefined;
  const attributes = new Map<number, Buffer>();
  const end = messageBytes(bytes);
  for (let at = HEADER_BYTES; at + 4 <= end;) {
    const length = bytes.readUInt16BE(at + 2);
    if (at + 4 + length > end) break;
    attributes.set(bytes.readUInt16BE(at), bytes.subarray(at + 4, at + 4 + length));
    at += 4 + Math.ceil(length / 4) * 4;
  }
  const error = attributes.get(Attribute.ERROR_CODE);
  const errorCode = error !== undefined && error.byteLength >= 4
    ? (error[2]! & 7) * 100 + error[3]!
    : undefined;
  return { isSuccess: kind === SUCCESS, errorCode, attributes };
}
