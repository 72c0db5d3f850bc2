/** Keep-alive: when to send a ping, and when a client counts as lost. */
import type { ServerConfig } from "../options/options.ts";
import type { RefusalReason } from "../signaling/refusal.ts";

/** The next action. */
export type KeepAliveAction =
  | { readonly kind: "wait" }
  | { readonly kind: "ask" }
  | { readonly kind: "end"; readonly reason: RefusalReason; readonly detail: string };

const WAIT: KeepAliveAction = { kind: "wait" };
const ASK: KeepAliveAction = { kind: "ask" };

export class KeepAlive {
  readonly #config: ServerConfig;
  readonly #lastHeard: () => number;
  /** When the client was heard, as far as it was looked up. */
  #heardAt: number;
  #askedAt: number;
  #answeredAt: number;

  /** @param lastHeard when the last authentic packet of the client's transport came */
  constructor(config: ServerConfig, nowMs: number, lastHeard: () => number) {
    this.#config = config;
    this.#lastHeard = lastHeard;
    this.#heardAt = nowMs;
    this.#askedAt = nowMs;
    this.#answeredAt = nowMs;
  }

  /** The client answered. */
  onAnswer(nowMs: number): void {
    this.#answeredAt = nowMs;
  }

  /** The action that is due now. */
  check(nowMs: number): KeepAliveAction {
    const { mediaTimeoutMs, pingIntervalMs, pongTimeoutMs } = this.#config;
    // It is looked up when it matters: there are many connections and many checks.
    if (nowMs - this.#heardAt > mediaTimeoutMs / 2) this.#heardAt = this.#lastHeard();
    if (nowMs - this.#heardAt > mediaTimeoutMs) {
      const detail = "the client's transport has been silent for too long";
      return { kind: "end", reason: "MEDIA-TIMEOUT-ERROR", detail };
    }
    if (nowMs - this.#answeredAt > pongTimeoutMs) {
      return { kind: "end", reason: "PONG-TIMEOUT-ERROR", detail: "no pong came in time" };
    }
    if (nowMs - this.#askedAt < pingIntervalMs) return WAIT;
    this.#askedAt = nowMs;
    return ASK;
  }
}
