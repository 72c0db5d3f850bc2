/**
 * Key and secret of the LiveKit server that runs on this machine alone, for as long as the benchmark.
 *
 * @module
 */

/** The key. */
export const LIVEKIT_KEY = "bench-peers";
/** Its secret, which the server wants to have 32 characters. */
export const LIVEKIT_SECRET = "known-to-everybody-and-worth-nothing";
