/**
 * The policy of reconnecting: when, and whether at all, as a pure function of how a connection was lost.
 *
 * @module
 */

import type { SoraSignalingErrorCode } from "../../base/errors.ts";

/** How to reconnect after an established connection was lost. */
export interface ReconnectOptions {
  /** How many attempts in a row may fail before giving up (default 10). */
  readonly maxRetries?: number | undefined;
  /** Wait before the first attempt, in milliseconds (default 500); each further wait is twice the one before. */
  readonly initialDelayMs?: number | undefined;
  /** Longest wait, in milliseconds (default 30 000). A connection that lasted as long resets the count. */
  readonly maxDelayMs?: number | undefined;
  /** The random part of the wait, 0 to 1 (default 0.5), so that clients do not all come back at once. */
  readonly jitter?: number | undefined;
}

/** A policy with its defaults filled in. */
export type ReconnectPolicy = {
  readonly [K in keyof ReconnectOptions]-?: Exclude<ReconnectOptions[K], undefined>;
};

/** Fills in the defaults. */
export function reconnectPolicy(options: ReconnectOptions): ReconnectPolicy {
  const { maxRetries = 10, initialDelayMs = 500, maxDelayMs = 30_000, jitter = 0.5 } = options;
  return { maxRetries, initialDelayMs, maxDelayMs, jitter };
}

/** An attempt to reconnect is about to be made. */
export interface ReconnectingEvent {
  /** The number of the attempt in a row, from 1. */
  readonly attempt: number;
  /** How many attempts there may be. */
  readonly maxRetries: number;
  /** How long it waits, in milliseconds, unless a hint ends the wait. */
  readonly delayMs: number;
  /** How the connection, or the last attempt, ended. */
  readonly code: SoraSignalingErrorCode;
  /** The same in words. */
  readonly message: string;
}

/** An attempt to reconnect has succeeded. */
export interface ReconnectedEvent {
  /** The number of the attempt in a row, from 1. */
  readonly attempt: number;
}

/** How a connection ended, as far as it matters to the policy. */
export interface Loss {
  /** The code of `onDisconnect`. */
  readonly code: SoraSignalingErrorCode;
  /** The code and the reason that the server closed the connection with, if it did. */
  readonly close?: { readonly code: number; readonly reason: string };
  /** The HTTP status that the handshake was refused with. */
  readonly httpStatus?: number;
}

/** The code that Sora closes the WebSocket with when it refuses a client. */
const REFUSED = 4490;
/** Reasons that may not apply to the next attempt; all other refusals, of the authentication above all, would recur. */
const PASSING_REASONS = new Set([
  "AUTHENTICATION-INTERNAL-ERROR",
  "CONNECT-WAIT-TIMEOUT-ERROR",
  "ANSWER-TIMEOUT-ERROR",
  "CONNECTION-CREATED-WAIT-TIMEOUT-ERROR",
  "PONG-TIMEOUT-ERROR",
  "DUPLICATED-CHANNEL-ID",
  "TRANSPORT-ERROR",
  "MEDIA-TIMEOUT-ERROR",
  "SLOW-CONSUMER",
  "TOO-MANY-CONNECTIONS",
  "SERVER-CLOSING",
  "INTERNAL-ERROR",
]);
/** HTTP statuses of the handshake that require other credentials (RFC 9110): unauthorized, forbidden, at the proxy. */
const AUTHENTICATION_STATUSES = new Set([401, 403, 407]);

/** Whether the next attempt may end differently. */
function isPassing(ending: Loss): boolean {
  if (ending.code === "CLOSE_SUCCEEDED" || ending.code === "INVALID_PARAMETER") return false;
  if (ending.httpStatus !== undefined && AUTHENTICATION_STATUSES.has(ending.httpStatus)) {
    return false;
  }
  return ending.close?.code !== REFUSED || PASSING_REASONS.has(ending.close.reason);
}

/**
 * How long to wait before reconnecting, in milliseconds, or undefined to give up.
 *
 * @param policy The waits and their number.
 * @param ending How the connection, or the last attempt, ended.
 * @param failures How many attempts in a row have failed.
 * @param random Random numbers from 0 up to 1.
 */
export function reconnectDelay(
  policy: ReconnectPolicy,
  ending: Loss,
  failures: number,
  random: () => number,
): number | undefined {
  if (failures >= policy.maxRetries || !isPassing(ending)) return undefined;
  const full = Math.min(policy.maxDelayMs, policy.initialDelayMs * 2 ** failures);
  return full * (1 - policy.jitter * random());
}
