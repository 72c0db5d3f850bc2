/** The embedded server: an HTTP server for signaling, and its channels. */
import { Buffer } from "node:buffer";
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions as HttpServerOptions,
  type ServerResponse,
} from "node:http";
import {
  createServer as createTlsServer,
  type ServerOptions as TlsServerOptions,
} from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { type WebSocket, WebSocketServer } from "ws";
import { checkInteger, checkObject, wrongType } from "../base/checks.ts";
import type { SoraServerConnection } from "./connections.ts";
import { FaultyParts } from "./faults/faulty_parts.ts";
import { PacketLoss } from "./faults/lossy_transport.ts";
import { checkFilters, type SoraServerFilter } from "./filters.ts";
import { handleRequest } from "./http/routes.ts";
import { type ConnectionParts, type OpenTransport, plainParts } from "./connection/parts.ts";
import { addressKey } from "./connection/pending_places.ts";
import { Registry } from "./connection/registry.ts";
import { resolveOptions, type ServerConfig, type SoraServerOptions } from "./options/options.ts";
import type { JsonValue } from "../base/json.ts";
import { lowWaterBytes } from "./data/outbox.ts";
import { UdpPorts } from "./transport/udp_ports.ts";
import { isId } from "./signaling/connect_request.ts";
import { ClientSocket } from "./signaling/signaling_socket.ts";
import { SocketGate } from "./signaling/socket_gate.ts";
import type { SoraServerStats } from "./stats.ts";
import type { ServerTls } from "./options/tls_options.ts";

/**
 * TCP connections that no client holds, for each place. By default this is more than the operating
 * system hands over at once, before any of them was read from.
 */
const SOCKETS_PER_PLACE = 4;

/** Shortest time for a request: deadlines are checked once a second. */
const MIN_REQUEST_TIMEOUT_MS = 1000;

/** Time that `close()` allows for closing handshakes. */
const CLOSE_GRACE_MS = 1000;

/**
 * A Sora-compatible WebRTC SFU inside this process, for trials, demos and test suites.
 *
 * @example
 * ```ts
 * import { SoraServer } from "sora-ffi/sfu";
 *
 * await using server = await SoraServer.start({ port: 0 });
 * console.log(server.url); // ws://127.0.0.1:PORT/signaling
 * ```
 */
export class SoraServer implements AsyncDisposable {
  readonly #config: ServerConfig;
  readonly #http: Server;
  readonly #sockets: WebSocketServer;
  readonly #registry: Registry;
  readonly #gate: SocketGate;
  readonly #ports: UdpPorts;
  readonly #loss: PacketLoss;
  readonly #createParts: (socket: ClientSocket) => ConnectionParts;
  #accepted = 0;
  #closing: Promise<void> | undefined;
  /** Resolved when members had their time to leave. */
  readonly #drained = Promise.withResolvers<void>();

  private constructor(config: ServerConfig) {
    this.#config = config;
    const ports = this.#ports = new UdpPorts(
      lowWaterBytes(config.maxWaitingMessageBytes),
      config.library,
    );
    this.#registry = new Registry(config);
    const loss = this.#loss = new PacketLoss(config.faults);
    const openTransport: OpenTransport = (host, handlers) => ports.open(host, handlers);
    this.#createParts = Object.keys(config.faults).length === 0
      ? (socket) => plainParts(socket, openTransport)
      : (socket) => new FaultyParts(socket, config.faults, loss, openTransport);
    const onRequest = (request: IncomingMessage, response: ServerResponse) =>
      this.#onRequest(request, response);
    const timeouts = requestTimeouts(config);
    this.#http = config.tls === undefined ? createServer(timeouts, onRequest) : createTlsServer(
      { ...tlsOptions(config.tls), ...timeouts, handshakeTimeout: timeouts.headersTimeout },
      onRequest,
    );
    this.#gate = new SocketGate({
      sockets: config.maxPendingConnections * SOCKETS_PER_PLACE,
      socketsPerAddress: config.maxPendingConnectionsPerAddress * SOCKETS_PER_PLACE,
    });
    this.#http.on("connection", (socket: Socket) => this.#gate.admit(socket));
    this.#sockets = new WebSocketServer({
      server: this.#http,
      path: config.path,
      verifyClient: ({ req }: { req: IncomingMessage }) => this.#isCertified(req),
      perMessageDeflate: false,
      // A message over the limit is refused with a reason; one over twice the limit is refused by ws.
      maxPayload: config.maxMessageBytes * 2,
    });
    this.#sockets.on("connection", (socket, request) => this.#onSocket(socket, request));
    // Errors of the HTTP server are forwarded here; start() reports those that matter.
    this.#sockets.on("error", () => {});
  }

  /**
   * Starts a server and resolves when it accepts connections.
   *
   * @throws TypeError or RangeError for a wrong option, a SoraError when the native library cannot be
   * used, or the error of the operating system when the port cannot be bound.
   */
  static async start(options: SoraServerOptions = {}): Promise<SoraServer> {
    const config = resolveOptions(options);
    const server = new SoraServer(config);
    await new Promise<void>((resolve, reject) => {
      server.#http.once("error", reject);
      server.#http.listen(config.port, config.host, () => {
        server.#http.off("error", reject);
        resolve();
      });
    });
    return server;
  }

  /** The TCP port of the signaling WebSocket. */
  get port(): number {
    return (this.#http.address() as AddressInfo | null)?.port ?? this.#config.port;
  }

  /** The signaling URL. */
  get url(): string {
    const { host, path } = this.#config;
    const scheme = this.#config.tls === undefined ? "ws" : "wss";
    return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${this.port}${path}`;
  }

  /** Counters since the start. */
  stats(): SoraServerStats {
    const { droppedPackets, ...others } = this.#registry.stats();
    return {
      acceptedSockets: this.#accepted,
      refusedSockets: this.#gate.refused,
      faultyPackets: this.#loss.dropped,
      droppedPackets: droppedPackets + this.#ports.drops,
      ...others,
    };
  }

  /** The connections that are established now, the oldest first. */
  connections(): SoraServerConnection[] {
    return this.#registry.connections();
  }

  /**
   * Ends one connection with `DISCONNECTED-API`. Returns whether there was such a connection.
   */
  disconnect(connectionId: string): boolean {
    return this.#registry.disconnect(connectionId);
  }

  /**
   * Sends `push` messages with `data`: to everybody, to the members of one channel, or to one
   * connection.
   */
  push(
    data: JsonValue,
    to: { channelId?: string | undefined; connectionId?: string | undefined } = {},
  ): void {
    if (to.connectionId !== undefined) {
      this.#registry.find(to.connectionId)?.member.push({ type: "push", data });
      return;
    }
    this.#registry.push(data, to.channelId);
  }

  /** Asks a connection for key frames. Returns whether there is such a connection. */
  requestKeyFrame(connectionId: string): boolean {
    return this.#registry.requestKeyFrame(connectionId);
  }

  /**
   * Limits the video that a connection sends from now on, in kbps, by a re-offer (`b=TIAS`, RFC 3890).
   * Returns whether there is such a connection that is connected and sends video.
   *
   * @throws {RangeError} If `kbps` is not an integer from 1 to 30,000.
   */
  limitVideo(connectionId: string, kbps: number): boolean {
    checkInteger(kbps, "kbps", 1, 30_000);
    return this.#registry.find(connectionId)?.member.limitVideo(kbps * 1_000) === true;
  }

  /**
   * Replaces the forwarding filters of a connection while media flows: nothing more is forwarded to it of what they block, and
   * what they allow follows as soon as its client has answered a re-offer. Where none applies, those of the channel decide.
   * Returns whether there is such a connection.
   *
   * @throws {TypeError} If a filter is malformed, two have one name, or all have more than 1,024 rules and conditions.
   */
  setForwardingFilters(connectionId: string, filters: readonly SoraServerFilter[]): boolean {
    const checked = checkFilters(filters);
    const member = this.#registry.find(connectionId)?.member;
    member?.setFilters(checked);
    return member !== undefined;
  }

  /**
   * Replaces the forwarding filters of a channel, as `setForwardingFilters` does those of a connection; they go with its last
   * member. Returns whether there is such a channel.
   *
   * @throws {TypeError} As `setForwardingFilters`.
   */
  setChannelForwardingFilters(channelId: string, filters: readonly SoraServerFilter[]): boolean {
    const checked = checkFilters(filters);
    const channel = this.#registry.channel(channelId);
    channel?.filters.replaceAll(checked);
    channel?.applyForwarding();
    return channel !== undefined;
  }

  /**
   * Puts a connection into another bundle while media flows: those of one bundle receive no media, messages and notifications of
   * each other. It and those that it leaves are notified of each other's `connection.created`, it and those that it joins of each
   * other's `connection.destroyed`.
   * Returns whether there is such a connection.
   *
   * @throws {TypeError} If `bundleId` is not a string of 1 to 255 bytes.
   */
  setBundleId(connectionId: string, bundleId: string): boolean {
    if (!isId(bundleId)) throw wrongType("bundleId", "a string of 1 to 255 bytes", bundleId);
    const member = this.#registry.find(connectionId)?.member;
    member?.setBundle(bundleId);
    return member !== undefined;
  }

  /**
   * Sends bytes (at least one) on a data channel of a connection unmodified, malformed or not, to
   * test clients. Returns whether the connection has that data channel open.
   */
  sendRaw(connectionId: string, label: string, data: Uint8Array): boolean {
    return this.#registry.find(connectionId)?.member.sendRaw(label, Buffer.from(data)) === true;
  }

  /**
   * Ends all connections and stops listening. With `drainMs` the members have that long to leave: they get a notification
   * `server.closing` with `remaining_ms`, media and messages flow on, and newcomers are redirected if the option `redirect` says
   * where to, or refused with 4490 and `SERVER-CLOSING`. Then connections end with 1001 and `SERVER-CLOSED`. Another call does not
   * wait any longer. Idempotent.
   *
   * @throws TypeError or RangeError for a wrong option.
   */
  close(options: { drainMs?: number | undefined } = {}): Promise<void> {
    const { drainMs = 0 } = checkObject(options, "options", ["drainMs"]);
    const ms = checkInteger(drainMs, "options.drainMs", 0, 3_600_000);
    if (this.#closing !== undefined || ms === 0) this.#drained.resolve();
    this.#closing ??= this.#close(ms);
    return this.#closing;
  }

  /** As {@link close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(drainMs: number): Promise<void> {
    if (drainMs > 0) {
      const timer = setTimeout(this.#drained.resolve, drainMs);
      await this.#registry.drain(drainMs, this.#drained.promise);
      clearTimeout(timer);
    }
    const sockets = [...this.#sockets.clients];
    this.#registry.close();
    const grace = setTimeout(() => {
      for (const socket of sockets) socket.terminate();
      this.#http.closeAllConnections();
    }, CLOSE_GRACE_MS);
    await Promise.all(
      sockets.map((socket) =>
        socket.readyState === socket.CLOSED
          ? undefined
          : new Promise<void>((resolve) => socket.once("close", () => resolve()))
      ),
    );
    this.#sockets.close();
    await new Promise<void>((resolve) => {
      this.#http.close(() => resolve());
      this.#http.closeAllConnections();
    });
    clearTimeout(grace);
    await this.#ports.close();
  }

  /**
   * Whether a client has the certificate it needs. TLS verifies that, but Deno resumes sessions that
   * began with another server of this process, which may not have requested a certificate.
   */
  #isCertified({ socket }: IncomingMessage): boolean {
    return this.#config.tls?.clientCa === undefined || (socket as TLSSocket).authorized;
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    if (!this.#isCertified(request)) {
      request.socket.destroy();
      return;
    }
    handleRequest(request, response, {
      api: this.#registry.api,
      stats: () => this.stats(),
      connections: () => this.connections(),
    }, this.#config);
  }

  #onSocket(socket: WebSocket, request: IncomingMessage): void {
    this.#accepted++;
    const { localAddress, remoteAddress } = request.socket;
    const release = this.#gate.hold(request.socket);
    const client = new ClientSocket(socket, this.#config.maxMessageBytes, release);
    this.#registry.add(this.#createParts(client), {
      address: reachedAddress(this.#config.host, localAddress),
      remote: addressKey(remoteAddress),
    });
  }
}

/** Node checks deadlines every 30 s unless `connectionsCheckingInterval` says otherwise. */
function requestTimeouts({ connectTimeoutMs }: ServerConfig) {
  const timeoutMs = Math.max(MIN_REQUEST_TIMEOUT_MS, connectTimeoutMs);
  return {
    headersTimeout: timeoutMs,
    requestTimeout: timeoutMs,
    connectionsCheckingInterval: MIN_REQUEST_TIMEOUT_MS,
  } satisfies HttpServerOptions;
}

function tlsOptions(tls: ServerTls): TlsServerOptions {
  const { cert, key, clientCa } = tls;
  if (clientCa === undefined) return { cert, key };
  return { cert, key, ca: clientCa, requestCert: true, rejectUnauthorized: true };
}

/** The address under which a client reached the server: the one of its host candidate. */
function reachedAddress(host: string, reached: string | undefined): string {
  // A socket that is closed already has none, and a wildcard is none.
  const address = reached ?? (host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host);
  return address.replace(/^::ffff:(?=\d+\.)/i, "");
}
