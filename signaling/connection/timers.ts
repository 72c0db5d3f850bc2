/**
 * The timers of a connection.
 *
 * @module
 */

import { afterListening } from "../../base/clock.ts";
import type { SessionContext } from "./context.ts";
import type { Timer } from "./state.ts";

/** Timers that replace each other have the same slot. */
const SLOTS: Readonly<Record<Timer, "switch" | "created" | "end">> = {
  switch: "switch",
  created: "created",
  channels: "end",
  "websocket-close": "end",
  "websocket-lost": "end",
  server: "end",
};

const stopped = () => {};

/** How long a timer runs, in milliseconds. */
function durationOf(timer: Timer, { limits, options }: SessionContext): number {
  switch (timer) {
    case "switch":
      return options.dataChannelSignalingTimeoutMs;
    case "created":
      return limits.createdWaitMs;
    case "websocket-close":
      return options.webSocketCloseTimeoutMs;
    case "websocket-lost":
      return 2 * options.webSocketCloseTimeoutMs;
    case "channels":
    case "server":
      return options.disconnectWaitTimeoutMs;
  }
}

/** The timers of a connection, none of them running at first. */
export class Timers {
  readonly #context: SessionContext;
  readonly #expired: (timer: Timer, ms: number) => void;
  readonly #cancel = { switch: stopped, created: stopped, end: stopped };

  /** @param expired A timer has run for so many milliseconds. */
  constructor(context: SessionContext, expired: (timer: Timer, ms: number) => void) {
    this.#context = context;
    this.#expired = expired;
  }

  /** Starts a timer instead of the one in its slot. */
  start(timer: Timer): void {
    this.stop(timer);
    const ms = durationOf(timer, this.#context);
    const { clock } = this.#context;
    const expired = () => this.#expired(timer, ms);
    const slot = SLOTS[timer];
    this.#cancel[slot] = slot === "end"
      ? afterListening(clock, ms, expired)
      : clock.after(ms, expired);
  }

  /** Stops the timer in the slot of this one. */
  stop(timer: Timer): void {
    this.#cancel[SLOTS[timer]]();
    this.#cancel[SLOTS[timer]] = stopped;
  }

  /** Stops all. */
  stopAll(): void {
    for (const timer of ["switch", "created", "server"] as const) this.stop(timer);
  }
}
