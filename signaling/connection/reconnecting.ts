/**
 * The attempts from a `connect()` to its `onDisconnect`: one, or several if the option `reconnect` is set.
 *
 * @module
 */

import { Attempt } from "./attempt.ts";
import type { SessionContext } from "./context.ts";
import type { Ending } from "./ending.ts";
import { dispatch } from "./handlers.ts";
import {
  reconnectDelay,
  type ReconnectPolicy,
  reconnectPolicy,
} from "../options/reconnect_policy.ts";

/** Settings and callbacks of {@link Reconnecting}. */
export interface ReconnectingOptions {
  /** Aborts the first attempt. */
  readonly signal: AbortSignal | undefined;
  /** Resolves when the one before this has ended. */
  readonly previous: Promise<void>;
  /** Whether there is one that has not. */
  readonly waits: boolean;
  /** It has ended; called right before `onDisconnect`. */
  readonly onFinished: () => void;
}

/** One `connect()` and its attempts. */
export class Reconnecting {
  /** The first attempt's: resolves when connected; rejects when it ends first. */
  readonly connected: Promise<void>;
  /** Resolves after `onDisconnect`. Never rejects. */
  readonly done: Promise<void>;
  /** The present attempt, or the last one while the next is waited for. */
  attempt: Attempt;
  readonly #context: SessionContext;
  readonly #options: ReconnectingOptions;
  readonly #policy: ReconnectPolicy | undefined;
  readonly #finished: () => void;
  #connectedAt: number | undefined;
  #failures = 0;
  #closed = false;
  #over = false;
  #wait: { readonly cancel: () => void } | undefined;

  /** Starts once the one before this has ended. */
  constructor(context: SessionContext, options: ReconnectingOptions) {
    const { reconnect } = context.options;
    this.#context = context;
    this.#options = options;
    this.#policy = reconnect && reconnectPolicy(reconnect);
    const done = Promise.withResolvers<void>();
    this.done = done.promise;
    this.#finished = done.resolve;
    this.attempt = this.#attempt(options, options.signal);
    this.connected = this.attempt.settled;
  }

  /** The state, as `SignalingSession.state`. */
  get state(): "connecting" | "connected" | "disconnecting" {
    if (this.#over || this.#closed) return "disconnecting";
    return this.#wait === undefined ? this.attempt.state : "connecting";
  }

  /** Ends it in an orderly way; `done` resolves when it has ended. */
  close(): void {
    this.#closed = true;
    if (this.#wait === undefined) {
      this.attempt.close();
    } else {
      this.#stopWaiting();
      const ending = {
        code: "CLOSE_SUCCEEDED",
        message: "Close was called in connecting",
      } as const;
      queueMicrotask(() => this.#finish(ending));
    }
  }

  /** Another `connect()` came while its connection ends: however that ends, it is not made again. */
  giveWay(): void {
    this.#closed = true;
  }

  /** Connects again now instead of waiting any longer. */
  hintNow(): void {
    if (this.#wait === undefined) return;
    this.#stopWaiting();
    this.#retry();
  }

  #attempt(
    { previous, waits }: Pick<ReconnectingOptions, "previous" | "waits">,
    signal?: AbortSignal,
  ): Attempt {
    return new Attempt(this.#context, {
      signal,
      previous,
      waits,
      onConnected: () => this.#connected(),
      onFinished: (ending) => this.#ended(ending),
    });
  }

  #connected(): void {
    this.#connectedAt = this.#context.clock.now();
    if (this.#failures === 0) return;
    this.#context.observer?.reconnected();
    dispatch(this.#context.handlers, "onReconnected", { attempt: this.#failures });
  }

  /** Only a connection that was established can be lost, so the first attempt is never repeated. */
  #ended(ending: Ending): void {
    const policy = this.#policy;
    const { clock, random } = this.#context;
    const isRetry = this.#failures > 0;
    const connectedAt = this.#connectedAt;
    this.#connectedAt = undefined;
    if (policy === undefined || this.#closed || (connectedAt === undefined && !isRetry)) {
      this.#finish(ending);
      return;
    }
    if (connectedAt !== undefined && clock.now() - connectedAt >= policy.maxDelayMs) {
      this.#failures = 0;
    }
    const delayMs = reconnectDelay(policy, ending, this.#failures, random);
    if (delayMs === undefined) this.#finish(ending);
    else this.#waitAndRetry(policy, ending, delayMs);
  }

  #waitAndRetry({ maxRetries }: ReconnectPolicy, { code, message }: Ending, delayMs: number): void {
    this.#failures++;
    const cancel = this.#context.clock.after(delayMs, () => {
      this.#wait = undefined;
      this.#retry();
    });
    this.#wait = { cancel };
    const event = { attempt: this.#failures, maxRetries, delayMs, code, message };
    this.#context.observer?.reconnecting(event);
    dispatch(this.#context.handlers, "onReconnecting", event);
  }

  #stopWaiting(): void {
    this.#wait?.cancel();
    this.#wait = undefined;
  }

  #retry(): void {
    this.attempt = this.#attempt({ previous: Promise.resolve(), waits: false });
    // onReconnecting or onDisconnect reports its end.
    this.attempt.settled.catch(() => {});
  }

  #finish({ code, message }: Ending): void {
    this.#over = true;
    this.#options.onFinished();
    this.#context.dataChannels?.ended();
    this.#context.observer?.ended();
    dispatch(this.#context.handlers, "onDisconnect", code, message);
    this.#finished();
  }
}
