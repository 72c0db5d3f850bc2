/**
 * What members have sent and received, and how fast.
 *
 * @module
 */

import type { SoraStats } from "../../mod.ts";

/** What a connection has counted so far. */
export interface Totals {
  /** On the clock of the statistics. */
  readonly atMs: number;
  readonly sentBytes: number;
  /** Frames of video; of simulcast those of the layer that has most. */
  readonly sentFrames: number;
  readonly sendsVideo: boolean;
  readonly receivedBytes: number;
  readonly decodedFrames: number;
  /** Streams of video that are received. */
  readonly videoStreams: number;
  readonly receivedPackets: number;
  readonly lostPackets: number;
  readonly freezes: number;
  /** The last round trip time, in milliseconds. */
  readonly roundTripMs: number | undefined;
  /** Share of the packets that its receiver reports as lost, 0 to 1. */
  readonly sentLoss: number | undefined;
}

/** What flows, between two moments. */
export interface Rates {
  readonly sentKbps: number;
  readonly receivedKbps: number;
  /** Undefined when no video is sent. */
  readonly sentFps: number | undefined;
  /** Frames per second of each received stream of video; undefined without any. */
  readonly receivedFps: number | undefined;
  readonly receivedPackets: number;
  readonly lostPackets: number;
  readonly freezes: number;
}

/** Sums up a connection's statistics. */
export function totalsOf(stats: readonly SoraStats[]): Totals {
  let sentBytes = 0, sentFrames = 0, receivedBytes = 0, decodedFrames = 0, videoStreams = 0;
  let receivedPackets = 0, lostPackets = 0, freezes = 0;
  let sendsVideo = false;
  let roundTripMs: number | undefined;
  let sentLoss: number | undefined;
  for (const one of stats) {
    if (one.type === "outbound-rtp") {
      sentBytes += (one.bytesSent ?? 0) + (one.headerBytesSent ?? 0);
      if (one.kind !== "video") continue;
      sendsVideo = true;
      sentFrames = Math.max(sentFrames, one.framesSent ?? 0);
    } else if (one.type === "inbound-rtp") {
      receivedBytes += (one.bytesReceived ?? 0) + (one.headerBytesReceived ?? 0);
      receivedPackets += one.packetsReceived ?? 0;
      lostPackets += one.packetsLost ?? 0;
      if (one.kind !== "video") continue;
      decodedFrames += one.framesDecoded ?? 0;
      freezes += one.freezeCount ?? 0;
      videoStreams++;
    } else if (one.type === "candidate-pair" && one.nominated === true) {
      if (one.currentRoundTripTime !== undefined) roundTripMs = one.currentRoundTripTime * 1_000;
    } else if (one.type === "remote-inbound-rtp" && one.fractionLost !== undefined) {
      sentLoss = Math.max(sentLoss ?? 0, one.fractionLost);
    }
  }
  return {
    atMs: stats[0]?.timestamp ?? 0,
    sentBytes,
    sentFrames,
    sendsVideo,
    receivedBytes,
    decodedFrames,
    videoStreams,
    receivedPackets,
    lostPackets,
    freezes,
    roundTripMs,
    sentLoss,
  };
}

/** What flowed between two moments; undefined when no time has passed. A stream that has ended takes its counts along: no rate is below 0. */
export function ratesBetween(before: Totals, after: Totals): Rates | undefined {
  const ms = after.atMs - before.atMs;
  if (!(ms > 0)) return undefined;
  const grown = (name: "sentBytes" | "sentFrames" | "receivedBytes" | "decodedFrames") =>
    Math.max(0, after[name] - before[name]);
  const count = (name: "receivedPackets" | "lostPackets" | "freezes") =>
    Math.max(0, after[name] - before[name]);
  return {
    sentKbps: grown("sentBytes") * 8 / ms,
    receivedKbps: grown("receivedBytes") * 8 / ms,
    sentFps: after.sendsVideo ? grown("sentFrames") * 1_000 / ms : undefined,
    receivedFps: after.videoStreams === 0
      ? undefined
      : grown("decodedFrames") * 1_000 / ms / after.videoStreams,
    receivedPackets: count("receivedPackets"),
    lostPackets: count("lostPackets"),
    freezes: count("freezes"),
  };
}

/** The value below which a share of the sorted values lies (nearest rank); undefined without values. */
export function percentile(values: readonly number[], share: number): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))];
}

/** The mean; undefined without values. */
export function mean(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
