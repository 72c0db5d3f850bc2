/**
 * What was dropped, counted.
 *
 * @module
 */

/** What a connection dropped since it was made, over all its connects. */
export interface SignalingCounters {
  /** Messages that are not for this version, or not for the state they came in. */
  ignoredMessages: number;
  /** Messages that are broken: not JSON, wrong types, too long, not inflatable. */
  invalidMessages: number;
  /** Messages that could not be sent because the transport was gone or full. */
  unsentMessages: number;
  /** Messages on data channels that were lost because the JavaScript thread was busy for too long to take them. */
  droppedMessages: number;
  /** Local candidates given up because too many waited for the answer. */
  droppedCandidates: number;
}

/** All zero. */
export function zeroCounters(): SignalingCounters {
  return {
    ignoredMessages: 0,
    invalidMessages: 0,
    unsentMessages: 0,
    droppedMessages: 0,
    droppedCandidates: 0,
  };
}
