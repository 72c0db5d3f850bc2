/**
 * The parts of a DTLS 1.2 handshake that werift's server leaves unchecked: the client's proof that
 * it owns the key of its certificate, and its Finished message. Without them anybody could show
 * the client's public certificate and pass the fingerprint check.
 */
import { Buffer } from "node:buffer";
import {
  createHash,
  createHmac,
  createVerify,
  timingSafeEqual,
  X509Certificate,
} from "node:crypto";

/** A reassembled handshake message, as werift keeps it. */
export interface HandshakeMessage {
  readonly msg_type: number;
  readonly message_seq: number;
  /** The message's body. */
  readonly fragment: Buffer;
  /** The message with its 12-byte DTLS header, as it counts for the transcript. */
  serialize(): Buffer;
}

/** Both sides' messages: `server` is flight 4 with the ClientHello first, `client` is flight 5. */
export interface HandshakeTranscript {
  readonly server: readonly HandshakeMessage[];
  readonly client: readonly HandshakeMessage[];
}

const HandshakeType = { certificateVerify: 15, finished: 20 } as const;

/** TLS 1.2 signature schemes with SHA-256: RSA PKCS #1 and ECDSA (RFC 5246, 7.4.1.4.1). */
const SHA256_SCHEMES = new Set([0x0401, 0x0403]);

/**
 * Checks CertificateVerify against the client's certificate and Finished against the master
 * secret.
 *
 * @throws Error naming what does not hold.
 */
export function verifyClientHandshake(
  transcript: HandshakeTranscript,
  certificate: Buffer,
  masterSecret: Buffer,
): void {
  const client = [...transcript.client].sort((a, b) => a.message_seq - b.message_seq);
  const proof = client.find((message) => message.msg_type === HandshakeType.certificateVerify);
  const finished = client.find((message) => message.msg_type === HandshakeType.finished);
  if (proof === undefined || finished === undefined) {
    throw new Error("The DTLS client did not prove that it owns its certificate's key.");
  }
  const before = (end: HandshakeMessage) =>
    Buffer.concat([
      ...transcript.server.map((message) => message.serialize()),
      ...client.filter((m) => m.message_seq < end.message_seq).map((m) => m.serialize()),
    ]);
  verifyProof(proof.fragment, before(proof), certificate);
  const expected = finishedData(masterSecret, "client finished", before(finished));
  if (
    finished.fragment.length !== expected.length ||
    !timingSafeEqual(expected, finished.fragment)
  ) {
    throw new Error("The DTLS client's Finished message does not fit the handshake.");
  }
}

function verifyProof(body: Buffer, transcript: Buffer, certificate: Buffer): void {
  const length = body.length >= 4 ? body.readUInt16BE(2) : -1;
  if (length !== body.length - 4 || !SHA256_SCHEMES.has(body.readUInt16BE(0))) {
    throw new Error("The DTLS client's CertificateVerify is malformed or not SHA-256.");
  }
  const { publicKey } = new X509Certificate(certificate);
  const kind = body[1] === 1 ? "rsa" : "ec";
  const verifies = publicKey.asymmetricKeyType === kind &&
    createVerify("sha256").update(transcript).verify(publicKey, body.subarray(4));
  if (!verifies) throw new Error("The DTLS client does not own its certificate's key.");
}

/** verify_data of Finished (RFC 5246, 7.4.9): 12 bytes of PRF over the transcript's hash. */
export function finishedData(masterSecret: Buffer, label: string, transcript: Buffer): Buffer {
  const seed = Buffer.concat([
    Buffer.from(label),
    createHash("sha256").update(transcript).digest(),
  ]);
  const mac = (data: Buffer) => createHmac("sha256", masterSecret).update(data).digest();
  return mac(Buffer.concat([mac(seed), seed])).subarray(0, 12);
}
