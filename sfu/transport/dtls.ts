/** The DTLS server side of one connection, over werift's DTLS 1.2. */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { DtlsServer, type SrtpProfile as WeriftProfile } from "werift";
import { type DtlsCertificate, formatFingerprint } from "./certificate.ts";
import { verifyClientHandshake } from "./dtls_verification.ts";
import { HandshakeReassembly, isFinished } from "./handshake_reassembly.ts";
import { masterKeyLengths, SRTP_PROFILE_IDS, type SrtpProfile } from "./srtp/cipher.ts";
import type { SrtpMasterKey } from "./srtp/key_derivation.ts";

/** What the handshake agreed on. */
export interface DtlsResult {
  readonly profile: SrtpProfile;
  /** Protects what this side sends. */
  readonly local: SrtpMasterKey;
  /** Protects what the peer sends. */
  readonly remote: SrtpMasterKey;
  /** SHA-256 fingerprint of the peer's certificate in SDP form. */
  readonly remoteFingerprint: string;
}

/** What the endpoint reports. Nothing is called after `close()`. */
export interface DtlsHandlers {
  send(data: Buffer): void;
  onConnected(result: DtlsResult): void;
  onData(data: Buffer): void;
  onClosed(): void;
  onError(error: Error): void;
}

const RECORD_HEADER_BYTES = 13;
const CONTENT_CHANGE_CIPHER_SPEC = 20;
const CONTENT_ALERT = 21;
const CONTENT_HANDSHAKE = 22;
const CONTENT_APPLICATION_DATA = 23;
const PLAIN_TEXT_EPOCH = 0;
/** There is no renegotiation, so one epoch is encrypted. */
const ENCRYPTED_EPOCH = 1;
/** The explicit nonce and the tag of AES-GCM (RFC 5288, 3). */
const CIPHER_BYTES = 8 + 16;
const ALERT_LEVEL_FATAL = 2;
const ALERT_CLOSE_NOTIFY = 0;
const FINAL_FLIGHT = 100;

/**
 * werift sends Finished as epoch 1 / record 8 but starts application records at 1, so the eighth
 * would repeat a number, and with it an AES-GCM nonce. Starting above avoids that.
 */
const FIRST_APPLICATION_RECORD = 64;

/** Handshake bytes accepted from one peer, retransmissions included; further ones are dropped. */
const MAX_HANDSHAKE_BYTES = 128 * 1024;

/** Whether a datagram is DTLS by its first byte (RFC 7983). */
export function isDtls(data: Uint8Array): boolean {
  return data.length >= 13 && data[0]! >= 20 && data[0]! <= 63;
}

/** One DTLS association; the peer is the client. */
export class DtlsEndpoint {
  readonly #server: DtlsServer;
  readonly #handlers: DtlsHandlers;
  readonly #address = { address: "0.0.0.0", family: "IPv4", port: 0 };
  #receive: (data: Buffer) => void = () => {};
  readonly #handshake = new HandshakeReassembly();
  #handshakeBytes = 0;
  #dropped = 0;
  #connected = false;
  #closed = false;

  constructor(certificate: DtlsCertificate, handlers: DtlsHandlers) {
    this.#handlers = handlers;
    const transport = {
      type: "embedded",
      address: this.#address,
      closed: false,
      onData: (_data: Buffer) => {},
      send: (data: Buffer) => {
        if (!this.#closed) handlers.send(data);
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    };
    this.#server = new DtlsServer({
      transport,
      cert: certificate.certPem,
      key: certificate.keyPem,
      signatureHash: certificate.signatureHash,
      srtpProfiles: [...SRTP_PROFILE_IDS.keys()] as WeriftProfile[],
      certificateRequest: true,
      extendedMasterSecret: true,
    });
    this.#receive = (data) => transport.onData(data);
    this.#server.onConnect.subscribe(() => this.#finish());
    this.#server.onClose.subscribe(() => {
      if (!this.#closed) handlers.onClosed();
    });
    this.#server.onError.subscribe((cause) => this.#fail(cause));
  }

  /** Records and handshake fragments that were malformed, not authentic, or not to be expected. */
  get dropped(): number {
    return this.#dropped + this.#handshake.dropped;
  }

  /** Takes one datagram from the peer. */
  receive(data: Buffer): void {
    if (!this.#connected && this.#exhausts(data.length)) return;
    // werift keeps slices of what it is given, so it gets its own copy.
    const own = Buffer.from(data);
    for (let at = 0; at < own.length && !this.#closed;) {
      const end = at + RECORD_HEADER_BYTES +
        (at + RECORD_HEADER_BYTES <= own.length ? own.readUInt16BE(at + 11) : Infinity);
      if (end > own.length) {
        this.#dropped++;
        return;
      }
      const record = own.subarray(at, end);
      const epoch = record.readUInt16BE(3);
      if (epoch === PLAIN_TEXT_EPOCH) this.#receivePlain(record);
      else if (epoch === ENCRYPTED_EPOCH) this.#receiveEncrypted(record);
      else this.#dropped++;
      at = end;
    }
  }

  /**
   * Once connected, a plain-text record is either late or forged: werift would start over on a
   * ClientHello. It would also take an unauthenticated alert for an end.
   */
  #receivePlain(record: Buffer): void {
    const [type] = record;
    if (type === CONTENT_CHANGE_CIPHER_SPEC) return;
    if (!this.#connected && type === CONTENT_HANDSHAKE) {
      for (const message of this.#handshake.take(record.subarray(RECORD_HEADER_BYTES))) {
        this.#pass(plainRecord(record, message));
      }
    } else if (!this.#connected && type === CONTENT_ALERT) {
      this.#pass(record);
    } else {
      this.#dropped++;
    }
  }

  #receiveEncrypted(record: Buffer): void {
    const [type] = record;
    const known = type === CONTENT_HANDSHAKE || type === CONTENT_ALERT ||
      type === CONTENT_APPLICATION_DATA;
    if (!known || record.length < RECORD_HEADER_BYTES + CIPHER_BYTES) {
      this.#dropped++;
      return;
    }
    if (this.#connected && type === CONTENT_HANDSHAKE && this.#exhausts(record.length)) return;
    const content = this.#decrypt(record);
    if (content !== undefined && type === CONTENT_HANDSHAKE && isFinished(content)) {
      this.#pass(record);
    } else if (content !== undefined && type === CONTENT_APPLICATION_DATA) {
      if (this.#connected) this.#handlers.onData(content);
    } else if (content !== undefined && type === CONTENT_ALERT) {
      if (content[1] === ALERT_CLOSE_NOTIFY || content[0] === ALERT_LEVEL_FATAL) {
        this.#handlers.onClosed();
      }
    } else {
      this.#dropped++;
    }
  }

  /** The content of an encrypted record, or undefined when it is not authentic. */
  #decrypt(record: Buffer): Buffer | undefined {
    try {
      return this.#server.cipher.decryptPacket(
        {
          recordLayerHeader: {
            contentType: record[0]!,
            protocolVersion: { major: record[1]!, minor: record[2]! },
            epoch: record.readUInt16BE(3),
            sequenceNumber: record.readUIntBE(5, 6),
            contentLen: record.length - RECORD_HEADER_BYTES,
          },
          fragment: record.subarray(RECORD_HEADER_BYTES),
        } as Parameters<DtlsServer["cipher"]["decryptPacket"]>[0],
      );
    } catch {
      return undefined;
    }
  }

  /** Counts handshake bytes, up to a bound. */
  #exhausts(bytes: number): boolean {
    if (this.#handshakeBytes > MAX_HANDSHAKE_BYTES) {
      this.#dropped++;
      return true;
    }
    this.#handshakeBytes += bytes;
    return false;
  }

  #pass(data: Buffer): void {
    if (this.#closed) return;
    try {
      this.#receive(data);
    } catch {
      // A truncated record: DTLS drops what it cannot read (RFC 6347, 4.1.2.7).
    }
  }

  /** Sends application data (SCTP) once connected. */
  send(data: Buffer): void {
    if (this.#closed || !this.#connected) return;
    this.#server.send(data).catch((cause) => this.#fail(cause));
  }

  /** Ends the association. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    // Lets a retransmission timer of an unfinished handshake run out at its next turn.
    this.#server.dtls.flight = FINAL_FLIGHT;
  }

  #fail(cause: unknown): void {
    if (this.#closed) return;
    this.#handlers.onError(new Error("The DTLS handshake failed.", { cause }));
  }

  #finish(): void {
    if (this.#closed || this.#connected) return;
    try {
      const result = this.#verifiedResult();
      this.#server.dtls.recordSequenceNumber = FIRST_APPLICATION_RECORD;
      this.#connected = true;
      this.#handlers.onConnected(result);
    } catch (cause) {
      this.#fail(cause);
    }
  }

  #verifiedResult(): DtlsResult {
    const { dtls, cipher, srtp } = this.#server;
    const certificate = cipher.remoteCertificate;
    if (certificate === undefined) throw new Error("The DTLS client showed no certificate.");
    verifyClientHandshake(
      {
        server: dtls.handshakeCache[4]?.data ?? [],
        client: dtls.handshakeCache[5]?.data ?? [],
      },
      certificate,
      cipher.masterSecret,
    );
    const profile = SRTP_PROFILE_IDS.get(srtp.srtpProfile ?? -1);
    if (profile === undefined) throw new Error("No SRTP profile was agreed on.");
    const { key, salt } = masterKeyLengths(profile);
    const keys = this.#server.extractSessionKeys(key, salt);
    return {
      profile,
      local: { key: keys.localKey, salt: keys.localSalt },
      remote: { key: keys.remoteKey, salt: keys.remoteSalt },
      remoteFingerprint: formatFingerprint(createHash("sha256").update(certificate).digest()),
    };
  }
}

/** A record with the header of another one and this content. */
function plainRecord(header: Buffer, content: Buffer): Buffer {
  const record = Buffer.concat([header.subarray(0, RECORD_HEADER_BYTES), content]);
  record.writeUInt16BE(content.length, RECORD_HEADER_BYTES - 2);
  return record;
}
