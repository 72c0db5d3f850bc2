/**
 * When to connect again: a pure function of what happened.
 *
 * @module
 */

/** How to connect again after a connection was lost. */
export interface ReconnectOptions {
  /** How many attempts in a row may fail before giving up (default 10). */
  readonly maxRetries?: number;
  /** Wait before the first attempt, in milliseconds (default 500). */
  readonly initialDelayMs?: number;
  /** Longest wait, in milliseconds (default 30 000). */
  readonly maxDelayMs?: number;
  /** Which part of the wait is random, 0 to 1 (default 0.5). */
  readonly jitter?: number;
}
