/** The embedded server: an HTTP server for signaling, and its channels. */
import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import {
  createServer as createTlsServer,
  type ServerOptions as TlsServerOptions,
} from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { type WebSocket, WebSocketServer } from "ws";
import { callGuarded, report } from "../base/handlers.ts";
import { type DtlsCertificate, dtlsCertificate } from "./certificate.ts";
import { Channel } from "./channel.ts";
import { Connection, type ConnectionCounters } from "./connection.ts";
import type { ConnectionHost } from "./connection_host.ts";
import { PacketLoss } from "./faults.ts";
import { type ApiTarget, handleApi } from "./http_api.ts";
import { resolveOptions, type ServerConfig, type SoraServerOptions } from "./options.ts";
import type { Json } from "./signaling/json.ts";
import { CloseCode, type EndReason, Refusal, type RefusalReason } from "./signaling/refusal.ts";
import { SignalingSocket } from "./signaling/signaling_socket.ts";
import type { SoraServerStats } from "./stats.ts";
import type { ServerTls } from "./tls_options.ts";

/** How often connections do what is due: the interval of transport-wide feedback. */
const TICK_MS = 50;

/** Time that `close()` allows for closing handshakes. */
const CLOSE_GRACE_MS = 1000;

/**
 * A Sora-compatible WebRTC SFU inside this process, for trials, demos and test suites.
 *
 * @example
 * ```ts
 * import { SoraServer } from "./sfu/mod.ts";
 *
 * await using server = await SoraServer.start({ port: 0 });
 * console.log(server.url); // ws://127.0.0.1:PORT/signaling
 * ```
 */
export class SoraServer implements AsyncDisposable {
  readonly #config: ServerConfig;
  readonly #http: Server;
  readonly #sockets: WebSocketServer;
  readonly #certificate: DtlsCertificate;
  readonly #loss: PacketLoss;
  readonly #connections = new Set<Connection>();
  readonly #channels = new Map<string, Channel>();
  readonly #refusals = new Map<RefusalReason, number>();
  readonly #finished: ConnectionCounters = {
    drops: 0,
    lost: 0,
    retransmitted: 0,
    unknown: 0,
    droppedMessages: 0,
  };
  #accepted = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  #closing: Promise<void> | undefined;

  private constructor(config: ServerConfig, certificate: DtlsCertificate) {
    this.#config = config;
    this.#certificate = certificate;
    this.#loss = new PacketLoss(config.faults);
    const onRequest = (request: IncomingMessage, response: ServerResponse) =>
      this.#onRequest(request, response);
    this.#http = config.tls === undefined
      ? createServer(onRequest)
      : createTlsServer(tlsOptions(config.tls), onRequest);
    this.#sockets = new WebSocketServer({
      server: this.#http,
      path: config.path,
      verifyClient: ({ req }: { req: IncomingMessage }) => this.#isCertified(req),
      perMessageDeflate: false,
      // A message over the configured limit is answered with a reason; one over twice that by ws.
      maxPayload: config.maxMessageBytes * 2,
    });
    this.#sockets.on("connection", (socket, request) => this.#onSocket(socket, request));
    // Errors of the HTTP server are forwarded here; start() reports those that matter.
    this.#sockets.on("error", () => {});
  }

  /**
   * Starts a server and resolves when it accepts connections.
   *
   * @throws TypeError or RangeError for a wrong option, and what the operating system says when
   * the port cannot be bound.
   */
  static async start(options: SoraServerOptions = {}): Promise<SoraServer> {
    const config = resolveOptions(options);
    const server = new SoraServer(config, await dtlsCertificate());
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
    const totals = { ...this.#finished };
    let created = 0;
    let waitingMessageBytes = 0;
    let heldBackConnections = 0;
    for (const connection of this.#connections) {
      if (connection.created) created++;
      if (connection.isHeldBack) heldBackConnections++;
      waitingMessageBytes += connection.waitingBytes;
      add(totals, connection.counters());
    }
    return {
      channels: this.#channels.size,
      connections: created,
      pendingConnections: this.#connections.size - created,
      acceptedSockets: this.#accepted,
      refusals: Object.fromEntries(this.#refusals),
      droppedPackets: totals.drops,
      unknownPackets: totals.unknown,
      faultyPackets: this.#loss.dropped,
      lostPackets: totals.lost,
      retransmittedPackets: totals.retransmitted,
      droppedMessages: totals.droppedMessages,
      waitingMessageBytes,
      heldBackConnections,
    };
  }

  /**
   * Ends one connection with `DISCONNECTED-API`. Returns whether there was such a connection.
   */
  disconnect(connectionId: string): boolean {
    const connection = this.#find(connectionId);
    connection?.end(CloseCode.normal, "DISCONNECTED-API" satisfies EndReason);
    return connection !== undefined;
  }

  /**
   * Sends `push` messages with `data`: to everybody, to the members of one channel, or to one
   * connection.
   */
  push(data: Json, to: { channelId?: string; connectionId?: string } = {}): void {
    if (to.connectionId !== undefined) {
      this.#find(to.connectionId)?.push({ type: "push", data });
      return;
    }
    for (const [id, channel] of this.#channels) {
      if (to.channelId === undefined || to.channelId === id) channel.push(data);
    }
  }

  /** Asks a connection for key frames. Returns whether there is such a connection. */
  requestKeyFrame(connectionId: string): boolean {
    const connection = this.#find(connectionId);
    connection?.requestKeyFrame();
    return connection !== undefined;
  }

  /**
   * Limits the video that a connection sends from now on, in kbps, by a re-offer (`b=TIAS`, RFC 3890).
   * Returns whether there is such a connection that is connected and sends video.
   *
   * @throws {RangeError} If `kbps` is not a whole number from 1 to 30,000.
   */
  limitVideo(connectionId: string, kbps: number): boolean {
    if (!Number.isInteger(kbps) || kbps < 1 || kbps > 30_000) {
      throw new RangeError(`kbps must be a whole number from 1 to 30,000, not ${kbps}`);
    }
    return this.#find(connectionId)?.limitVideo(kbps * 1_000) === true;
  }

  /**
   * Sends bytes (at least one) on a data channel of a connection as they are, malformed or not, to
   * test clients with. Returns whether the connection has that channel open.
   */
  sendRaw(connectionId: string, label: string, data: Uint8Array): boolean {
    return this.#find(connectionId)?.sendRaw(label, Buffer.from(data)) === true;
  }

  #find(connectionId: string): Connection | undefined {
    for (const connection of this.#connections) {
      if (connection.id === connectionId && connection.phase !== "ended") return connection;
    }
    return undefined;
  }

  /** Ends all connections and stops listening. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** As {@link close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const sockets = [...this.#sockets.clients];
    for (const connection of [...this.#connections]) {
      connection.abandon(CloseCode.goingAway, "SERVER-CLOSED");
    }
    clearInterval(this.#timer);
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
  }

  /**
   * Whether a client has the certificate it needs. TLS sees to that, but Deno resumes sessions that
   * began with another server of this process, and such a client was never asked.
   */
  #isCertified({ socket }: IncomingMessage): boolean {
    return this.#config.tls?.clientCa === undefined || (socket as TLSSocket).authorized;
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    if (!this.#isCertified(request)) {
      request.socket.destroy();
      return;
    }
    if (this.#config.httpApi) {
      handleApi(request, response, this.#api);
      return;
    }
    response.writeHead(404, { "content-type": "text/plain" });
    response.end("This server speaks Sora signaling over WebSocket.\n");
  }

  #onSocket(socket: WebSocket, request: IncomingMessage): void {
    this.#accepted++;
    const signaling = new SignalingSocket(socket, {
      maxMessageBytes: this.#config.maxMessageBytes,
      faults: this.#config.faults,
    });
    const pending = [...this.#connections].filter((connection) => !connection.created).length;
    if (
      this.#closing !== undefined || this.#connections.size >= this.#config.maxConnections ||
      pending >= this.#config.maxPendingConnections
    ) {
      this.#count("TOO-MANY-CONNECTIONS");
      signaling.close(CloseCode.signalingError, "TOO-MANY-CONNECTIONS");
      return;
    }
    const address = reachedAddress(this.#config.host, request.socket.localAddress);
    this.#connections.add(new Connection(this.#connectionHost, signaling, address));
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS);
  }

  readonly #api: ApiTarget = {
    disconnectConnection: (channelId, connectionId) =>
      this.#isIn(channelId, connectionId) && this.disconnect(connectionId),
    disconnectChannel: (channelId) => {
      const channel = this.#channels.get(channelId);
      for (const { id } of channel?.members ?? []) this.disconnect(id);
      return channel !== undefined;
    },
    pushChannel: (channelId, data) => {
      this.push(data, { channelId });
      return this.#channels.has(channelId);
    },
    requestKeyFrame: (channelId, connectionId) =>
      this.#isIn(channelId, connectionId) && this.requestKeyFrame(connectionId),
    connectionStats: (channelId, connectionId) =>
      this.#findIn(channelId, connectionId)?.statistics(),
    metadata: (channelId, connectionId) => this.#findIn(channelId, connectionId)?.metadata,
    hasConnection: (channelId, connectionId) => this.#isIn(channelId, connectionId),
  };

  #findIn(channelId: string, connectionId: string): Connection | undefined {
    return this.#isIn(channelId, connectionId) ? this.#find(connectionId) : undefined;
  }

  #isIn(channelId: string, connectionId: string): boolean {
    return this.#channels.get(channelId)?.members.some(({ id }) => id === connectionId) === true;
  }

  readonly #connectionHost: ConnectionHost = (() => {
    // deno-lint-ignore no-this-alias
    const server = this;
    return {
      get config() {
        return server.#config;
      },
      get certificate() {
        return server.#certificate;
      },
      get loss() {
        return server.#loss;
      },
      channel: (id: string) => server.#channel(id),
      redirect: (channelId: string) => {
        const { redirect } = server.#config;
        return typeof redirect === "function" ? server.#askRedirect(redirect, channelId) : redirect;
      },
      onRefused: (reason: RefusalReason) => server.#count(reason),
      onEnded: (connection: Connection) => server.#onEnded(connection),
    };
  })();

  #askRedirect(redirect: (channelId: string) => unknown, channelId: string): string | undefined {
    let failed = false;
    const location = callGuarded(undefined, redirect, [channelId], (_, error) => {
      failed = true;
      report(this.#config, error);
    });
    if (!failed && (location === undefined || typeof location === "string")) return location;
    if (!failed) {
      const message =
        'Option "redirect" must return a URL or undefined, and at once, not a promise.';
      report(this.#config, new TypeError(message));
    }
    throw new Refusal("INTERNAL-ERROR", "The server could not tell where the client is to go.");
  }

  #channel(id: string): Channel {
    let channel = this.#channels.get(id);
    if (channel === undefined) {
      channel = new Channel(id);
      this.#channels.set(id, channel);
    }
    if (channel.size >= this.#config.maxChannelConnections) {
      throw new Refusal("TOO-MANY-CONNECTIONS", "The channel is full.");
    }
    return channel;
  }

  #count(reason: RefusalReason): void {
    this.#refusals.set(reason, (this.#refusals.get(reason) ?? 0) + 1);
  }

  #onEnded(connection: Connection): void {
    if (!this.#connections.delete(connection)) return;
    add(this.#finished, connection.counters());
    for (const [id, channel] of this.#channels) {
      if (channel.size === 0) this.#channels.delete(id);
    }
    if (this.#connections.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }

  #tick(): void {
    const nowMs = performance.now();
    for (const connection of [...this.#connections]) {
      try {
        connection.tick(nowMs);
      } catch (error) {
        connection.refuse("INTERNAL-ERROR", String(error));
      }
    }
  }
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

function add(totals: ConnectionCounters, more: ConnectionCounters): void {
  for (const key of Object.keys(totals) as (keyof ConnectionCounters)[]) totals[key] += more[key];
}
