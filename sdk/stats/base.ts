/**
 * Properties that all statistics have (W3C webrtc-stats).
 *
 * @module
 */

/** The common properties of all statistics (`RTCStats`). */
export interface SoraStatsBase {
  /** Identifier of the object that the statistics describe, the same in each report. */
  readonly id: string;
  /** When they were taken, in milliseconds since 1970. */
  readonly timestamp: number;
}

/** The common properties of RTP streams (`RTCRtpStreamStats`). */
export interface SoraRtpStreamStats extends SoraStatsBase {
  /** Synchronization source (RFC 3550). */
  readonly ssrc: number;
  /** What it carries. */
  readonly kind: "audio" | "video";
  /** `id` of its transport. */
  readonly transportId?: string;
  /** `id` of its codec. */
  readonly codecId?: string;
}
