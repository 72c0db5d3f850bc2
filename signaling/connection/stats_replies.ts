/**
 * The answers to `ping` and `req-stats`.
 *
 * @module
 */

import type { SignalingCounters } from "./counters.ts";
import type { Transports } from "./transports.ts";

/** Answers with or without statistics, which are collected once at a time. */
export class StatsReplies {
  readonly #transports: Transports;
  readonly #counters: SignalingCounters;
  #collecting = false;
  #stopped = false;

  /** Nothing is sent yet. @param counters Counts what could not be sent. */
  constructor(transports: Transports, counters: SignalingCounters) {
    this.#transports = transports;
    this.#counters = counters;
  }

  /** Sends nothing any more. */
  stop(): void {
    this.#stopped = true;
  }

  /** Sends `pong`. A ping that comes while statistics are being collected gets none, so that pings cannot pile up. */
  async pong(withStats: boolean): Promise<void> {
    const stats = withStats ? await this.#statsText() : undefined;
    if (this.#stopped || !this.#transports.hasWebSocket) return;
    const text = stats === undefined ? `{"type":"pong"}` : `{"type":"pong","stats":${stats}}`;
    this.#transports.sendWebSocketText("pong", text);
  }

  /** Sends `stats` on its data channel. */
  async stats(): Promise<void> {
    const stats = await this.#statsText();
    if (this.#stopped || stats === undefined) return;
    if (!this.#transports.sendText("stats", `{"type":"stats","reports":${stats}}`)) {
      this.#counters.unsentMessages++;
    }
  }

  async #statsText(): Promise<string | undefined> {
    const { peer } = this.#transports;
    if (peer === undefined || this.#collecting) return undefined;
    this.#collecting = true;
    try {
      const text = await peer.getStats();
      return text.trimStart().startsWith("[") ? text : undefined;
    } catch {
      return undefined;
    } finally {
      this.#collecting = false;
    }
  }
}
