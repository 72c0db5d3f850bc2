/**
 * A TURN server for tests (RFC 8656): over TCP or TLS, by default on loopback, for IPv4.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { type AddressInfo, createServer as createTcp, type Server, type Socket } from "node:net";
import { createServer as createTls, type TlsOptions } from "node:tls";
import { CANARY } from "./canary.ts";
import {
  Attribute,
  errorCode,
  isAuthentic,
  longTermKey,
  readStun,
  readXorAddress,
  type StunMessage,
  writeStun,
  xorAddress,
} from "./stun_message.ts";

const LOOPBACK = "127.0.0.1";
const REALM = "turn.test";
const NONCE = Buffer.from("0123456789abcdef");
const LIFETIME = Buffer.from([0, 0, 2, 88]);
const MAX_BUFFERED_BYTES = 1 << 20;

const Method = {
  allocate: 0x0003,
  refresh: 0x0004,
  send: 0x0016,
  data: 0x0017,
  createPermission: 0x0008,
  channelBind: 0x0009,
} as const;
const SUCCESS = 0x0100;
const ERROR = 0x0110;

/** What happened so far. */
export interface TurnCounters {
  /** TCP connections. */
  connections: number;
  /** Connections that ended during the TLS handshake, by either side. */
  refusals: number;
  /** Allocations that were made. */
  allocations: number;
  /** Requests whose credentials were wrong. */
  unauthorized: number;
  /** Datagrams relayed to peers. */
  sent: number;
  /** Datagrams relayed from peers. */
  received: number;
}

/** A TURN server that was started. */
export interface RunningTurnServer extends AsyncDisposable {
  readonly port: number;
  readonly counters: Readonly<TurnCounters>;
  /** The user names of the clients' certificates. */
  readonly subjects: readonly string[];
  /** The first bytes that each connection brought. */
  readonly greetings: readonly string[];
}

/** The user that the server knows. */
export const turnUser = { username: "turn user", credential: `turn ${CANARY}` } as const;

class Allocation {
  readonly #client: Socket;
  readonly #host: string;
  readonly #counters: TurnCounters;
  readonly #key = longTermKey(turnUser.username, REALM, turnUser.credential);
  readonly #channels = new Map<number, { address: string; port: number }>();
  readonly #permissions = new Set<string>();
  #relay: UdpSocket | undefined;
  #buffered = Buffer.alloc(0);

  constructor(client: Socket, host: string, counters: TurnCounters) {
    this.#client = client;
    this.#host = host;
    this.#counters = counters;
  }

  close(): void {
    this.#relay?.close();
    this.#relay = undefined;
  }

  onBytes(bytes: Buffer): void {
    this.#buffered = Buffer.concat([this.#buffered, bytes]);
    if (this.#buffered.length > MAX_BUFFERED_BYTES) throw new Error("Too much at once");
    while (this.#buffered.length >= 4) {
      const isChannel = (this.#buffered[0]! & 0xc0) === 0x40;
      const length = this.#buffered.readUInt16BE(2);
      // Over TCP channel data is padded (RFC 8656, section 12.5).
      const size = isChannel ? 4 + Math.ceil(length / 4) * 4 : 20 + length;
      if (this.#buffered.length < size) return;
      const message = this.#buffered.subarray(0, size);
      this.#buffered = this.#buffered.subarray(size);
      if (isChannel) {
        this.#send(message.subarray(4, 4 + length), this.#channels.get(message.readUInt16BE(0)));
      } else {
        this.#onMessage(readStun(message));
      }
    }
  }

  #onMessage(message: StunMessage): void {
    const { type, transaction, attributes } = message;
    if (type === Method.send) {
      const peer = readXorAddress(attributes.get(Attribute.xorPeerAddress));
      if (peer === undefined || !this.#permissions.has(peer.address)) return;
      this.#send(attributes.get(Attribute.data) ?? Buffer.alloc(0), peer);
      return;
    }
    if (!isAuthentic(message, this.#key)) {
      if (message.covered !== undefined) this.#counters.unauthorized++;
      this.#client.write(writeStun(type | ERROR, transaction, [
        [Attribute.errorCode, errorCode(401)],
        [Attribute.realm, Buffer.from(REALM)],
        [Attribute.nonce, NONCE],
      ]));
      return;
    }
    const answer = (...answered: (readonly [number, Buffer])[]) =>
      this.#client.write(writeStun(type | SUCCESS, transaction, answered, this.#key));
    const peer = readXorAddress(attributes.get(Attribute.xorPeerAddress));
    switch (type) {
      case Method.allocate:
        this.#allocate((port) =>
          answer(
            [Attribute.xorRelayedAddress, xorAddress(this.#host, port)],
            [Attribute.lifetime, LIFETIME],
            [Attribute.xorMappedAddress, xorAddress(this.#host, this.#client.remotePort ?? 0)],
          )
        );
        return;
      case Method.refresh: {
        const lifetime = attributes.get(Attribute.lifetime) ?? LIFETIME;
        answer([Attribute.lifetime, lifetime]);
        if (lifetime.readUInt32BE(0) === 0) this.close();
        return;
      }
      case Method.createPermission:
      case Method.channelBind:
        if (peer === undefined) break;
        this.#permissions.add(peer.address);
        if (type === Method.channelBind) {
          const channel = attributes.get(Attribute.channelNumber)?.readUInt16BE(0);
          if (channel === undefined) break;
          this.#channels.set(channel, peer);
        }
        answer();
        return;
    }
    this.#client.write(
      writeStun(type | ERROR, transaction, [[Attribute.errorCode, errorCode(400)]], this.#key),
    );
  }

  #allocate(onPort: (port: number) => void): void {
    const relay = createSocket("udp4");
    this.#relay = relay;
    relay.on("error", () => {});
    relay.on("message", (data, { address, port }) => {
      if (!this.#permissions.has(address) || this.#client.destroyed) return;
      this.#counters.received++;
      for (const [channel, peer] of this.#channels) {
        if (peer.address !== address || peer.port !== port) continue;
        const head = Buffer.alloc(4);
        head.writeUInt16BE(channel, 0);
        head.writeUInt16BE(data.length, 2);
        this.#client.write(Buffer.concat([head, data, Buffer.alloc((4 - data.length % 4) % 4)]));
        return;
      }
      this.#client.write(writeStun(Method.data, Buffer.alloc(12), [
        [Attribute.xorPeerAddress, xorAddress(address, port)],
        [Attribute.data, data],
      ]));
    });
    relay.bind(0, this.#host, () => {
      this.#counters.allocations++;
      onPort(relay.address().port);
    });
  }

  #send(data: Buffer, peer: { address: string; port: number } | undefined): void {
    if (peer === undefined || this.#relay === undefined) return;
    this.#counters.sent++;
    this.#relay.send(data, peer.port, peer.address, () => {});
  }
}

/** Starts a TURN server for {@link turnUser}: over TLS when `tls` is given, else over TCP. */
export async function startTurnServer(
  tls?: TlsOptions,
  host: string = LOOPBACK,
): Promise<RunningTurnServer> {
  const counters: TurnCounters = {
    connections: 0,
    refusals: 0,
    allocations: 0,
    unauthorized: 0,
    sent: 0,
    received: 0,
  };
  const subjects: string[] = [];
  const greetings: string[] = [];
  const sockets = new Set<Socket>();
  const serve = (socket: Socket) => {
    const allocation = new Allocation(socket, host, counters);
    let greeted = false;
    socket.on("error", () => socket.destroy());
    socket.on("close", () => allocation.close());
    socket.on("data", (bytes: Buffer) => {
      if (!greeted) greetings.push(bytes.toString("latin1"));
      greeted = true;
      try {
        allocation.onBytes(bytes);
      } catch {
        socket.destroy();
      }
    });
  };
  const server: Server = tls === undefined ? createTcp(serve) : createTls(tls, (socket) => {
    const { subject } = socket.getPeerCertificate() ?? {};
    if (subject?.CN !== undefined) subjects.push(String(subject.CN));
    serve(socket);
  });
  server.on("connection", (socket: Socket) => {
    counters.connections++;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
  });
  server.on("tlsClientError", () => counters.refusals++);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    counters,
    subjects,
    greetings,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
