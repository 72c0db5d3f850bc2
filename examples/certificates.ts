/**
 * Certificates for trying things out, made at start: an authority, and a server and a client certificate that it signs.
 *
 * @module
 */

import { makeCertificate } from "../tests/support/signaling_certificates.ts";

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  /** The certificate. */
  readonly cert: string;
  /** The private key. */
  readonly key: string;
}

/** Everything needed to try mTLS on this machine; valid for a month. */
export function trialCertificates(): {
  readonly authority: string;
  readonly server: KeyPair;
  readonly client: KeyPair;
} {
  const authority = makeCertificate({ subject: "Trial authority", isAuthority: true });
  const signed = (subject: string, hosts: readonly string[] = []): KeyPair => {
    const { cert, key } = makeCertificate({ subject, hosts, issuer: authority });
    return { cert, key };
  };
  return {
    authority: authority.cert,
    server: signed("Trial server", ["127.0.0.1", "localhost"]),
    client: signed("Trial client"),
  };
}
