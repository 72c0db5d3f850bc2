/**
 * Hostile peers: a stranger who has an offer and no more, and a member whose SCTP packets are made by hand. They reach the server
 * through its UDP socket alone, so they do not depend on its code.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { crc32c, type RtcpPacket } from "werift";
import { TestClient, until } from "./sfu_client.ts";
import { Attribute, writeStun } from "./stun_message.ts";

const BINDING_REQUEST = 0x0001;
const BINDING_SUCCESS = 0x0101;

/** A stranger: has the server's offer, and thus may send to its UDP port, but has not answered. */
export class Stranger {
  /** Datagrams of the server that are no STUN. */
  readonly received: Buffer[] = [];
  readonly #client: TestClient;
  readonly #socket: Socket;
  readonly #port: number;

  private constructor(client: TestClient, socket: Socket, port: number) {
    this.#client = client;
    this.#socket = socket;
    this.#port = port;
  }

  /** Takes an offer and has an ICE check answered. */
  static async open(url: string, channelId: string): Promise<Stranger> {
    const client = await TestClient.open(url, { role: "sendrecv", channel_id: channelId }, true);
    await until("offer", () => client.offer !== undefined);
    const sdp = String(client.offer!.sdp);
    const value = (pattern: RegExp) => pattern.exec(sdp)?.[1] ?? "";
    const port = Number(value(/^a=candidate:\S+ \d+ udp \d+ \S+ (\d+)/m));
    const socket = createSocket("udp4");
    const stranger = new Stranger(client, socket, port);
    let authenticated = false;
    socket.on("message", (data) => {
      if (data.readUInt16BE(0) === BINDING_SUCCESS) authenticated = true;
      else stranger.received.push(Buffer.from(data));
    });
    socket.on("error", () => {});
    const name = Buffer.from(`${value(/^a=ice-ufrag:(\S+)/m)}:hostile`);
    const check = writeStun(BINDING_REQUEST, randomBytes(12), [
      [Attribute.username, name],
      [0x0025, Buffer.alloc(0)],
      [0x802a, randomBytes(8)],
    ], Buffer.from(value(/^a=ice-pwd:(\S+)/m)));
    const timer = setInterval(() => stranger.send(check), 50);
    stranger.send(check);
    await until("an ICE check is answered", () => authenticated).finally(() =>
      clearInterval(timer)
    );
    return stranger;
  }

  /** Sends a datagram to the server's port. */
  send(datagram: Buffer): void {
    this.#socket.send(datagram, this.#port, "127.0.0.1");
  }

  async close(): Promise<void> {
    this.#socket.close();
    await this.#client.cut();
  }
}

/** A plain-text DTLS 1.2 record. */
export function dtlsRecord(contentType: number, body: Buffer, number = 0): Buffer {
  const header = Buffer.alloc(13);
  header[0] = contentType;
  header.writeUInt16BE(0xfefd, 1);
  header.writeUIntBE(number, 5, 6);
  header.writeUInt16BE(body.length, 11);
  return Buffer.concat([header, body]);
}

/** A fragment of a DTLS handshake message, whatever it claims of its length and its place. */
export function handshakeFragment(fragment: {
  readonly type: number;
  readonly length: number;
  readonly sequence?: number;
  readonly offset?: number;
  readonly body: Buffer;
  /** The length that it claims to have. */
  readonly claims?: number;
}): Buffer {
  const { type, length, sequence = 0, offset = 0, body, claims = body.length } = fragment;
  const header = Buffer.alloc(12);
  header[0] = type;
  header.writeUIntBE(length, 1, 3);
  header.writeUInt16BE(sequence, 4);
  header.writeUIntBE(offset, 6, 3);
  header.writeUIntBE(claims, 9, 3);
  return Buffer.concat([header, body]);
}

/** A ClientHello (RFC 6347, 4.2.1) that this server can speak with. */
export function clientHello(cookie: Buffer = Buffer.alloc(0)): Buffer {
  const extensions = Buffer.from(
    // Groups: X25519. Signatures: ECDSA with SHA-256. SRTP: AEAD_AES_128_GCM. Extended master secret.
    "000a00040002001d" + "000d000400020403" + "000e00050002000700" + "00170000",
    "hex",
  );
  const parts = [
    Buffer.from("fefd", "hex"),
    randomBytes(32),
    Buffer.from([0, cookie.length]),
    cookie,
    Buffer.from("0002c02b0100", "hex"),
    Buffer.from([extensions.length >>> 8, extensions.length & 0xff]),
    extensions,
  ];
  return Buffer.concat(parts);
}

/** One SCTP chunk, whatever it claims of its length. */
export function chunk(type: number, body: Buffer, claims = body.length + 4, flags = 0): Buffer {
  const header = Buffer.from([type, flags, claims >>> 8, claims & 0xff]);
  return Buffer.concat([header, body, Buffer.alloc((4 - body.length % 4) % 4)]);
}

/** A DATA chunk. */
export function dataChunk(options: {
  readonly tsn: number;
  readonly streamId?: number;
  readonly sequence?: number;
  readonly flags?: number;
  readonly data?: string;
}): Buffer {
  const { tsn, streamId = 1, sequence = 0, flags = 0, data = "x" } = options;
  const body = Buffer.alloc(12 + data.length);
  body.writeUInt32BE(tsn >>> 0, 0);
  body.writeUInt16BE(streamId, 4);
  body.writeUInt16BE(sequence, 6);
  body.writeUInt32BE(53, 8);
  body.write(data, 12);
  return chunk(0, body, body.length + 4, flags);
}

/** A SACK chunk. */
export function sackChunk(
  cumulativeTsn: number,
  gaps: readonly (readonly [start: number, end: number])[],
): Buffer {
  const body = Buffer.alloc(12 + gaps.length * 4);
  body.writeUInt32BE(cumulativeTsn >>> 0, 0);
  body.writeUInt32BE(1024 * 1024, 4);
  body.writeUInt16BE(gaps.length, 8);
  gaps.forEach(([start, end], i) => {
    body.writeUInt16BE(start, 12 + i * 4);
    body.writeUInt16BE(end, 14 + i * 4);
  });
  return chunk(3, body);
}

interface SctpState {
  readonly remoteVerificationTag: number;
  readonly localTsn: number;
  readonly lastReceivedTsn: number;
}

/** An established member with data channels that sends SCTP packets made by hand. */
export class HostileMember {
  readonly client: TestClient;

  private constructor(client: TestClient) {
    this.client = client;
  }

  /** Joins, with signaling on data channels. */
  static async join(url: string, channelId: string): Promise<HostileMember> {
    const client = await TestClient.join(url, {
      role: "sendrecv",
      channel_id: channelId,
      data_channel_signaling: true,
    });
    await until("switched", () => client.messages.some(({ type }) => type === "switched"));
    return new HostileMember(client);
  }

  get #sctp(): SctpState {
    return this.client.peer!.sctpTransport!.sctp as unknown as SctpState;
  }

  /** The TSN that the server waits for. */
  get nextTsn(): number {
    return this.#sctp.localTsn;
  }

  /** The last TSN that the server sent. */
  get serverTsn(): number {
    return this.#sctp.lastReceivedTsn;
  }

  /** SSRCs of the video that this member is offered. */
  get offeredVideo(): number[] {
    const offers = this.client.messages.filter(({ type }) =>
      type === "offer" || type === "re-offer"
    );
    const groups = String(offers.at(-1)?.sdp).matchAll(/^a=ssrc-group:FID (\d+) /gm);
    return [...groups].map(([, ssrc]) => Number(ssrc));
  }

  /** Sends one compound RTCP packet. */
  async sendRtcp(packet: Buffer): Promise<void> {
    const serialized = { serialize: () => packet } as unknown as RtcpPacket;
    await this.client.peer!.dtlsTransports[0]!.sendRtcp([serialized]);
  }

  /** Sends one SCTP packet with these chunks. */
  async send(...chunks: Buffer[]): Promise<void> {
    const header = Buffer.alloc(12);
    header.writeUInt16BE(5000, 0);
    header.writeUInt16BE(5000, 2);
    const isInit = chunks[0]?.[0] === 1;
    header.writeUInt32BE(isInit ? 0 : this.#sctp.remoteVerificationTag, 4);
    const packet = Buffer.concat([header, ...chunks]);
    packet.writeUInt32LE(crc32c(packet) >>> 0, 8);
    await this.client.peer!.sctpTransport!.dtlsTransport!.sendData(packet);
  }

  /** Leaves without a word. */
  close(): Promise<void> {
    return this.client.cut();
  }
}
