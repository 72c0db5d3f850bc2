/** TLS of the signaling WebSocket. */

/** A certificate for the signaling, and whose client certificates are demanded. */
export interface ServerTls {
  /** Certificate chain in PEM. */
  cert: string;
  /** Private key in PEM. */
  key: string;
  /**
   * Authorities in PEM, one of which must have signed the client's certificate. Not on Deno, whose
   * TLS server asks for no client certificate.
   */
  clientCa?: string;
}

/**
 * Checks the option.
 *
 * @throws TypeError naming the member that is wrong, Error when the runtime cannot do it.
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
  if (tls.clientCa !== undefined && "Deno" in globalThis) {
    // Deno takes the options of node:tls for client certificates and then lets everybody in.
    throw new Error(
      'Option "tls.clientCa" is asked for, but Deno has no client certificates on its TLS ' +
        "servers: run the server on Bun.",
    );
  }
  return { ...tls };
}
