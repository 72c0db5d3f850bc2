/**
 * Enumerations of the API.
 *
 * @module
 */

/** What is given up when the encoder or the network cannot keep up (W3C mst-content-hint, `RTCDegradationPreference`). */
export const SoraDegradationPreference = {
  /** Nothing is given up deliberately: pictures are lost as it comes. */
  DISABLED: "DISABLED",
  /** A balance of both. */
  BALANCED: "BALANCED",
  /** Keep the frame rate, reduce the resolution. */
  MAINTAIN_FRAMERATE: "MAINTAIN_FRAMERATE",
  /** Keep the resolution, reduce the frame rate. */
  MAINTAIN_RESOLUTION: "MAINTAIN_RESOLUTION",
} as const;

/** A member of {@link SoraDegradationPreference}. */
export type SoraDegradationPreference =
  typeof SoraDegradationPreference[keyof typeof SoraDegradationPreference];

/** Whether a track still delivers (W3C Media Capture and Streams, `MediaStreamTrackState`). */
export const SoraTrackState = {
  /** It delivers. */
  LIVE: "LIVE",
  /** It never will again. */
  ENDED: "ENDED",
} as const;

/** A member of {@link SoraTrackState}. */
export type SoraTrackState = typeof SoraTrackState[keyof typeof SoraTrackState];
