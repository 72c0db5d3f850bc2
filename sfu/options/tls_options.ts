/** TLS of the signaling WebSocket. */
import { checkObject, checkSecret, optional } from "../../base/checks.ts";

/** The certificate of the signaling, and the authorities of the client certificates that it requires. */
export interface ServerTls {
  /** Certificate chain in PEM. */
  cert: string;
  /** Private key in PEM. */
  key: string;
  /** Authorities in PEM, one of which must have signed the client's certificate. */
  clientCa?: string | undefined;
}

/** Checks the option `tls`. */
export function checkTls(value: unknown, path: string): ServerTls {
  const tls = checkObject(value, path, undefined, ["cert", "key"]);
  return {
    cert: checkSecret(tls.cert, `${path}.cert`),
    key: checkSecret(tls.key, `${path}.key`),
    ...optional(tls, "clientCa", path, checkSecret),
  };
}
