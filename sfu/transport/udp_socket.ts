/**
 * One bound UDP socket on either runtime.
 *
 * Deno's own datagram API costs a twentieth of its `node:dgram` per packet, so it is used when
 * the process was started with `--unstable-net`; everywhere else `node:dgram` is.
 */
import { Buffer } from "node:buffer";
import { createSocket } from "node:dgram";

/** A bound UDP socket. */
export interface UdpSocket {
  /** The port the socket is bound to. */
  readonly port: number;
  /** Datagrams that the operating system or the bound on pending sends refused. */
  readonly sendDrops: number;
  /** Sends one datagram. The bytes must stay unchanged until the operating system took them. */
  send(data: Uint8Array, port: number, address: string): void;
  /** Closes the socket; nothing is delivered afterwards. Idempotent. */
  close(): void;
}

/** Takes one datagram. `data` is valid only during the call: copy what must outlive it. */
export type DatagramHandler = (data: Buffer, address: string, port: number) => void;

/** What a socket reports to its owner. */
export interface UdpHandlers {
  onDatagram: DatagramHandler;
  /** The socket cannot be used any more. */
  onError(error: Error): void;
}

/** Binds a socket to `host` on a free port. */
export type OpenUdpSocket = (host: string, handlers: UdpHandlers) => Promise<UdpSocket>;

/** Largest UDP payload over IPv4 (RFC 768: 65,535 less the headers). */
const MAX_DATAGRAM_BYTES = 65_507;

/** Sends that may wait for the operating system before further ones are dropped. */
const MAX_PENDING_SENDS = 1024;

/** Failures to receive in a row after which a socket is given up. */
const MAX_FAILURES = 1000;

interface DenoAddress {
  transport: "udp";
  hostname: string;
  port: number;
}

interface DenoDatagramConn {
  readonly addr: DenoAddress;
  receive(buffer: Uint8Array): Promise<[Uint8Array, DenoAddress]>;
  send(data: Uint8Array, address: DenoAddress): Promise<number>;
  close(): void;
}

type DenoListen = (options: DenoAddress) => DenoDatagramConn;

function denoListenDatagram(): DenoListen | undefined {
  const deno = (globalThis as { Deno?: { listenDatagram?: DenoListen } }).Deno;
  return deno?.listenDatagram;
}

/**
 * Binds a UDP socket to `host` on a free port.
 *
 * @throws whatever the operating system says when `host` cannot be bound.
 */
export async function openUdpSocket(host: string, handlers: UdpHandlers): Promise<UdpSocket> {
  const listen = denoListenDatagram();
  return listen === undefined
    ? await openNodeSocket(host, handlers)
    : new DenoUdpSocket(listen({ transport: "udp", hostname: host, port: 0 }), handlers);
}

/** Hands a datagram over; a handler that throws loses its own socket and nothing else. */
function deliver(handlers: UdpHandlers, data: Buffer, address: string, port: number): void {
  try {
    handlers.onDatagram(data, address, port);
  } catch (cause) {
    handlers.onError(new Error("A datagram could not be handled.", { cause }));
  }
}

class DenoUdpSocket implements UdpSocket {
  readonly port: number;
  sendDrops = 0;
  readonly #conn: DenoDatagramConn;
  readonly #handlers: UdpHandlers;
  readonly #target: DenoAddress = { transport: "udp", hostname: "", port: 0 };
  #pending = 0;
  #closed = false;
  readonly #sent = () => {
    this.#pending--;
  };
  readonly #refused = () => {
    this.#pending--;
    this.sendDrops++;
  };

  constructor(conn: DenoDatagramConn, handlers: UdpHandlers) {
    this.#conn = conn;
    this.#handlers = handlers;
    this.port = conn.addr.port;
    void this.#receive();
  }

  async #receive(): Promise<void> {
    const buffer = Buffer.allocUnsafeSlow(MAX_DATAGRAM_BYTES);
    let failures = 0;
    while (!this.#closed) {
      try {
        const [data, from] = await this.#conn.receive(buffer);
        failures = 0;
        if (this.#closed) return;
        deliver(this.#handlers, buffer.subarray(0, data.byteLength), from.hostname, from.port);
      } catch (cause) {
        if (this.#closed) return;
        // An ICMP "port unreachable" of an earlier send shows up here and is harmless.
        if (++failures < MAX_FAILURES) continue;
        this.#handlers.onError(new Error("The UDP socket stopped receiving.", { cause }));
        return;
      }
    }
  }

  send(data: Uint8Array, port: number, address: string): void {
    if (this.#closed) return;
    if (this.#pending >= MAX_PENDING_SENDS) {
      this.sendDrops++;
      return;
    }
    this.#target.hostname = address;
    this.#target.port = port;
    this.#pending++;
    this.#conn.send(data, this.#target).then(this.#sent, this.#refused);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#conn.close();
  }
}

async function openNodeSocket(host: string, handlers: UdpHandlers): Promise<UdpSocket> {
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.bind({ port: 0, address: host, exclusive: true }, () => {
      socket.off("error", reject);
      resolve();
    });
  });
  let closed = false;
  let pending = 0;
  let sendDrops = 0;
  const sent = (error: Error | null) => {
    pending--;
    if (error !== null && error !== undefined) sendDrops++;
    if (closed && pending === 0) socket.close();
  };
  let failures = 0;
  socket.on("message", (data, from) => {
    failures = 0;
    if (!closed) deliver(handlers, data, from.address, from.port);
  });
  socket.on("error", (cause) => {
    // As above: Bun reports what ICMP says of an earlier send.
    if (++failures < MAX_FAILURES) return;
    if (!closed) handlers.onError(new Error("The UDP socket failed.", { cause }));
  });
  return {
    port: socket.address().port,
    get sendDrops() {
      return sendDrops;
    },
    send(data, port, address) {
      if (closed) return;
      if (pending >= MAX_PENDING_SENDS) {
        sendDrops++;
        return;
      }
      pending++;
      socket.send(data, port, address, sent);
    },
    close() {
      if (closed) return;
      closed = true;
      // What was sent last, the end of the associations, would be lost on Bun.
      if (pending === 0) socket.close();
    },
  };
}
