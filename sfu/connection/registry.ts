/** The connections of a server and the channels that they are in. */
import { callGuarded, report } from "../../base/handlers.ts";
import type { DtlsCertificate } from "../transport/certificate.ts";
import { Channel } from "./channel.ts";
import { Connection } from "./connection.ts";
import { addCounters, type ConnectionCounters, NO_COUNTERS } from "./counters.ts";
import type { ConnectionHost } from "./host.ts";
import type { ApiTarget } from "../http_api.ts";
import type { ServerConfig } from "../options/options.ts";
import type { ConnectionParts } from "./parts.ts";
import { placeFor } from "./pending_places.ts";
import type { JsonValue } from "../../base/json.ts";
import { CloseCode, type EndReason, Refusal, type RefusalReason } from "../signaling/refusal.ts";
import type { SoraServerStats } from "../stats.ts";

/** How often connections do what is due: the interval of transport-wide feedback. */
const TICK_MS = 50;

/** What a client may be silent while others wait for its place, as a share of `connectTimeoutMs`. */
const SHORT_PATIENCE = 1 / 5;

export class Registry {
  readonly #config: ServerConfig;
  readonly #certificate: DtlsCertificate;
  readonly #connections = new Set<Connection>();
  readonly #channels = new Map<string, Channel>();
  readonly #refusals = new Map<RefusalReason, number>();
  readonly #finished: ConnectionCounters = { ...NO_COUNTERS };
  #timer: ReturnType<typeof setInterval> | undefined;
  #closed = false;

  constructor(config: ServerConfig, certificate: DtlsCertificate) {
    this.#config = config;
    this.#certificate = certificate;
  }

  /** Counters since the start. */
  stats(): Omit<SoraServerStats, "acceptedSockets" | "refusedSockets" | "faultyPackets"> {
    const totals = { ...this.#finished };
    let created = 0;
    let waitingMessageBytes = 0;
    let heldBackConnections = 0;
    for (const connection of this.#connections) {
      if (connection.created) created++;
      if (connection.isHeldBack) heldBackConnections++;
      waitingMessageBytes += connection.waitingBytes;
      addCounters(totals, connection.counters());
    }
    return {
      channels: this.#channels.size,
      connections: created,
      pendingConnections: this.#connections.size - created,
      refusals: Object.fromEntries(this.#refusals),
      droppedPackets: totals.drops,
      unknownPackets: totals.unknown,
      lostPackets: totals.lost,
      retransmittedPackets: totals.retransmitted,
      droppedMessages: totals.droppedMessages,
      waitingMessageBytes,
      heldBackConnections,
    };
  }

  /**
   * Takes a client in, or refuses it when there is no place.
   *
   * @param address the address under which it reached the server
   * @param remote whose places it takes
   */
  add(parts: ConnectionParts, address: string, remote: string): void {
    const place = this.#placeFor(remote);
    if (place === false) {
      this.#count("TOO-MANY-CONNECTIONS");
      parts.socket.close(CloseCode.signalingError, "TOO-MANY-CONNECTIONS");
      return;
    }
    if (place !== true) place.giveWay();
    this.#connections.add(new Connection(this.#connectionHost, parts, address, remote));
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS);
  }

  /** A connection that has not ended. */
  find(connectionId: string): Connection | undefined {
    for (const connection of this.#connections) {
      if (connection.id === connectionId && connection.phase !== "ended") return connection;
    }
    return undefined;
  }

  /** How many established connections an address has. */
  established(remote: string): number {
    let established = 0;
    for (const connection of this.#connections) {
      if (connection.created && connection.remote === remote) established++;
    }
    return established;
  }

  /** Ends one connection. Returns whether there was such a connection. */
  disconnect(connectionId: string): boolean {
    const connection = this.find(connectionId);
    connection?.end(CloseCode.normal, "DISCONNECTED-API" satisfies EndReason);
    return connection !== undefined;
  }

  /** Pushes data to everybody, or to the members of one channel. */
  push(data: JsonValue, channelId?: string): void {
    for (const [id, channel] of this.#channels) {
      if (channelId === undefined || channelId === id) channel.push(data);
    }
  }

  /** Asks a connection for key frames. Returns whether there is such a connection. */
  requestKeyFrame(connectionId: string): boolean {
    const connection = this.find(connectionId);
    connection?.requestKeyFrame();
    return connection !== undefined;
  }

  /** Ends all connections at once, and takes no more in. */
  close(): void {
    this.#closed = true;
    for (const connection of [...this.#connections]) {
      connection.abandon(CloseCode.goingAway, "SERVER-CLOSED");
    }
    clearInterval(this.#timer);
  }

  /** What the HTTP API does. */
  readonly api: ApiTarget = {
    disconnectConnection: (channelId, connectionId) =>
      this.#isIn(channelId, connectionId) && this.disconnect(connectionId),
    disconnectChannel: (channelId) => {
      const channel = this.#channels.get(channelId);
      for (const { id } of channel?.members ?? []) this.disconnect(id);
      return channel !== undefined;
    },
    pushChannel: (channelId, data) => {
      this.push(data, channelId);
      return this.#channels.has(channelId);
    },
    requestKeyFrame: (channelId, connectionId) =>
      this.#isIn(channelId, connectionId) && this.requestKeyFrame(connectionId),
    connectionStats: (channelId, connectionId) =>
      this.#findIn(channelId, connectionId)?.statistics(),
    metadata: (channelId, connectionId) => this.#findIn(channelId, connectionId)?.metadata,
    hasConnection: (channelId, connectionId) => this.#isIn(channelId, connectionId),
  };

  /** Whether there is a place for a newcomer, or whose it gets. */
  #placeFor(remote: string): boolean | Connection {
    const {
      maxConnections,
      maxPendingConnections: places,
      maxPendingConnectionsPerAddress: placesPerAddress,
    } = this.#config;
    if (this.#closed) return false;
    const pending = [...this.#connections].filter(isPending);
    const others = this.#connections.size - pending.length;
    // Who is established keeps its place; who is not has a share of what is left.
    return placeFor(remote, pending, {
      places: Math.min(places, maxConnections - others),
      placesPerAddress,
      patienceMs: this.#patienceMs,
    }, performance.now());
  }

  get #patienceMs(): number {
    return this.#config.connectTimeoutMs * SHORT_PATIENCE;
  }

  #findIn(channelId: string, connectionId: string): Connection | undefined {
    return this.#isIn(channelId, connectionId) ? this.find(connectionId) : undefined;
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
      channel: (id: string, remote: string) => server.#channel(id, remote),
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

  #channel(id: string, remote: string): Channel {
    let channel = this.#channels.get(id);
    if (channel === undefined) {
      channel = new Channel(id);
      this.#channels.set(id, channel);
    }
    const places = this.#config.maxChannelConnections;
    if (channel.size < places) return channel;
    const members = [...this.#connections].filter(({ channelId }) => channelId === id);
    const pending = members.filter(isPending);
    const place = placeFor(remote, pending, {
      places: places - (members.length - pending.length),
      placesPerAddress: Infinity,
      patienceMs: this.#patienceMs,
    }, performance.now());
    if (typeof place === "boolean") {
      throw new Refusal("TOO-MANY-CONNECTIONS", "The channel is full.");
    }
    place.giveWay();
    // With its last member the channel has gone.
    return this.#channel(id, remote);
  }

  #count(reason: RefusalReason): void {
    this.#refusals.set(reason, (this.#refusals.get(reason) ?? 0) + 1);
  }

  #onEnded(connection: Connection): void {
    if (!this.#connections.delete(connection)) return;
    addCounters(this.#finished, connection.counters());
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

function isPending({ phase }: Connection): boolean {
  return phase !== "created" && phase !== "ended";
}
