/**
 * Statistics (W3C webrtc-stats) of libwebrtc. Its reports may have properties that are not listed here; optional ones are there
 * only when libwebrtc knows them.
 *
 * @module
 */

import type {
  SoraCodecStats,
  SoraDataChannelStats,
  SoraMediaPlayoutStats,
  SoraPeerConnectionStats,
} from "./connection.ts";
import type { SoraInboundRtpStats, SoraRemoteOutboundRtpStats } from "./inbound.ts";
import type {
  SoraMediaSourceStats,
  SoraOutboundRtpStats,
  SoraRemoteInboundRtpStats,
} from "./outbound.ts";
import type {
  SoraCandidatePairStats,
  SoraCertificateStats,
  SoraIceCandidateStats,
  SoraTransportStats,
} from "./transport.ts";

export type * from "./base.ts";
export type * from "./connection.ts";
export type * from "./inbound.ts";
export type * from "./outbound.ts";
export type * from "./transport.ts";

/** Statistics of one object, discriminated by `type`. */
export type SoraStats =
  | SoraCodecStats
  | SoraInboundRtpStats
  | SoraOutboundRtpStats
  | SoraRemoteInboundRtpStats
  | SoraRemoteOutboundRtpStats
  | SoraMediaSourceStats
  | SoraMediaPlayoutStats
  | SoraPeerConnectionStats
  | SoraDataChannelStats
  | SoraTransportStats
  | SoraCandidatePairStats
  | SoraIceCandidateStats
  | SoraCertificateStats;

/** The statistics of one type: `SoraStatsOf<"inbound-rtp">`. */
export type SoraStatsOf<T extends SoraStats["type"]> = SoraStats extends infer S
  ? S extends { readonly type: infer U } ? T extends U ? S : never : never
  : never;
