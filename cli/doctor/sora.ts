/**
 * The checks of a connection to a Sora: signaling, and the paths of its media.
 *
 * @module
 */

import { escapeControls } from "../../base/text.ts";
import { sleep } from "../../base/sleep.ts";
import {
  Sora,
  type SoraConnection,
  type SoraConnectionOptions,
  SoraError,
  type SoraStats,
} from "../../mod.ts";
import type { ConnectionFlags } from "../connection/flags.ts";
import { type Check, failed, messageOf, ok, skippedWithout } from "./finding.ts";
import { isSettled, type Paths, pathsFinding, pathsOf, pathText } from "./paths.ts";
import { type OfferedIceServer, turnFinding } from "./turn.ts";

/** How long connecting may take. */
const CONNECT_MS = 15_000;
const POLL_MS = 100;
/** How long pairs of candidates are waited for that have neither worked nor failed. */
const SETTLE_MS = 6_000;

/** What to do about the end of an attempt to connect. */
function advice(error: unknown): string {
  if (!(error instanceof SoraError)) return "";
  switch (error.code) {
    case "WEBSOCKET_HANDSHAKE_FAILED":
      return "look at tcp, proxy and tls above, and whether the path of the URL is right (/signaling)";
    case "WEBSOCKET_ONCLOSE":
      return "the server refused: look at the reason, the channel, and --metadata or --access-token-file";
    case "PEER_CONNECTION_STATE_FAILED":
    case "INTERNAL_ERROR":
      return "signaling works, media does not: look at paths below";
    default:
      return "";
  }
}

/** A connection that is made for its findings. */
export class SoraProbe {
  readonly #flags: ConnectionFlags;
  #paths: Paths | undefined;
  #iceServers: readonly OfferedIceServer[] = [];

  constructor(flags: ConnectionFlags) {
    this.#flags = flags;
  }

  /** Connects, and remembers what the statistics say of the paths. */
  readonly checkSora: Check = async (findings, signal) => {
    for (const name of ["library", "tcp", "proxy"] as const) {
      const skipped = skippedWithout(findings, name);
      if (skipped !== undefined) return skipped;
    }
    await using sora = new Sora();
    const connection = this.#connection(sora);
    connection.onSetOffer = ({ config }) => {
      this.#iceServers = config.iceServers;
    };
    const watched = new AbortController();
    const watching = this.#watch(connection, AbortSignal.any([signal, watched.signal]));
    try {
      await connection.connect({ signal });
    } catch (error) {
      signal.throwIfAborted();
      const text = escapeControls(`${(error as { code?: string }).code}: ${messageOf(error)}`);
      return failed([text, advice(error)].filter(Boolean).join("\n"));
    } finally {
      watched.abort();
      await watching;
    }
    const phases = connection.timeline.filter((entry) => entry.kind === "phase");
    const connectMs = phases.find(({ phase }) => phase === "connect")?.durationMs ?? 0;
    const steps = phases.filter(({ phase }) => phase !== "connect")
      .map(({ phase, durationMs }) => `${phase} ${durationMs.toFixed(0)}`);
    const url = connection.connectedSignalingUrl ?? "";
    await this.#settle(connection, signal);
    return ok(
      `connected to ${this.#flags.channelId} in ${connectMs.toFixed(0)} ms (${steps.join(", ")})`,
      {
        url: url.replace(/\?.*$/, ""),
        connectMs,
        phases: Object.fromEntries(phases.map(({ phase, durationMs }) => [phase, durationMs])),
      },
    );
  };

  /** The paths that were found meanwhile. */
  readonly checkPaths: Check = (findings) => {
    if (this.#paths !== undefined) return pathsFinding(this.#paths);
    return skippedWithout(findings, "sora") ?? failed("the statistics have no paths");
  };

  /** The STUN and TURN servers that the server offered. */
  readonly checkTurn: Check = async (findings, signal) => {
    if (this.#iceServers.length > 0) {
      return await turnFinding(this.#iceServers, this.#flags, signal);
    }
    return skippedWithout(findings, "sora") ??
      ok("the server offers no TURN server: where UDP to it is blocked, there is no other way");
  };

  /** Another connection, through TURN alone: a direct path keeps libwebrtc from trying it. */
  readonly checkRelay: Check = async (findings, signal) => {
    if (!this.#iceServers.some(({ urls }) => urls.some((url) => url.startsWith("turn")))) {
      return skippedWithout(findings, "sora") ?? ok("not tried: the server offers no TURN server");
    }
    const skipped = skippedWithout(findings, "turn");
    if (skipped !== undefined) return skipped;
    await using sora = new Sora();
    const connection = this.#connection(sora, { iceTransportPolicy: "relay" });
    try {
      await connection.connect({ signal });
    } catch (error) {
      signal.throwIfAborted();
      return failed(
        `no media through TURN, although it allocates addresses (${
          escapeControls(messageOf(error))
        }): look whether the TURN server reaches Sora's UDP ports`,
      );
    }
    const { pairs } = pathsOf(await connection.getStats());
    const selected = pairs.find((pair) => pair.selected);
    return ok(
      `media also goes through TURN alone: ${selected === undefined ? "" : pathText(selected)}`,
    );
  };

  #connection(sora: Sora, more: Partial<SoraConnectionOptions> = {}): SoraConnection {
    return sora.createConnection({
      ...this.#flags,
      role: "recvonly",
      webSocketConnectionTimeoutMs: CONNECT_MS,
      ...more,
    });
  }

  async #take(connection: SoraConnection): Promise<void> {
    let stats: readonly SoraStats[];
    try {
      stats = await connection.getStats();
    } catch (error) {
      // There is no peer connection yet, or not any more.
      if (error instanceof SoraError) return;
      throw error;
    }
    this.#paths = pathsOf(stats);
  }

  /** While it connects: what fails then is not to be asked any more afterwards. */
  async #watch(connection: SoraConnection, over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      await this.#take(connection);
      await sleep(POLL_MS, over);
    }
  }

  async #settle(connection: SoraConnection, signal: AbortSignal): Promise<void> {
    const end = performance.now() + SETTLE_MS;
    while (performance.now() < end && !signal.aborted) {
      await this.#take(connection);
      if (this.#paths !== undefined && isSettled(this.#paths)) return;
      await sleep(POLL_MS, signal);
    }
  }
}
