/**
 * The figures, computed after the run from what sender and receiver recorded.
 *
 * @module
 */

import process from "node:process";
import type { SoraStats, SoraStatsOf } from "../mod.ts";
import { audioCorrelation } from "./correlation.ts";
import type { Exchange } from "./exchange.ts";
import type { Figures } from "./figures.ts";
import { SAMPLE_RATE } from "./media.ts";
import { Problem } from "./problem.ts";
import { psnr } from "./psnr.ts";
import type { Receiver } from "./receiver.ts";
import type { AudioRecording, FrameRecording } from "./recording.ts";
import type { Sender } from "./sender.ts";
import { mean, percentile } from "./statistics.ts";

/** Everything that the run recorded. */
export interface Records {
  /** The frames and the audio that were sent, and when. */
  readonly sender: Sender;
  /** When each frame was received. */
  readonly receiver: Receiver;
  /** The received frames. */
  readonly video: FrameRecording;
  /** The received audio. */
  readonly audio: AudioRecording;
  /** Times and statistics of the run. */
  readonly exchange: Exchange;
}

function videoOf<T extends "inbound-rtp" | "outbound-rtp">(
  stats: readonly SoraStats[],
  type: T,
): SoraStatsOf<T> | undefined {
  return stats.find((one): one is SoraStatsOf<T> =>
    one.type === type && "kind" in one && one.kind === "video"
  );
}

function codecName(stats: readonly SoraStats[], id: string | undefined): string {
  const codec = stats.find((one) => one.type === "codec" && one.id === id);
  return codec?.type === "codec" ? codec.mimeType.replace(/^video\//, "") : "unknown";
}

function meanPsnr(sender: Sender, receiver: Receiver, video: FrameRecording): number {
  const sent = new Uint8Array(video.frameBytes);
  const received = new Uint8Array(video.frameBytes);
  const values: number[] = [];
  for (const number of receiver.receivedMs.keys()) {
    sender.frame(number, sent);
    video.read(number, received);
    values.push(psnr(sent, received));
  }
  return mean(values);
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

/**
 * Computes the figures.
 *
 * @throws {Problem} No frame was received whose number is readable.
 */
export function measure({ sender, receiver, video, audio, exchange }: Records): Figures {
  const { firstMs } = receiver;
  if (firstMs === undefined || receiver.receivedMs.size === 0) {
    throw new Problem(
      `The number drawn into a frame must be readable, and in none of the ${receiver.unreadable} frames that arrived it is: ` +
        "raise --bit-rate, or try another --codec",
    );
  }
  const latencies: number[] = [];
  for (const [number, receivedMs] of receiver.receivedMs) {
    latencies.push(receivedMs - (sender.sentMs(number) ?? NaN));
  }
  const receivingMs = receiver.lastMs - firstMs;
  const correlation = audioCorrelation(sender.audio(firstMs), audio.since(firstMs), {
    sampleRate: SAMPLE_RATE,
  });
  const inbound = videoOf(exchange.receiverStats, "inbound-rtp");
  const outbound = videoOf(exchange.senderStats, "outbound-rtp");
  return {
    runtime: "bun" in process.versions ? "bun" : "deno",
    framesSent: sender.frames - video.first,
    framesReceived: receiver.receivedMs.size,
    fps: round((receiver.receivedMs.size - 1) / receivingMs * 1_000, 2),
    latencyMsP50: round(percentile(latencies, 50), 1),
    latencyMsP95: round(percentile(latencies, 95), 1),
    psnrDb: round(meanPsnr(sender, receiver, video), 2),
    audioCorrelation: correlation === undefined ? null : round(correlation, 3),
    connectMs: round(exchange.connectMs, 1),
    firstFrameMs: round(exchange.firstFrameMs, 1),
    bitRateKbps: round((inbound?.bytesReceived ?? 0) * 8 / receivingMs, 0),
    codec: codecName(exchange.receiverStats, inbound?.codecId),
    encoderImplementation: outbound?.encoderImplementation ?? "unknown",
    decoderImplementation: inbound?.decoderImplementation ?? "unknown",
  };
}
