/**
 * A command's membership in a channel: it joins, reports each second, and leaves, at once at the second interruption.
 *
 * @module
 */

import { sleep } from "../../base/sleep.ts";
import {
  type Sora,
  type SoraConnection,
  type SoraConnectionOptions,
  SoraError,
} from "../../mod.ts";
import { aborted, type Context, unlessAborted } from "../command.ts";

/** Leaving takes no longer than this, whatever the server does. */
export const LEAVING = { disconnectWaitTimeoutMs: 1_000, webSocketCloseTimeoutMs: 500 } as const;

const INTERVAL_MS = 1_000;

/** A sentence about what is most often wrong: there is no server. */
function nobodyListens(error: unknown): SoraError | undefined {
  if (!(error instanceof SoraError) || error.code !== "WEBSOCKET_HANDSHAKE_FAILED") {
    return undefined;
  }
  const [, url] = /ECONNREFUSED.*last_url=(\S+)/.exec(error.message) ?? [];
  if (url === undefined) return undefined;
  return new SoraError(
    error.code,
    `nothing listens at ${url}: start "sora-ffi server", or name a Sora by --signaling-url`,
    { cause: error },
  );
}

/** A member of a channel. */
export class Membership {
  readonly connection: SoraConnection;
  readonly #lost: Promise<SoraError>;
  #leaving = false;

  constructor(sora: Sora, options: SoraConnectionOptions) {
    this.connection = sora.createConnection(options);
    this.#lost = new Promise((resolve) => {
      this.connection.onDisconnect = (code, message) => {
        if (!this.#leaving) resolve(new SoraError(code, `the connection ended: ${message}`));
      };
    });
  }

  /**
   * Stays until `over` is settled or the signal is aborted, and leaves.
   *
   * @param over Rejects when what the member does has failed.
   * @param report Called each second.
   * @returns Whether `over` was fulfilled: else the user ended it.
   * @throws {SoraError} The connection was lost.
   */
  async stay(
    over: Promise<void>,
    report: () => Promise<void>,
    { signal, hurry }: Context,
  ): Promise<boolean> {
    const done = new AbortController();
    const reporting = this.#report(report, done.signal);
    const lost = this.#lost.then((error): never => {
      throw error;
    });
    const interrupted = aborted(signal).then(() => false);
    try {
      return await Promise.race([
        over.then(() => this.#unlessLost()),
        lost,
        reporting.then(() => true),
        interrupted,
      ]);
    } finally {
      done.abort();
      await reporting.catch(() => {});
      this.#leaving = true;
      // The second Ctrl-C does not wait for the server.
      const hurried = hurry === undefined ? [] : [aborted(hurry)];
      await Promise.race([this.connection.disconnect(), ...hurried]);
    }
  }

  /** What was received ends with the connection as well, shortly before that is reported. */
  async #unlessLost(): Promise<boolean> {
    if (this.connection.state !== "connected") throw await this.#lost;
    return true;
  }

  /** Reports each second, and once more at the end; what the connection's end brings with it is not its matter. */
  async #report(report: () => Promise<void>, done: AbortSignal): Promise<void> {
    while (!done.aborted) {
      await sleep(INTERVAL_MS, done);
      try {
        await report();
      } catch (error) {
        if (!(error instanceof SoraError)) throw error;
      }
    }
  }

  /**
   * Joins the channel.
   *
   * @throws {SoraError} As `SoraConnection.connect()`.
   */
  async join({ signal }: Context): Promise<void> {
    try {
      await unlessAborted(this.connection.connect({ signal }), signal);
    } catch (error) {
      throw nobodyListens(error) ?? error;
    }
  }
}
