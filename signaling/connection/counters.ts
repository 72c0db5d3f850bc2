/**
 * Counters of what a connection dropped.
 *
 * @module
 */

/** What a connection dropped since it was created, over all its connects. */
export interface SignalingCounters {
  /** Messages of a type that this version does not know, or that the present state has no use for. */
  ignoredMessages: number;
  /** Invalid messages: not JSON, of wrong types, too long, or not decompressible. */
  invalidMessages: number;
  /** Messages that could not be sent because the transport was closed or full. */
  unsentMessages: number;
  /** Messages on data channels that were lost because the JavaScript thread was busy for too long. */
  droppedMessages: number;
  /** Local candidates that were dropped because too many waited for the answer. */
  droppedCandidates: number;
  /** Encoders and decoders of this `Sora` that gave up while the connection was open; `onError` had the reasons. */
  codecFailures: number;
}

/** Counters that are all zero. */
export function zeroCounters(): SignalingCounters {
  return {
    ignoredMessages: 0,
    invalidMessages: 0,
    unsentMessages: 0,
    droppedMessages: 0,
    droppedCandidates: 0,
    codecFailures: 0,
  };
}
