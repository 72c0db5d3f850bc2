/**
 * Access tokens as the embedded server takes them.
 *
 * @module
 */

import { createHmac } from "node:crypto";
import { Buffer } from "node:buffer";

/** A JSON Web Token with HS256 (RFC 7519). */
export function accessToken(claims: object, secret: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const text = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}
