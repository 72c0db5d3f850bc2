/** The DTLS server side of one connection, over werift's DTLS 1.2. */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { DtlsServer, type SrtpProfile as WeriftProfile } from "werift";
import { type DtlsCertificate, formatFingerprint } from "./certificate.ts";
import { verifyClientHandshake } from "./dtls_verification.ts";
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
const CONTENT_ALERT = 21;
const CONTENT_HANDSHAKE = 22;
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
  #handshakeBytes = 0;
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
    this.#server.onData.subscribe((data) => {
      if (!this.#closed && this.#connected) handlers.onData(data);
    });
    this.#server.onClose.subscribe(() => {
      if (!this.#closed) handlers.onClosed();
    });
    this.#server.onError.subscribe((cause) => this.#fail(cause));
  }

  /** Takes one datagram from the peer. */
  receive(data: Buffer): void {
    if (!this.#connected && this.#exhausts(data.length)) return;
    // werift keeps slices of what it is given, so it gets its own copy.
    const own = Buffer.from(data);
    if (!this.#connected) {
      this.#pass(own);
      return;
    }
    for (let at = 0; at + RECORD_HEADER_BYTES <= own.length && !this.#closed;) {
      const end = at + RECORD_HEADER_BYTES + own.readUInt16BE(at + 11);
      if (end > own.length) return;
      this.#receiveRecord(own.subarray(at, end));
      at = end;
    }
  }

  /**
   * Once connected, a plain-text record is either late or forged: werift would start over on a
   * ClientHello. It would also take an unauthenticated alert for an end.
   */
  #receiveRecord(record: Buffer): void {
    if (record.readUInt16BE(3) === 0) return;
    if (record[0] === CONTENT_HANDSHAKE && this.#exhausts(record.length)) return;
    if (record[0] !== CONTENT_ALERT) {
      this.#pass(record);
      return;
    }
    try {
      const alert = this.#server.cipher.decryptPacket(
        {
          recordLayerHeader: {
            contentType: CONTENT_ALERT,
            protocolVersion: { major: record[1]!, minor: record[2]! },
            epoch: record.readUInt16BE(3),
            sequenceNumber: record.readUIntBE(5, 6),
            contentLen: record.length - RECORD_HEADER_BYTES,
          },
          fragment: record.subarray(RECORD_HEADER_BYTES),
        } as Parameters<DtlsServer["cipher"]["decryptPacket"]>[0],
      );
      if (alert[1] === ALERT_CLOSE_NOTIFY || alert[0] === ALERT_LEVEL_FATAL) {
        this.#handlers.onClosed();
      }
    } catch {
      // Not authentic: dropped like any other record that does not decrypt.
    }
  }

  /** Counts handshake bytes. werift collects fragments without a bound, so here is one. */
  #exhausts(bytes: number): boolean {
    if (this.#handshakeBytes > MAX_HANDSHAKE_BYTES) return true;
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
