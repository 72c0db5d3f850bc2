/**
 * A client whose every datagram is the test's: it speaks with the server's signaling, answers its offer, has its address checked, and
 * goes as far with DTLS (werift) and SCTP as it is told. It depends on none of the product's code.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createHash, randomBytes, X509Certificate } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import {
  CipherContext,
  DtlsClient,
  HashAlgorithm,
  NamedCurveAlgorithm,
  SignatureAlgorithm,
} from "werift";
import { WebSocket } from "ws";
import { ContentType } from "./dtls_records.ts";
import { eventually } from "./eventually.ts";
import { AEAD_AES_128_GCM, type RawSrtpKeys } from "./raw_srtp.ts";
import { RawAssociation } from "./raw_association.ts";
import { Attribute, writeStun } from "./stun_message.ts";

const BINDING_REQUEST = 0x0001;
const BINDING_SUCCESS = 0x0101;
const USE_CANDIDATE = 0x0025;
const ICE_CONTROLLING = 0x802a;
const TRANSACTION_AT = 8;

/** How long an answer of the server is waited for before the question is repeated. */
const REPEAT_MS = 100;

const SIGNATURE_HASH = {
  hash: HashAlgorithm.sha256_4,
  signature: SignatureAlgorithm.ecdsa_3,
} as const;

/** A certificate and its key. */
export interface RawCertificate {
  readonly certPem: string;
  readonly keyPem: string;
}

/** Makes a certificate. */
export function rawCertificate(): Promise<RawCertificate> {
  return CipherContext.createSelfSignedCertificateWithKey(
    SIGNATURE_HASH,
    NamedCurveAlgorithm.secp256r1_23,
  );
}

/** A certificate's fingerprint as SDP writes it. */
export function fingerprintOf({ certPem }: RawCertificate): string {
  const digest = createHash("sha256").update(new X509Certificate(certPem).raw).digest("hex");
  return digest.toUpperCase().match(/../g)!.join(":");
}

let shared: Promise<RawCertificate> | undefined;

/** A message of the signaling. */
type Message = Record<string, unknown> & { readonly type: string };

/** One client. */
export class RawClient implements AsyncDisposable {
  /** Messages of the server. */
  readonly messages: Message[] = [];
  /** Datagrams of the server that are no STUN, and their bytes. */
  readonly received = { datagrams: 0, bytes: 0 };
  /** How the server closed the WebSocket. */
  closed: { readonly code: number; readonly reason: string } | undefined;
  /** Over DTLS, once there is one. */
  association: RawAssociation | undefined;
  /** Takes the datagrams of the server that are no STUN; DTLS in the beginning. */
  onDatagram: (datagram: Buffer) => void = (datagram) => this.#transport.onData(datagram);
  readonly #webSocket: WebSocket;
  readonly #socket: Socket;
  readonly #answered = new Set<string>();
  readonly #transport = {
    type: "raw",
    address: { address: "127.0.0.1", family: "IPv4", port: 1 },
    closed: false,
    onData: (_data: Buffer) => {},
    send: (data: Buffer) => {
      this.send(data);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
  #dtls: DtlsClient | undefined;
  #connected = false;
  /** Above those of werift's handshake. */
  #record = 64;
  #ufrag = "";
  #password = Buffer.alloc(0);
  #port = 0;
  readonly #ownUfrag = randomBytes(6).toString("hex");
  #pending = 0;

  private constructor(webSocket: WebSocket, socket: Socket) {
    this.#webSocket = webSocket;
    this.#socket = socket;
    webSocket.on("message", (data) => this.messages.push(JSON.parse(String(data)) as Message));
    webSocket.on("error", () => {});
    webSocket.on("close", (code, reason) => this.closed = { code, reason: String(reason) });
    socket.on("message", (data) => this.#onMessage(data));
    // Bun reports ICMP errors.
    socket.on("error", () => {});
  }

  /** Connects and waits for the offer. */
  static async offered(url: string, connect: Record<string, unknown> = {}): Promise<RawClient> {
    const webSocket = new WebSocket(url);
    const client = new RawClient(webSocket, createSocket("udp4"));
    await eventually("an open WebSocket", () => webSocket.readyState === WebSocket.OPEN);
    webSocket.send(JSON.stringify({
      type: "connect",
      sora_client: "raw",
      role: "sendrecv",
      channel_id: "hostile",
      data_channel_signaling: true,
      ...connect,
    }));
    await eventually("an offer", () => client.#offer !== undefined);
    const value = (pattern: RegExp) => pattern.exec(client.#offer!)?.[1] ?? "";
    client.#ufrag = value(/^a=ice-ufrag:(\S+)/m);
    client.#password = Buffer.from(value(/^a=ice-pwd:(\S+)/m));
    client.#port = Number(value(/^a=candidate:\S+ \d+ udp \d+ \S+ (\d+)/m));
    return client;
  }

  /** Connects and has its address checked: it may send DTLS from then on. */
  static async checked(url: string, connect: Record<string, unknown> = {}): Promise<RawClient> {
    const client = await RawClient.offered(url, connect);
    await client.roundTrip();
    return client;
  }

  /** Connects, up to DTLS. */
  static async connected(
    url: string,
    connect: Record<string, unknown> = {},
  ): Promise<RawClient> {
    const client = await RawClient.checked(url, connect);
    client.answer(fingerprintOf(await (shared ??= rawCertificate())));
    await client.handshake();
    return client;
  }

  /** Connects and opens an association, whose data channels the server opens. */
  static async associated(
    url: string,
    connect: Record<string, unknown> = {},
    initialTsn = randomBytes(4).readUInt32BE(),
  ): Promise<RawClient> {
    const client = await RawClient.connected(url, connect);
    const association = client.prepare(initialTsn);
    await association.open();
    await eventually("all data channels", () => client.#isOpen());
    return client;
  }

  get #offer(): string | undefined {
    return this.messages.find(({ type }) => type === "offer")?.["sdp"] as string | undefined;
  }

  /** The UDP port of the server that it was offered. */
  get serverPort(): number {
    return this.#port;
  }

  /** The association, which is not opened yet. */
  prepare(initialTsn = randomBytes(4).readUInt32BE()): RawAssociation {
    return this.association = new RawAssociation((packet) => this.sendData(packet), initialTsn);
  }

  #isOpen(): boolean {
    const offer = this.messages.find(({ type }) => type === "offer");
    const channels = offer?.["data_channels"] as { label: string }[];
    return channels.every(({ label }) => this.association!.streams.has(label));
  }

  /**
   * Answers the offer with a certificate's fingerprint; ICE is answered from the address of this client's socket.
   *
   * @param audioSsrc The SSRC of the audio that it sends. By default it sends none.
   */
  answer(fingerprint: string, audioSsrc?: number): void {
    const transport = [
      `a=ice-ufrag:${this.#ownUfrag}`,
      `a=ice-pwd:${randomBytes(16).toString("hex")}`,
      `a=fingerprint:sha-256 ${fingerprint}`,
      "a=setup:active",
    ];
    const left = /^a=(ice-|fingerprint|setup|candidate|end-of-cand|ssrc|msid)/;
    const lines = this.#offer!.trimEnd().split("\r\n").filter((line) => !left.test(line))
      .flatMap((line) => line.startsWith("a=mid:") ? [line, ...transport] : [line])
      .map((line) => line.replace(/^a=(sendonly|recvonly)$/, "a=inactive"));
    if (audioSsrc !== undefined) {
      // The first section is that of its own audio.
      lines.splice(lines.indexOf("a=inactive"), 1, "a=sendonly", `a=ssrc:${audioSsrc} cname:raw`);
    }
    this.say({ type: "answer", sdp: lines.join("\r\n") + "\r\n" });
  }

  /** Sends a message over the WebSocket. */
  say(message: object): void {
    this.#webSocket.send(JSON.stringify(message));
  }

  /** Does a DTLS handshake as a client. */
  async handshake(certificate?: RawCertificate): Promise<void> {
    this.startHandshake(certificate ?? await (shared ??= rawCertificate()));
    await eventually("DTLS", () => this.#connected);
  }

  /** Begins a DTLS handshake. */
  startHandshake({ certPem, keyPem }: RawCertificate): void {
    const dtls = new DtlsClient({
      transport: this.#transport,
      cert: certPem,
      key: keyPem,
      signatureHash: SIGNATURE_HASH,
      srtpProfiles: [AEAD_AES_128_GCM.profile, 1],
      extendedMasterSecret: true,
    });
    this.#dtls = dtls;
    dtls.onConnect.subscribe(() => this.#connected = true);
    dtls.onData.subscribe((data) => this.association?.receive(data));
    dtls.connect().catch(() => {});
  }

  /** What DTLS gives it to send SRTP with. */
  srtpKeys(): RawSrtpKeys {
    const { keyBytes, saltBytes } = AEAD_AES_128_GCM;
    const { localKey, localSalt } = this.#dtls!.extractSessionKeys(keyBytes, saltBytes);
    return { key: localKey, salt: localSalt };
  }

  /** One encrypted record. */
  record(contentType: number, content: Buffer, number = this.#record++, epoch = 1): Buffer {
    const packet = {
      recordLayerHeader: {
        contentType,
        protocolVersion: { major: 254, minor: 253 },
        epoch,
        sequenceNumber: number,
        contentLen: content.length,
      },
      fragment: content,
    };
    type Encrypt = DtlsClient["cipher"]["encryptPacket"];
    const { fragment } = this.#dtls!.cipher.encryptPacket(
      packet as unknown as Parameters<Encrypt>[0],
    );
    const header = Buffer.alloc(13);
    header[0] = contentType;
    header.writeUInt16BE(0xfefd, 1);
    header.writeUInt16BE(epoch, 3);
    header.writeUIntBE(number, 5, 6);
    header.writeUInt16BE(fragment.length, 11);
    return Buffer.concat([header, fragment]);
  }

  /** Sends application data over DTLS. */
  sendData(data: Buffer): void {
    this.send(this.record(ContentType.applicationData, data));
  }

  /** Sends one datagram to the server. */
  send(datagram: Buffer): void {
    this.#pending++;
    this.#socket.send(datagram, this.#port, "127.0.0.1", () => this.#pending--);
  }

  /** An ICE check of this client. */
  check(transaction: Buffer = randomBytes(12)): Buffer {
    return writeStun(BINDING_REQUEST, transaction, [
      [Attribute.username, Buffer.from(`${this.#ufrag}:${this.#ownUfrag}`)],
      [USE_CANDIDATE, Buffer.alloc(0)],
      [ICE_CONTROLLING, Buffer.alloc(8, 1)],
    ], this.#password);
  }

  /**
   * Waits until the server has read all that was sent: an ICE check behind it is answered. Or until it has ended the connection, and
   * with it its part of ICE.
   */
  async roundTrip(): Promise<void> {
    await eventually("datagrams to be sent", () => this.#pending === 0);
    const transaction = randomBytes(12);
    const key = transaction.toString("hex");
    const check = this.check(transaction);
    this.send(check);
    const timer = setInterval(() => this.send(check), REPEAT_MS);
    try {
      await eventually(
        "the answer to an ICE check",
        () => this.#answered.delete(key) || this.closed !== undefined,
      );
    } finally {
      clearInterval(timer);
    }
  }

  #onMessage(datagram: Buffer): void {
    if (datagram.readUInt16BE(0) === BINDING_SUCCESS) {
      this.#answered.add(datagram.toString("hex", TRANSACTION_AT, TRANSACTION_AT + 12));
      return;
    }
    this.received.datagrams++;
    this.received.bytes += datagram.length;
    this.onDatagram(Buffer.from(datagram));
  }

  /** Leaves without a word. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#webSocket.terminate();
    this.#socket.close();
    return Promise.resolve();
  }
}
