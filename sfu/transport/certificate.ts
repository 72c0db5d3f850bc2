/** The DTLS certificate: made once per process, used by every connection. */
import type { Buffer } from "node:buffer";
import { createHash, X509Certificate } from "node:crypto";
import { CipherContext, HashAlgorithm, NamedCurveAlgorithm, SignatureAlgorithm } from "werift";

/** A self-signed ECDSA P-256 certificate. */
export interface DtlsCertificate {
  readonly certPem: string;
  readonly keyPem: string;
  readonly signatureHash: typeof SIGNATURE_HASH;
  /** SHA-256 fingerprint in SDP form: upper-case hexadecimal pairs with colons (RFC 8122). */
  readonly fingerprint: string;
}

const SIGNATURE_HASH = {
  hash: HashAlgorithm.sha256_4,
  signature: SignatureAlgorithm.ecdsa_3,
} as const;

let cached: Promise<DtlsCertificate> | undefined;

/** The process's certificate. */
export function dtlsCertificate(): Promise<DtlsCertificate> {
  cached ??= createCertificate();
  return cached;
}

async function createCertificate(): Promise<DtlsCertificate> {
  const { certPem, keyPem } = await CipherContext.createSelfSignedCertificateWithKey(
    SIGNATURE_HASH,
    NamedCurveAlgorithm.secp256r1_23,
  );
  const der = new X509Certificate(certPem).raw;
  return {
    certPem,
    keyPem,
    signatureHash: SIGNATURE_HASH,
    fingerprint: formatFingerprint(createHash("sha256").update(der).digest()),
  };
}

/** Formats a digest as SDP writes fingerprints (RFC 8122, 5). */
export function formatFingerprint(digest: Buffer): string {
  return (digest.toString("hex").toUpperCase().match(/../g) ?? []).join(":");
}
