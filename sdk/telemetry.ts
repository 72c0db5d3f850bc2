/**
 * Telemetry of connections: the seam for tracing and metrics, which `sora-ffi/opentelemetry` fills.
 *
 * @module
 */

import { callGuarded, type ErrorHandler, report } from "../base/handlers.ts";
import type {
  ReconnectingEvent,
  SessionObserver,
  SignalingCounters,
  TimelineEntry,
} from "../signaling/mod.ts";
import type { SoraStats } from "./stats/mod.ts";

/** The part of a connection that telemetry reads. */
export interface SoraObservedConnection {
  /** The server's identifier of this connection, once it is known. */
  readonly connectionId: string | undefined;
  /** The signaling URL that is in use. */
  readonly connectedSignalingUrl: string | undefined;
  /** What happened when, in the present attempt to connect or the last one. */
  readonly timeline: readonly TimelineEntry[];
  /** Counts of what was dropped. */
  readonly counters: Readonly<SignalingCounters>;
  /** Statistics; rejects without a connection. */
  getStats(): Promise<SoraStats[]>;
}

/** What telemetry is told about a connection that is made. */
export interface SoraConnectionInfo {
  /** The channel. */
  readonly channelId: string;
  /** What the connection does: `sendrecv`, `sendonly` or `recvonly`. */
  readonly role: string;
}

/** Called when something that was observed from its beginning has ended: with the error when it failed. */
export type SoraTelemetryEnd = (error?: unknown) => void;

/** Observes one connection. What a function throws goes to the connection's `onError`, and changes nothing. */
export interface SoraConnectionTelemetry {
  /** `connect()` was called; the result is called when it has succeeded or failed. */
  connect(): SoraTelemetryEnd;
  /** `rpc()` was called; the result is called with its outcome. */
  rpc(method: string): SoraTelemetryEnd;
  /** The connection was lost, or an attempt to make it again failed; the next attempt follows. */
  reconnecting(event: ReconnectingEvent): void;
  /** The connection was made again. */
  reconnected(): void;
  /** The connection has ended for good; it may be connected again by `connect()`. */
  ended(): void;
}

/** Observes the connections of a `Sora`. Made by `openTelemetry()` of `sora-ffi/opentelemetry`, or by yourself. */
export interface SoraTelemetry {
  /** A connection was made, which does not connect yet. */
  observe(connection: SoraObservedConnection, info: SoraConnectionInfo): SoraConnectionTelemetry;
}

/** Telemetry of a connection, if there is any: no failure of it reaches the connection. */
export class GuardedTelemetry implements SessionObserver {
  readonly #owner: ErrorHandler;
  readonly #inner: SoraConnectionTelemetry | undefined;

  /**
   * @param owner What is observed; it gets the errors.
   * @param telemetry Observes it.
   * @param options Its options, of which telemetry sees nothing that may be a secret.
   */
  constructor(
    owner: SoraObservedConnection & ErrorHandler,
    telemetry: SoraTelemetry | undefined,
    { channelId, role }: SoraConnectionInfo,
  ) {
    this.#owner = owner;
    this.#inner = telemetry &&
      this.#guard(() => telemetry.observe(owner, { channelId, role })) as
        | SoraConnectionTelemetry
        | undefined;
  }

  #guard(call: () => unknown): unknown {
    return callGuarded(this.#owner, call, [], report);
  }

  /** Observes `connect()`. */
  connect(connected: Promise<void>): Promise<void> {
    const inner = this.#inner;
    return inner === undefined ? connected : this.#watch(() => inner.connect(), connected);
  }

  /** Observes a remote procedure call. */
  rpc<T>(method: string, answer: Promise<T>): Promise<T> {
    const inner = this.#inner;
    return inner === undefined ? answer : this.#watch(() => inner.rpc(method), answer);
  }

  async #watch<T>(begin: () => SoraTelemetryEnd, promise: Promise<T>): Promise<T> {
    const end = this.#guard(begin) as SoraTelemetryEnd | undefined;
    try {
      const value = await promise;
      this.#guard(() => end?.());
      return value;
    } catch (error) {
      this.#guard(() => end?.(error));
      throw error;
    }
  }

  /** As {@link SoraConnectionTelemetry.reconnecting}. */
  reconnecting(event: ReconnectingEvent): void {
    this.#guard(() => this.#inner?.reconnecting(event));
  }

  /** As {@link SoraConnectionTelemetry.reconnected}. */
  reconnected(): void {
    this.#guard(() => this.#inner?.reconnected());
  }

  /** As {@link SoraConnectionTelemetry.ended}. */
  ended(): void {
    this.#guard(() => this.#inner?.ended());
  }
}
