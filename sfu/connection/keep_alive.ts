/** When to ask whether a client is still there, and when to give it up. */
import type { ServerConfig } from "../options/options.ts";
import type { RefusalReason } from "../signaling/refusal.ts";

/** What is to be done. */
export type KeepAliveAction =
  | { readonly kind: "wait" }
  | { readonly kind: "ask" }
  | { readonly kind: "end"; readonly reason: RefusalReason; readonly detail: string };

const WAIT: KeepAliveAction = { kind: "wait" };
const ASK: KeepAliveAction = { kind: "ask" };

export class KeepAlive {
  readonly #config: ServerConfig;
  #askedAt: number;
  #answeredAt: number;

  constructor(config: ServerConfig, nowMs: number) {
    this.#config = config;
    this.#askedAt = nowMs;
    this.#answeredAt = nowMs;
  }

  /** The client answered. */
  onAnswer(nowMs: number): void {
    this.#answeredAt = nowMs;
  }

  /**
   * What is to be done now.
   *
   * @param lastHeardMs when the last authentic packet of the client's transport came
   */
  check(nowMs: number, lastHeardMs: number): KeepAliveAction {
    const { mediaTimeoutMs, pingIntervalMs, pongTimeoutMs } = this.#config;
    if (nowMs - lastHeardMs > mediaTimeoutMs) {
      const detail = "The client's transport has been silent for too long.";
      return { kind: "end", reason: "MEDIA-TIMEOUT-ERROR", detail };
    }
    if (nowMs - this.#answeredAt > pongTimeoutMs) {
      return { kind: "end", reason: "PONG-TIMEOUT-ERROR", detail: "No pong came in time." };
    }
    if (nowMs - this.#askedAt < pingIntervalMs) return WAIT;
    this.#askedAt = nowMs;
    return ASK;
  }
}
