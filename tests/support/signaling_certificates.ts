/**
 * Certificates (RFC 5280, ECDSA over P-256) made when a test runs, so that none in the repository can expire.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIP } from "node:net";

/** A certificate and its private key, both PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
  readonly subject: string;
  readonly privateKey: KeyObject;
}

/** The contents of a certificate. */
export interface CertificateRequest {
  /** Common name. */
  readonly subject: string;
  /** Host names and IPv4 addresses it is for. */
  readonly hosts?: readonly string[];
  /** Who signs it; itself when absent. */
  readonly issuer?: Certificate;
  /** Whether it may sign others. */
  readonly isAuthority?: boolean;
  /** From and until when it is valid, in days from now. */
  readonly validDays?: readonly [number, number];
}

function der(tag: number, ...contents: Uint8Array[]): Uint8Array {
  const length = contents.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const sizes = length < 128
    ? [length]
    : length < 256
    ? [0x81, length]
    : [0x82, length >> 8, length & 255];
  return Buffer.concat([Uint8Array.of(tag, ...sizes), ...contents]);
}

const sequence = (...contents: Uint8Array[]) => der(0x30, ...contents);
const oid = (...bytes: number[]) => der(0x06, Uint8Array.from(bytes));
const text = (tag: number, value: string) => der(tag, new TextEncoder().encode(value));

const ECDSA_WITH_SHA256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));

function name(commonName: string): Uint8Array {
  return sequence(der(0x31, sequence(oid(0x55, 0x04, 0x03), text(0x0c, commonName))));
}

function time(days: number): Uint8Array {
  const iso = new Date(Date.now() + days * 86_400_000).toISOString();
  return text(0x18, `${iso.slice(0, 19).replace(/[-:T]/g, "")}Z`);
}

function extension(id: number, critical: boolean, value: Uint8Array): Uint8Array {
  const flag = critical ? [der(0x01, Uint8Array.of(0xff))] : [];
  return sequence(oid(0x55, 0x1d, id), ...flag, der(0x04, value));
}

function host(value: string): Uint8Array {
  return isIP(value) === 4
    ? der(0x87, Uint8Array.from(value.split(".").map(Number)))
    : text(0x82, value);
}

function pem(label: string, bytes: Uint8Array): string {
  const lines = Buffer.from(bytes).toString("base64").match(/.{1,64}/g)!.join("\n");
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

/** Makes a key pair and a certificate for it. */
export function makeCertificate(request: CertificateRequest): Certificate {
  const { subject, hosts = [], issuer, isAuthority = false, validDays = [-1, 30] } = request;
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const serial = randomBytes(8);
  // Positive and without leading zeros, as DER requires of integers.
  serial[0] = (serial[0]! & 0x7f) | 0x40;
  const constraints = sequence(...(isAuthority ? [der(0x01, Uint8Array.of(0xff))] : []));
  const extensions = [extension(0x13, true, constraints)];
  if (hosts.length > 0) extensions.push(extension(0x11, false, sequence(...hosts.map(host))));
  const body = sequence(
    der(0xa0, der(0x02, Uint8Array.of(2))),
    der(0x02, serial),
    ECDSA_WITH_SHA256,
    name(issuer?.subject ?? subject),
    sequence(time(validDays[0]), time(validDays[1])),
    name(subject),
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = sign("sha256", body, issuer?.privateKey ?? privateKey);
  const bits = der(0x03, Uint8Array.of(0), signature);
  return {
    cert: pem("CERTIFICATE", sequence(body, ECDSA_WITH_SHA256, bits)),
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    subject,
    privateKey,
  };
}
