/**
 * Access tokens (JSON Web Tokens, RFC 7519), made independently of the server's reader.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";

/** What tokens are signed with unless told otherwise. */
export const SECRET = "secret of a test";

/** A token with these claims, signed with HMAC and SHA-256. */
export function token(
  claims: unknown,
  secret = SECRET,
  header: unknown = { alg: "HS256" },
): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const body = `${part(header)}.${part(claims)}`;
  return `${body}.${createHmac("sha256", secret).update(body).digest("base64url")}`;
}
