/**
 * The session of a connection to a Sora channel, over any number of connects.
 *
 * @module
 */

import { type DataChannelSettings, DEFAULT_CHANNEL_LIMITS } from "./framing.ts";
import { wrongType } from "../../base/checks.ts";
import { systemClock } from "../../base/clock.ts";
import type { SessionContext, SessionDependencies, SignalingLimits } from "./context.ts";
import { type SignalingCounters, zeroCounters } from "./counters.ts";
import { SoraError } from "../../base/errors.ts";
import type { JsonValue } from "../../base/json.ts";
import { Reconnecting } from "./reconnecting.ts";
import type { OfferMessage } from "../messages/mod.ts";
import { DEFAULT_PARSE_LIMITS } from "../messages/parse.ts";
import type { RpcOptions } from "./rpc.ts";
import type { Timeline, TimelineEntry } from "./timeline.ts";
import type { MessageLimit } from "./transports.ts";

/** The state of a session. */
export type SignalingState = "disconnected" | "connecting" | "connected" | "disconnecting";

/** The default limits. */
export const DEFAULT_LIMITS: SignalingLimits = {
  ...DEFAULT_PARSE_LIMITS,
  ...DEFAULT_CHANNEL_LIMITS,
  maxRedirects: 10,
  createdWaitMs: 2_000,
};

/** One connection to a Sora channel. */
export class SignalingSession {
  readonly #context: SessionContext;
  #present: Reconnecting | undefined;
  #lastTimeline: Timeline | undefined;

  /** Does nothing until `connect()`. */
  constructor(dependencies: SessionDependencies) {
    this.#context = {
      ...dependencies,
      clock: dependencies.clock ?? systemClock,
      random: dependencies.random ?? Math.random,
      limits: { ...DEFAULT_LIMITS, ...dependencies.limits },
      counters: zeroCounters(),
    };
  }

  /** The state of the session. */
  get state(): SignalingState {
    return this.#present?.state ?? "disconnected";
  }

  /** The offer of the present connection. */
  get offer(): OfferMessage | undefined {
    return this.#present?.attempt.connection?.offer;
  }

  /** The signaling URL that was chosen: the first of the options' that answered. */
  get contactSignalingUrl(): string | undefined {
    return this.#present?.attempt.contactUrl;
  }

  /** The signaling URL that is connected to: the chosen one, or the one after redirects. */
  get connectedSignalingUrl(): string | undefined {
    return this.#present?.attempt.url;
  }

  /** The data channels that were offered, with their settings. */
  get dataChannels(): DataChannelSettings[] {
    return this.#present?.attempt.connection?.transports.channels?.settings ?? [];
  }

  /** The timeline of the present attempt to connect or connection, or else of the last. */
  get timeline(): readonly TimelineEntry[] {
    return (this.#present?.attempt.timeline ?? this.#lastTimeline)?.entries ?? [];
  }

  /** What was dropped since the session was created. */
  get counters(): Readonly<SignalingCounters> {
    return { ...this.#context.counters };
  }

  /**
   * Connects. Resolves when the own `connection.created` has come and the peer connection is connected, or has been for 2 s
   * (a server whose authentication sets `signaling_notify: false` announces no member). Rejects with a {@link SoraError} whose
   * code and message are those of `onDisconnect`, or at once with the signal's reason. After an end, whichever, it may be
   * called again.
   */
  connect({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    if (signal !== undefined && !(signal instanceof AbortSignal)) {
      return Promise.reject(wrongType("options.signal", "an AbortSignal", signal));
    }
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    const last = this.#present;
    if (last !== undefined && last.state !== "disconnecting") {
      return Promise.reject(
        new SoraError(
          "INVALID_STATE",
          `connect() was called, but the connection is ${last.state}; disconnect() it first`,
        ),
      );
    }
    last?.giveWay();
    const present: Reconnecting = new Reconnecting(this.#context, {
      signal,
      previous: last?.done ?? Promise.resolve(),
      waits: last !== undefined,
      onFinished: () => {
        if (this.#present !== present) return;
        this.#lastTimeline = present.attempt.timeline;
        this.#present = undefined;
      },
    });
    this.#present = present;
    return present.connected;
  }

  /** Ends the connection, if there is one, and resolves after `onDisconnect`. Bounded by the timeouts; never rejects. */
  disconnect(): Promise<void> {
    const present = this.#present;
    present?.close();
    return present?.done ?? Promise.resolve();
  }

  /** Retries at once if the connection was lost and waits for the next attempt (option `reconnect`). */
  hintNow(): void {
    this.#present?.hintNow();
  }

  /** Statistics as the JSON text of an array (W3C webrtc-stats). */
  async getStats(): Promise<string> {
    return await this.#peer("getStats()").getStats();
  }

  /**
   * Sends on a data channel: bytes as a binary message, a string as UTF-8 text (RFC 8831). `false` unless the channel is
   * open and its buffer has room.
   */
  sendDataChannel(label: string, data: Uint8Array | string): boolean {
    const transports = this.#present?.attempt.connection?.transports;
    if (transports === undefined) return false;
    const isText = typeof data === "string";
    return transports.sendData(label, isText ? new TextEncoder().encode(data) : data, !isText);
  }

  /** The limit that a message on a data channel is over, if {@link sendDataChannel} refused it for its size. */
  messageLimit(label: string, data: Uint8Array | string): MessageLimit | undefined {
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    return this.#present?.attempt.connection?.transports.messageLimit(label, bytes);
  }

  /** Bytes queued for sending on a data channel; 0 when there is no such channel. */
  bufferedAmount(label: string): number {
    return this.#present?.attempt.connection?.transports.peer?.bufferedAmount(label) ?? 0;
  }

  /** Whether a data channel is open. */
  isDataChannelOpen(label: string): boolean {
    return this.#present?.attempt.connection?.transports.channels?.isOpen(label) ?? false;
  }

  /**
   * Calls a remote procedure (JSON-RPC 2.0) over the data channel `rpc`. Resolves with its result, `undefined` for a
   * notification. Rejects with `SoraRpcError` when the server refuses, with {@link SoraError} when the channel is not open,
   * no answer comes in time or the connection ends first.
   */
  async rpc(
    method: string,
    params?: JsonValue,
    options: RpcOptions = {},
  ): Promise<JsonValue | undefined> {
    this.#peer(`rpc(${method})`);
    return await this.#present!.attempt.connection!.rpc.call(method, params, options);
  }

  #peer(call: string) {
    const peer = this.#present?.attempt.connection?.transports.peer;
    if (peer === undefined) {
      throw new SoraError(
        "INVALID_STATE",
        `${call} needs a connection, but this one is ${this.state}; await connect() first`,
      );
    }
    return peer;
  }
}
