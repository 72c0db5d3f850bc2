/** TLS of the signaling WebSocket. */

/** A certificate for the signaling, and whose client certificates are demanded. */
export interface ServerTls {
  /** Certificate chain in PEM. */
  cert: string;
  /** Private key in PEM. */
  key: string;
  /** Authorities in PEM, one of which must have signed the client's certificate. */
  clientCa?: string | undefined;
}

/**
 * Checks the option.
 *
 * @throws TypeError naming the member that is wrong.
 */
export function checkTls(tls: ServerTls | undefined): ServerTls | undefined {
  if (tls === undefined) return undefined;
  if (typeof tls !== "object" || tls === null) {
    throw new TypeError('Option "tls" must be an object.');
  }
  for (const name of ["cert", "key"] as const) {
    if (typeof tls[name] !== "string") {
      throw new TypeError(`Option "tls.${name}" must be a PEM text.`);
    }
  }
  if (tls.clientCa !== undefined && typeof tls.clientCa !== "string") {
    throw new TypeError('Option "tls.clientCa" must be a PEM text.');
  }
  return { ...tls };
}
