/**
 * Access to the HTTP API. On loopback every program of this machine has it, but no web page from
 * elsewhere: one may rebind its own name to 127.0.0.1 and then has the same origin as this server.
 * On any other address a request needs the secret.
 */
import type { IncomingHttpHeaders } from "node:http";
import { isLoopback } from "../../base/loopback.ts";
import { isSecret } from "./secret.ts";

/** Why a request is refused. */
export interface ApiRefusal {
  readonly status: 401 | 403;
  readonly errorType: "INVALID-HOST" | "INVALID-ORIGIN" | "INVALID-SECRET";
}

/** The address that the server is bound to, and its secret. */
export interface ApiAccess {
  readonly host: string;
  readonly secret: string | undefined;
}

/** Why a request with these headers is refused; undefined when it is not. */
export function refuseApi(
  headers: IncomingHttpHeaders,
  { host, secret }: ApiAccess,
): ApiRefusal | undefined {
  if (isLoopback(host)) return refuseForeign(headers);
  return secret !== undefined && hasSecret(headers.authorization, secret)
    ? undefined
    : { status: 401, errorType: "INVALID-SECRET" };
}

/** Why a request that shows nothing secret is refused: on loopback, because of a name from elsewhere. */
export function refusePage(
  headers: IncomingHttpHeaders,
  { host }: ApiAccess,
): ApiRefusal | undefined {
  return isLoopback(host) ? refuseForeign(headers) : undefined;
}

function refuseForeign(headers: IncomingHttpHeaders): ApiRefusal | undefined {
  if (!isLoopbackUrl(`http://${headers.host ?? ""}`)) {
    return { status: 403, errorType: "INVALID-HOST" };
  }
  const { origin } = headers;
  return origin === undefined || isLoopbackUrl(origin)
    ? undefined
    : { status: 403, errorType: "INVALID-ORIGIN" };
}

function isLoopbackUrl(text: string): boolean {
  return URL.canParse(text) && isLoopback(new URL(text).hostname);
}

/** Whether an `authorization` header is `Bearer` with the secret (RFC 6750, 2.1). */
function hasSecret(authorization: string | undefined, secret: string): boolean {
  const given = /^Bearer +(.+)$/i.exec(authorization ?? "")?.[1];
  return given !== undefined && isSecret(given, secret);
}
