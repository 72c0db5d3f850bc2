/**
 * The statistics that a server asks for, by `ping` and `req-stats`.
 *
 * @module
 */

import type { SignalingCounters } from "./counters.ts";
import { needsWebSocket, type State } from "./state.ts";
import type { Transports } from "./transports.ts";

/** Answers with statistics, which are collected once at a time, so that requests cannot pile up. */
export class PeerStats {
  readonly #transports: Transports;
  readonly #counters: SignalingCounters;
  readonly #state: () => State;
  #collecting = false;

  /** @param state Gets the present state: the connection may have ended once the statistics are collected. */
  constructor(transports: Transports, counters: SignalingCounters, state: () => State) {
    this.#transports = transports;
    this.#counters = counters;
    this.#state = state;
  }

  /** Answers `ping`; without statistics while some are being collected. */
  async pong(withStats: boolean): Promise<void> {
    const stats = withStats ? await this.#collect() : undefined;
    if (!needsWebSocket(this.#state())) return;
    const text = stats === undefined ? `{"type":"pong"}` : `{"type":"pong","stats":${stats}}`;
    this.#transports.sendWebSocketText("pong", text);
  }

  /** Answers `req-stats` on the data channel `stats`. */
  async send(): Promise<void> {
    const stats = await this.#collect();
    if (stats === undefined || this.#state().kind === "ended") return;
    if (!this.#transports.sendText("stats", `{"type":"stats","reports":${stats}}`)) {
      this.#counters.unsentMessages++;
    }
  }

  /** The JSON text of an array; `undefined` when there is none. */
  async #collect(): Promise<string | undefined> {
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
