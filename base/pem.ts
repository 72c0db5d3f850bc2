/**
 * Checks of certificates and keys from the user: given broken ones, the runtimes range from an obscure error at connect to
 * silence.
 *
 * @module
 */

import { kindOf } from "./checks.ts";
import { nodeCrypto } from "./lazy_node.ts";

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

function pemText(value: unknown, path: string): string {
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  throw new TypeError(`${path} must be PEM (a string or a Uint8Array), not ${kindOf(value)}`);
}

/** One or more certificates (RFC 7468). */
export function checkCertificates(value: unknown, path: string): string {
  const text = pemText(value, path);
  const blocks = text.match(CERTIFICATE) ?? [];
  if (blocks.length === 0) throw new TypeError(`${path} must contain a PEM certificate`);
  const { X509Certificate } = nodeCrypto();
  blocks.forEach((block, i) => {
    try {
      new X509Certificate(block);
    } catch (cause) {
      const which = `certificate ${i + 1} of ${blocks.length}`;
      throw new TypeError(`${path} must contain valid certificates, but ${which} is not`, {
        cause,
      });
    }
  });
  return text;
}

/** A private key that is not encrypted. The cause is left out of the error, lest it hold parts of the key. */
export function checkPrivateKey(value: unknown, path: string): string {
  const text = pemText(value, path);
  const { createPrivateKey } = nodeCrypto();
  try {
    createPrivateKey(text);
  } catch {
    throw new TypeError(`${path} must contain a PEM private key without a passphrase`);
  }
  return text;
}
