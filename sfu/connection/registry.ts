/** The registry of a server's connections. */
import type { Channel } from "./channel.ts";
import { Channels } from "./channels.ts";
import { type Arrival, Connection, type ServerContext } from "./connection.ts";
import { addCounters, type ConnectionCounters, NO_COUNTERS, RefusalCounters } from "./counters.ts";
import type { ApiConnection, ApiTarget } from "../http/call.ts";
import type { SoraServerConnection } from "../connections.ts";
import type { ServerConfig } from "../options/options.ts";
import type { ConnectionParts } from "./parts.ts";
import { ListeningClock, patienceMs, placeFor } from "./pending_places.ts";
import { asRefusal } from "./phase.ts";
import { reportRefused } from "./reports.ts";
import type { JsonValue } from "../../base/json.ts";
import { serverClosing } from "../signaling/notify.ts";
import { CloseCode, type EndReason, Refusal } from "../signaling/refusal.ts";
import type { SoraServerStats } from "../stats.ts";

/** Interval at which connections do what is due and no packet leads to. */
const TICK_MS = 100;

/** Time for clients to take the end of their connections, at the end of `drain()`. */
const MAX_END_MS = 2000;

export class Registry {
  readonly #config: ServerConfig;
  readonly #connections = new Set<Connection>();
  readonly #channels: Channels;
  readonly #refusals = new RefusalCounters();
  readonly #context: ServerContext;
  readonly #finished: ConnectionCounters = { ...NO_COUNTERS };
  readonly #clock = new ListeningClock();
  #timer: ReturnType<typeof setInterval> | undefined;
  #closed = false;
  #onEmpty = () => {};

  constructor(config: ServerConfig) {
    this.#config = config;
    const channels = this.#channels = new Channels(config, this.#clock);
    this.#context = { config, channels, refusals: this.#refusals, draining: false };
  }

  /** Counters since the start. */
  stats(): Omit<SoraServerStats, "acceptedSockets" | "refusedSockets" | "faultyPackets"> {
    const totals = { ...this.#finished };
    let created = 0;
    let waitingMessageBytes = 0;
    let heldBackConnections = 0;
    for (const connection of this.#connections) {
      if (connection.phase === "created") created++;
      if (connection.isHeldBack) heldBackConnections++;
      waitingMessageBytes += connection.waitingBytes;
      addCounters(totals, connection.counters());
    }
    return {
      channels: this.#channels.size,
      connections: created,
      pendingConnections: this.#connections.size - created,
      refusals: this.#refusals.byReason,
      receivedPackets: totals.receivedPackets,
      receivedBytes: totals.receivedBytes,
      sentPackets: totals.sentPackets,
      sentBytes: totals.sentBytes,
      keyFrameRequests: totals.keyFrameRequests,
      droppedPackets: totals.drops,
      unknownPackets: totals.unknown,
      limitedPackets: totals.limited,
      lostPackets: totals.lost,
      retransmittedPackets: totals.retransmitted,
      droppedMessages: totals.droppedMessages,
      waitingMessageBytes,
      heldBackConnections,
    };
  }

  /** Admits a client, or refuses it when there is no place. */
  add(parts: ConnectionParts, arrival: Arrival): void {
    const place = this.#placeFor(arrival.remote);
    if (place === false) {
      const refusal = new Refusal("TOO-MANY-CONNECTIONS", "the server is full");
      this.#refusals.count(refusal.reason);
      reportRefused(this.#config, refusal);
      parts.socket.close(CloseCode.signalingError, refusal.reason);
      return;
    }
    if (place !== true) place.giveWay();
    const connection: Connection = new Connection(
      this.#context,
      parts,
      arrival,
      () => this.#onEnded(connection),
    );
    this.#connections.add(connection);
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS);
  }

  /** The connections that are established, the oldest first. */
  connections(): SoraServerConnection[] {
    return [...this.#connections].flatMap(({ member }) => member.snapshot() ?? []);
  }

  /** A channel that has members. */
  channel(channelId: string): Channel | undefined {
    return this.#channels.get(channelId);
  }

  /** A connection that has not ended. */
  find(connectionId: string): Connection | undefined {
    for (const connection of this.#connections) {
      if (connection.id === connectionId && connection.phase !== "ended") return connection;
    }
    return undefined;
  }

  /** Ends one connection. Returns whether there was such a connection. */
  disconnect(connectionId: string): boolean {
    const connection = this.find(connectionId);
    connection?.end(CloseCode.normal, "DISCONNECTED-API" satisfies EndReason);
    return connection !== undefined;
  }

  /** Pushes data to everybody, or to the members of one channel. */
  push(data: JsonValue, channelId?: string): void {
    for (const channel of this.#channels.all()) {
      if (channelId === undefined || channelId === channel.id) channel.push(data);
    }
  }

  /** Asks a connection for key frames. Returns whether there is such a connection. */
  requestKeyFrame(connectionId: string): boolean {
    const connection = this.find(connectionId);
    connection?.member.requestKeyFrame();
    return connection !== undefined;
  }

  /**
   * Takes no newcomers any more, tells the members how long they have, and resolves when the last one has left or the time is over,
   * whose connections end then.
   *
   * @param over resolves when the time is over
   */
  async drain(drainMs: number, over: Promise<void>): Promise<void> {
    this.#context.draining = true;
    const message = serverClosing(drainMs);
    for (const { member, phase } of this.#connections) {
      if (phase === "created") member.notify(message);
    }
    const { promise: empty, resolve } = Promise.withResolvers<void>();
    this.#onEmpty = resolve;
    if (this.#connections.size === 0) return;
    await Promise.race([empty, over]);
    if (this.#connections.size === 0) return;
    for (const connection of [...this.#connections]) {
      connection.end(CloseCode.goingAway, "SERVER-CLOSED" satisfies EndReason);
    }
    const timer = setTimeout(resolve, MAX_END_MS);
    await empty;
    clearTimeout(timer);
  }

  /** Ends all connections at once, and admits no more. */
  close(): void {
    this.#closed = true;
    for (const connection of [...this.#connections]) {
      connection.abandon(CloseCode.goingAway, "SERVER-CLOSED" satisfies EndReason);
    }
    clearInterval(this.#timer);
  }

  /** The connections of a channel, or of all, as the HTTP API controls them; undefined when there is no such channel. */
  #apiConnections(channelId?: string): ApiConnection[] | undefined {
    if (channelId !== undefined && this.#channels.get(channelId) === undefined) return undefined;
    const nodeName = `sora-ffi@${this.#config.host}`;
    return [...this.#connections]
      .filter(({ phase, member: { channel } }) =>
        phase !== "ended" && channel !== undefined && (channelId ?? channel.id) === channel.id
      )
      .map((connection) => apiConnection(connection, nodeName));
  }

  /** The operations of the HTTP API. */
  readonly api: ApiTarget = {
    channel: (channelId) => this.channel(channelId),
    connections: (channelId) => this.#apiConnections(channelId),
    requestKeyFrame: (channelId, connectionId) =>
      this.#isIn(channelId, connectionId) && this.requestKeyFrame(connectionId),
    metadata: (channelId, connectionId) => this.#findIn(channelId, connectionId)?.member.metadata,
    connection: (channelId, connectionId) => this.#findIn(channelId, connectionId)?.member,
    spotlight: (channelId) => this.#channels.get(channelId)?.spotlight,
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
    // Established connections keep their places; pending ones share the rest.
    return placeFor(remote, pending, {
      places: Math.min(places, maxConnections - others),
      placesPerAddress,
      patienceMs: patienceMs(this.#config),
      listenedUntil: this.#clock.listenedUntil,
    }, performance.now());
  }

  #findIn(channelId: string, connectionId: string): Connection | undefined {
    return this.#isIn(channelId, connectionId) ? this.find(connectionId) : undefined;
  }

  #isIn(channelId: string, connectionId: string): boolean {
    return this.#channels.get(channelId)?.members.some(({ id }) => id === connectionId) === true;
  }

  #onEnded(connection: Connection): void {
    this.#connections.delete(connection);
    addCounters(this.#finished, connection.counters());
    if (this.#connections.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      this.#onEmpty();
    }
  }

  #tick(): void {
    const nowMs = performance.now();
    this.#clock.tick(nowMs);
    this.#channels.tick(nowMs);
    for (const connection of [...this.#connections]) {
      try {
        connection.tick(nowMs);
      } catch (error) {
        connection.refuse(asRefusal(error));
      }
    }
  }
}

function apiConnection(connection: Connection, nodeName: string): ApiConnection {
  const { id, member } = connection;
  return {
    id,
    clientId: member.clientId,
    role: member.role,
    created: member.created,
    disconnect: () => connection.end(CloseCode.normal, "DISCONNECTED-API" satisfies EndReason),
    push: (data) => member.push({ type: "push", data }),
    statistics: () => connection.statistics(),
    listing: () => member.listing(nodeName),
  };
}

function isPending({ phase }: Connection): boolean {
  return phase !== "created" && phase !== "ended";
}
