/**
 * The demo's figures and their limits.
 *
 * @module
 */

/** The contents of `out/demo.json`. */
export interface Figures {
  /** `deno` or `bun`. */
  readonly runtime: string;
  /** Frames sent, counted from the first one that was received. */
  readonly framesSent: number;
  /** Those of them that were received, each counted once. */
  readonly framesReceived: number;
  /** Received frames per second. */
  readonly fps: number;
  /** Median from `onCaptured()` to `onFrame`, in milliseconds. */
  readonly latencyMsP50: number;
  /** 95th percentile from `onCaptured()` to `onFrame`, in milliseconds. */
  readonly latencyMsP95: number;
  /** Mean PSNR of the received frames (Y, U and V together) against those sent, in dB. */
  readonly psnrDb: number;
  /**
   * Normalized cross-correlation of the audio: the median over the windows of one second that arrived, times their share of all;
   * `null` when the sent audio is silent.
   */
  readonly audioCorrelation: number | null;
  /** How long the receiver's `connect()` took, in milliseconds. */
  readonly connectMs: number;
  /** From the receiver's call of `connect()` to its first decoded frame, in milliseconds. */
  readonly firstFrameMs: number;
  /** Bit rate of the received video without packet headers, in kbps. */
  readonly bitRateKbps: number;
  /** Video codec. */
  readonly codec: string;
  /** The encoder of the video. */
  readonly encoderImplementation: string;
  /** The decoder of the video. */
  readonly decoderImplementation: string;
}

/** A figure held against its limit. */
export interface Judgement {
  /** Name of the figure, for people. */
  readonly name: string;
  /** The figure with its unit. */
  readonly value: string;
  /** Its limit; empty when it has none. */
  readonly limit: string;
  /** Whether the limit is kept. */
  readonly ok: boolean;
  /** Whether a machine that is too slow misses it. */
  readonly ofSpeed: boolean;
}

function row(name: string, value: string, limit = "", ok = true): Judgement {
  return { name, value, limit, ok, ofSpeed: false };
}

function speed(name: string, value: string, limit: string, ok: boolean): Judgement {
  return { name, value, limit, ok, ofSpeed: true };
}

/** Holds the figures against their limits, in the order of the table. */
export function judge(figures: Figures): Judgement[] {
  const { framesSent, framesReceived, audioCorrelation } = figures;
  const share = framesReceived / framesSent * 100;
  const { codec, encoderImplementation, decoderImplementation } = figures;
  return [
    row("Frames sent", String(framesSent)),
    speed("Frames received", `${framesReceived} (${share.toFixed(1)} %)`, "≥ 97 %", share >= 97),
    speed("Frame rate", `${figures.fps.toFixed(2)} fps`, "≥ 29 fps", figures.fps >= 29),
    speed(
      "Latency p50",
      `${figures.latencyMsP50.toFixed(1)} ms`,
      "≤ 60 ms",
      figures.latencyMsP50 <= 60,
    ),
    row("Latency p95", `${figures.latencyMsP95.toFixed(1)} ms`),
    row("PSNR", `${figures.psnrDb.toFixed(1)} dB`, "≥ 30 dB", figures.psnrDb >= 30),
    row(
      "Audio correlation",
      audioCorrelation === null ? "silent" : audioCorrelation.toFixed(3),
      "≥ 0.8",
      audioCorrelation === null || audioCorrelation >= 0.8,
    ),
    row("Video bit rate", `${figures.bitRateKbps.toFixed(0)} kbps`),
    row(
      "Codec",
      `${codec}, encoded by ${encoderImplementation}, decoded by ${decoderImplementation}`,
    ),
    row("Receiver's connect()", `${figures.connectMs.toFixed(1)} ms`),
    row("First frame after connect()", `${figures.firstFrameMs.toFixed(1)} ms`),
  ];
}

/** A sentence on the figures that miss their limits; empty when none does. */
export function misses(judgements: readonly Judgement[]): string {
  return judgements.filter(({ ok }) => !ok)
    .map(({ name, value, limit }) => `${name} must be ${limit}, not ${value}`).join("; ");
}

/** Whether limits are missed, and only those that a machine misses when it is too slow or too busy. */
export function isTooSlow(judgements: readonly Judgement[]): boolean {
  const missed = judgements.filter(({ ok }) => !ok);
  return missed.length > 0 && missed.every(({ ofSpeed }) => ofSpeed);
}
