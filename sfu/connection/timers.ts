/** What is due for a connection: its client's next step, its pings, its lifetime, its updates. */
import { type ConnectionPhase, timeoutRefusal } from "./phase.ts";
import { KeepAlive } from "./keep_alive.ts";
import type { ServerConfig } from "../options/options.ts";
import { Refusal } from "../signaling/refusal.ts";

/** What is to be done: `ask` whether the client is there, `update` it about its channel. */
export type Due = Refusal | "expire" | "ask" | "update";

const NOTHING: readonly Due[] = [];

export class ConnectionTimers {
  readonly #config: ServerConfig;
  #deadline: number;
  /** Why the connection ends at the deadline, when it is not for want of an answer. */
  #overdue: Refusal | undefined;
  #expiresAt = Infinity;
  #updatedAt = 0;
  #keepAlive: KeepAlive | undefined;

  constructor(config: ServerConfig) {
    this.#config = config;
    this.#deadline = performance.now() + config.connectTimeoutMs;
  }

  /** Waits for the client's next step, or for none. */
  expect(timeoutMs: number): void {
    this.#deadline = performance.now() + timeoutMs;
  }

  /** Ends the connection for another reason in a while. */
  linger(overdue: Refusal, timeoutMs: number): void {
    this.#overdue = overdue;
    this.expect(timeoutMs);
  }

  /** The connection is established. */
  onCreated(lifetimeMs: number): void {
    const nowMs = performance.now();
    this.#updatedAt = nowMs;
    this.#keepAlive = new KeepAlive(this.#config, nowMs);
    if (lifetimeMs > 0) this.#expiresAt = nowMs + lifetimeMs;
  }

  /** The client said that it is there. */
  onPong(): void {
    this.#keepAlive?.onAnswer(performance.now());
  }

  /**
   * What is to be done now.
   *
   * @param lastHeardMs when the last authentic packet of the client's transport came
   */
  check(nowMs: number, phase: ConnectionPhase, lastHeardMs: number): readonly Due[] {
    if (nowMs > this.#deadline) return [this.#overdue ?? timeoutRefusal(phase)];
    if (nowMs > this.#expiresAt) return ["expire"];
    if (phase !== "created") return NOTHING;
    const alive = this.#keepAlive?.check(nowMs, lastHeardMs);
    if (alive?.kind === "end") return [new Refusal(alive.reason, alive.detail)];
    const updates = nowMs - this.#updatedAt >= this.#config.updateIntervalMs;
    if (updates) this.#updatedAt = nowMs;
    if (alive?.kind !== "ask") return updates ? ["update"] : NOTHING;
    return updates ? ["ask", "update"] : ["ask"];
  }
}
