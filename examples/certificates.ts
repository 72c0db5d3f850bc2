/**
 * Certificates for a trial, made when it starts: an authority, and a server and a client that it vouches for.
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

/** All that is needed to try mTLS on this machine. Valid for a month. */
export function trialCertificates(): {
  readonly authority: string;
  readonly server: KeyPair;
  readonly client: KeyPair;
} {
  const authority = makeCertificate({ subject: "Trial authority", isAuthority: true });
  const vouched = (subject: string, hosts: readonly string[] = []): KeyPair => {
    const { cert, key } = makeCertificate({ subject, hosts, issuer: authority });
    return { cert, key };
  };
  return {
    authority: authority.cert,
    server: vouched("Trial server", ["127.0.0.1", "localhost"]),
    client: vouched("Trial client"),
  };
}
