/**
 * What kind of metric each numeric statistic is.
 *
 * @module
 */

import type { SoraStats } from "./mod.ts";

/** `counter`: it only grows; `gauge`: it goes up and down; `none`: it is no measurement and stays out of metrics. */
export type StatisticKind = "counter" | "gauge" | "none";

/** Members that are numbers, or numbers by name. */
type Numeric<T> = T extends unknown ? {
    [M in keyof T]-?: NonNullable<T[M]> extends number | Readonly<Record<string, number>> ? M
      : never;
  }[keyof T]
  : never;

/** Every numeric statistic of the types, by W3C webrtc-stats: the compiler reports one that is missing. */
const KINDS: Readonly<Record<Numeric<SoraStats>, StatisticKind>> = {
  // All statistics, and those of RTP streams.
  timestamp: "none",
  ssrc: "none",
  // What is received.
  packetsReceived: "counter",
  packetsLost: "gauge",
  packetsDiscarded: "counter",
  jitter: "gauge",
  bytesReceived: "counter",
  headerBytesReceived: "counter",
  retransmittedPacketsReceived: "counter",
  retransmittedBytesReceived: "counter",
  lastPacketReceivedTimestamp: "gauge",
  jitterBufferDelay: "counter",
  jitterBufferTargetDelay: "counter",
  jitterBufferMinimumDelay: "counter",
  jitterBufferEmittedCount: "counter",
  nackCount: "counter",
  firCount: "counter",
  pliCount: "counter",
  framesReceived: "counter",
  framesDecoded: "counter",
  keyFramesDecoded: "counter",
  framesDropped: "counter",
  framesPerSecond: "gauge",
  frameWidth: "gauge",
  frameHeight: "gauge",
  qpSum: "counter",
  totalDecodeTime: "counter",
  totalInterFrameDelay: "counter",
  totalSquaredInterFrameDelay: "counter",
  freezeCount: "counter",
  totalFreezesDuration: "counter",
  pauseCount: "counter",
  totalPausesDuration: "counter",
  audioLevel: "gauge",
  totalAudioEnergy: "counter",
  totalSamplesReceived: "counter",
  totalSamplesDuration: "counter",
  concealedSamples: "counter",
  silentConcealedSamples: "counter",
  concealmentEvents: "counter",
  insertedSamplesForDeceleration: "counter",
  removedSamplesForAcceleration: "counter",
  estimatedPlayoutTimestamp: "gauge",
  rtxSsrc: "gauge",
  fecSsrc: "gauge",
  fecPacketsReceived: "counter",
  fecBytesReceived: "counter",
  fecPacketsDiscarded: "counter",
  totalProcessingDelay: "counter",
  totalAssemblyTime: "counter",
  framesAssembledFromMultiplePackets: "counter",
  jitterBufferFlushes: "counter",
  delayedPacketOutageSamples: "counter",
  relativePacketArrivalDelay: "counter",
  interruptionCount: "counter",
  totalInterruptionDuration: "counter",
  minPlayoutDelay: "gauge",
  remoteTimestamp: "gauge",
  bytesSent: "counter",
  reportsSent: "counter",
  roundTripTime: "gauge",
  totalRoundTripTime: "counter",
  roundTripTimeMeasurements: "counter",
  // What is sent.
  packetsSent: "counter",
  headerBytesSent: "counter",
  retransmittedPacketsSent: "counter",
  retransmittedBytesSent: "counter",
  totalPacketSendDelay: "counter",
  targetBitrate: "gauge",
  framesEncoded: "counter",
  keyFramesEncoded: "counter",
  framesSent: "counter",
  hugeFramesSent: "counter",
  totalEncodeTime: "counter",
  totalEncodedBytesTarget: "counter",
  qualityLimitationDurations: "counter",
  qualityLimitationResolutionChanges: "counter",
  fractionLost: "gauge",
  echoReturnLoss: "gauge",
  echoReturnLossEnhancement: "gauge",
  width: "gauge",
  height: "gauge",
  frames: "counter",
  // The connection, codecs, data channels and playout.
  dataChannelsOpened: "counter",
  dataChannelsClosed: "counter",
  payloadType: "gauge",
  clockRate: "gauge",
  channels: "gauge",
  dataChannelIdentifier: "none",
  messagesSent: "counter",
  messagesReceived: "counter",
  synthesizedSamplesDuration: "counter",
  synthesizedSamplesEvents: "counter",
  totalPlayoutDelay: "counter",
  totalSamplesCount: "counter",
  // The way through the network.
  selectedCandidatePairChanges: "counter",
  priority: "gauge",
  lastPacketSentTimestamp: "gauge",
  currentRoundTripTime: "gauge",
  availableOutgoingBitrate: "gauge",
  availableIncomingBitrate: "gauge",
  requestsReceived: "counter",
  requestsSent: "counter",
  responsesReceived: "counter",
  responsesSent: "counter",
  consentRequestsSent: "counter",
  packetsDiscardedOnSend: "counter",
  bytesDiscardedOnSend: "counter",
  port: "none",
  relatedPort: "gauge",
};

/** Counters of W3C webrtc-stats that the built-in libwebrtc does not have yet. */
const LATER_COUNTERS: readonly string[] = [
  "framesRendered",
  "corruptionMeasurements",
  "totalCorruptionProbability",
  "totalSquaredCorruptionProbability",
  "packetsReceivedWithEct1",
  "packetsReceivedWithCe",
  "packetsReportedAsLost",
  "packetsReportedAsLostButRecovered",
  "packetsWithBleachedEct1Marking",
  "packetsSentWithEct1",
  "psnrMeasurements",
  "psnrSum",
  "ccfbMessagesSent",
  "ccfbMessagesReceived",
];

const kinds: ReadonlyMap<string, StatisticKind> = new Map([
  ...Object.entries(KINDS),
  ...LATER_COUNTERS.map((member) => [member, "counter"] as const),
]);

/** The kind of a statistic; what is not known here is a gauge. */
export function kindOfStatistic(member: string): StatisticKind {
  return kinds.get(member) ?? "gauge";
}
