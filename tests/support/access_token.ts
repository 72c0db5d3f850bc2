/**
 * Access tokens as Sora takes them, made independently of the embedded server's verifier.
 *
 * @module
 */

import { createHmac } from "node:crypto";
import { Buffer } from "node:buffer";

/** A JSON Web Token with these claims (RFC 7519), signed with HMAC and SHA-256. */
export function accessToken(
  claims: unknown,
  secret: string,
  header: unknown = { alg: "HS256", typ: "JWT" },
): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const text = `${part(header)}.${part(claims)}`;
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}
