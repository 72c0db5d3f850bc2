/**
 * Spans and metrics of one connection.
 *
 * @module
 */

import {
  type Attributes,
  context,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from "@opentelemetry/api";
import type {
  ReconnectingEvent,
  SoraConnectionInfo,
  SoraConnectionTelemetry,
  SoraObservedConnection,
  SoraTelemetryEnd,
} from "../mod.ts";
import { errorOf, messageOf, serverOf } from "./attributes.ts";
import { FirstMedia } from "./first_media.ts";
import type { Metrics } from "./metrics.ts";

/** Observes one connection. */
export class ConnectionSpans implements SoraConnectionTelemetry {
  readonly #connection: SoraObservedConnection;
  readonly #tracer: Tracer;
  readonly #metrics: Metrics;
  readonly #about: Attributes;
  #reconnecting: { readonly span: Span; readonly began: number } | undefined;
  #media: FirstMedia | undefined;
  #isPresent = false;

  /**
   * @param connection What is observed.
   * @param attributes Further attributes.
   */
  constructor(
    connection: SoraObservedConnection,
    { channelId, role }: SoraConnectionInfo,
    tracer: Tracer,
    metrics: Metrics,
    attributes: Attributes,
  ) {
    this.#connection = connection;
    this.#tracer = tracer;
    this.#metrics = metrics;
    this.#about = { ...attributes, "sora.channel.id": channelId, "sora.role": role };
  }

  connect(): SoraTelemetryEnd {
    const began = Date.now();
    const span = this.#start("sora.connect", this.#about, began);
    // A call that was refused, because there is a connection already for instance, has no attempt of its own.
    const isAttempt = this.#connection.timeline.length === 0;
    return (error) => {
      const isRecording = span.isRecording();
      if (isAttempt) this.#phases(span, began, Date.now());
      this.#finish(span, error);
      const attributes = { ...this.#about, ...errorOf(error) };
      this.#metrics.connectDuration.record((Date.now() - began) / 1_000, attributes);
      if (error !== undefined) return;
      this.#enter();
      if (isRecording && this.#about["sora.role"] !== "sendonly") this.#awaitMedia(span, began);
    };
  }

  rpc(method: string): SoraTelemetryEnd {
    const began = performance.now();
    const { "server.address": address, "server.port": port } = this.#server();
    const call: Attributes = {
      "rpc.system.name": "jsonrpc",
      "rpc.method": method,
      ...(address === undefined ? {} : { "server.address": address, "server.port": port }),
    };
    const span = this.#start(method, {
      ...this.#about,
      ...call,
      "jsonrpc.protocol.version": "2.0",
    });
    return (error) => {
      this.#finish(span, error);
      const seconds = (performance.now() - began) / 1_000;
      this.#metrics.rpcDuration.record(seconds, { ...call, ...errorOf(error) });
    };
  }

  reconnecting({ attempt, delayMs, code }: ReconnectingEvent): void {
    this.#leave();
    // The attempt before this one has failed.
    this.#endReconnecting(code);
    this.#metrics.reconnects.add(1, { ...this.#about, "error.type": code });
    const attributes = {
      ...this.#about,
      "sora.reconnect.attempt": attempt,
      "sora.reconnect.delay": delayMs / 1_000,
      "sora.reconnect.cause": code,
    };
    const began = Date.now();
    this.#reconnecting = { span: this.#start("sora.reconnect", attributes, began), began };
  }

  reconnected(): void {
    this.#endReconnecting();
    this.#enter();
  }

  ended(): void {
    this.#endReconnecting("CLOSED");
    this.#leave();
  }

  #start(name: string, attributes: Attributes, startTime?: number): Span {
    return this.#tracer.startSpan(name, {
      kind: SpanKind.CLIENT,
      attributes,
      ...(startTime === undefined ? {} : { startTime }),
    });
  }

  #server(): Attributes {
    return serverOf(this.#connection.connectedSignalingUrl);
  }

  #enter(): void {
    this.#isPresent = true;
    this.#metrics.connections.add(1, this.#about);
    const id = this.#connection.connectionId;
    this.#metrics.add(this.#connection, {
      ...this.#about,
      ...(id === undefined ? {} : { "sora.connection.id": id }),
    });
  }

  /** A span from `connect()` until the first video, and one until the first audio. */
  #awaitMedia(parent: Span, began: number): void {
    const inside = trace.setSpan(context.active(), parent);
    this.#media = new FirstMedia(this.#connection, (kind, at) => {
      const options = { startTime: began, attributes: this.#about };
      this.#tracer.startSpan(`sora.connect.first-${kind}`, options, inside)
        .end(Math.max(began, at));
    });
  }

  #leave(): void {
    this.#media?.[Symbol.dispose]();
    this.#media = undefined;
    if (!this.#isPresent) return;
    this.#isPresent = false;
    this.#metrics.connections.add(-1, this.#about);
    this.#metrics.remove(this.#connection);
  }

  #endReconnecting(code?: string): void {
    if (this.#reconnecting === undefined) return;
    const { span, began } = this.#reconnecting;
    this.#reconnecting = undefined;
    this.#phases(span, began, Date.now());
    if (code !== undefined) {
      span.setAttribute("error.type", code).setStatus({ code: SpanStatusCode.ERROR });
    }
    this.#finish(span, undefined);
  }

  #finish(span: Span, error: unknown): void {
    const id = this.#connection.connectionId;
    span.setAttributes(this.#server());
    if (id !== undefined) span.setAttribute("sora.connection.id", id);
    if (error !== undefined) {
      span.setAttributes(errorOf(error));
      span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
    }
    span.end();
  }

  /** A span for each phase of an attempt to connect that has ended, by the connection's timeline, and an event for each state of the peer connection. */
  #phases(parent: Span, began: number, ended: number): void {
    if (!parent.isRecording()) return;
    const { timeline } = this.#connection;
    const last = timeline.at(-1);
    if (last === undefined) return;
    // The timeline begins with the attempt, which a reconnection waits for.
    const whole = timeline.find((entry) => entry.kind === "phase" && entry.phase === "connect");
    const startedAt = Math.max(began, ended - (whole ?? last).atMs);
    const inside = trace.setSpan(context.active(), parent);
    for (const entry of timeline) {
      const at = startedAt + entry.atMs;
      if (entry.kind === "peer-connection") {
        parent.addEvent("sora.peer_connection", { "sora.peer_connection.state": entry.state }, at);
      }
      if (entry.kind !== "phase" || entry.phase === "connect") continue;
      const options = { startTime: at - entry.durationMs, attributes: serverOf(entry.url) };
      this.#tracer.startSpan(`sora.connect.${entry.phase}`, options, inside).end(at);
    }
  }
}
