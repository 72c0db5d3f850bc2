/** Timers of a connection: deadlines of its client, pings, lifetime and notifications. */
import { type ConnectionPhase, timeoutRefusal } from "./phase.ts";
import { KeepAlive } from "./keep_alive.ts";
import type { ServerConfig } from "../options/options.ts";
import { Refusal } from "../signaling/refusal.ts";

/** An action that is due: `ask` sends a ping, `update` notifies the client of its channel. */
export type Due = Refusal | "expire" | "ask" | "update";

const NOTHING: readonly Due[] = [];

export class ConnectionTimers {
  readonly #config: ServerConfig;
  #deadline: number;
  /** Why the connection ends at the deadline, when another reason than the phase's. */
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

  /**
   * The connection is established.
   *
   * @param lastHeard when the last authentic packet of the client's transport came
   */
  onCreated(lifetimeMs: number, lastHeard: () => number): void {
    const nowMs = performance.now();
    this.#updatedAt = nowMs;
    this.#keepAlive = new KeepAlive(this.#config, nowMs, lastHeard);
    if (lifetimeMs > 0) this.#expiresAt = nowMs + lifetimeMs;
  }

  /** A pong came. */
  onPong(): void {
    this.#keepAlive?.onAnswer(performance.now());
  }

  /** The actions that are due now. */
  check(nowMs: number, phase: ConnectionPhase): readonly Due[] {
    if (nowMs > this.#deadline) return [this.#overdue ?? timeoutRefusal(phase)];
    if (nowMs > this.#expiresAt) return ["expire"];
    if (phase !== "created") return NOTHING;
    const alive = this.#keepAlive?.check(nowMs);
    if (alive?.kind === "end") return [new Refusal(alive.reason, alive.detail)];
    const updates = nowMs - this.#updatedAt >= this.#config.updateIntervalMs;
    if (updates) this.#updatedAt = nowMs;
    if (alive?.kind !== "ask") return updates ? ["update"] : NOTHING;
    return updates ? ["ask", "update"] : ["ask"];
  }
}
