/**
 * The demo's figures, and what they have to reach.
 *
 * @module
 */

/** What `out/demo.json` holds. */
export interface Figures {
  /** `deno` or `bun`. */
  readonly runtime: string;
  /** Frames sent after the first key frame: from the first frame that was received on. */
  readonly framesSent: number;
  /** Distinct ones of these that were received. */
  readonly framesReceived: number;
  /** Received frames in a second. */
  readonly fps: number;
  /** From `onCaptured()` to `onFrame`, in milliseconds: half of the frames were faster. */
  readonly latencyMsP50: number;
  /** From `onCaptured()` to `onFrame`, in milliseconds: 95 % of the frames were faster. */
  readonly latencyMsP95: number;
  /** Mean over the received frames of their PSNR (Y, U and V together) against what was sent, in dB. */
  readonly psnrDb: number;
  /**
   * Normalized cross-correlation of the sound: median over the windows of one second that arrived, times their share of all;
   * `null` when the sound that was sent is silent.
   */
  readonly audioCorrelation: number | null;
  /** How long the receiver's `connect()` took. */
  readonly connectMs: number;
  /** From the receiver's call of `connect()` to its first decoded frame. */
  readonly firstFrameMs: number;
  /** Received video, without the headers of its packets. */
  readonly bitRateKbps: number;
  /** Video codec. */
  readonly codec: string;
  /** What encoded the video. */
  readonly encoderImplementation: string;
  /** What decoded the video. */
  readonly decoderImplementation: string;
}

/** A figure that has to reach something. */
export interface Judgement {
  /** What was measured, for people. */
  readonly name: string;
  /** What was measured. */
  readonly value: string;
  /** What it has to reach; empty when there is no such thing. */
  readonly limit: string;
  /** Whether it does. */
  readonly ok: boolean;
}

function row(name: string, value: string, limit = "", ok = true): Judgement {
  return { name, value, limit, ok };
}

/** Compares the figures with what they have to reach, in the order of the table that people see. */
export function judge(figures: Figures): Judgement[] {
  const { framesSent, framesReceived, audioCorrelation } = figures;
  const share = framesReceived / framesSent * 100;
  const { codec, encoderImplementation, decoderImplementation } = figures;
  return [
    row("Frames sent", String(framesSent)),
    row("Frames received", `${framesReceived} (${share.toFixed(1)} %)`, "≥ 97 %", share >= 97),
    row("Frame rate", `${figures.fps.toFixed(2)} fps`, "≥ 29 fps", figures.fps >= 29),
    row(
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
    row("Bit rate of video", `${figures.bitRateKbps.toFixed(0)} kbps`),
    row(
      "Codec",
      `${codec}, encoded by ${encoderImplementation}, decoded by ${decoderImplementation}`,
    ),
    row("Receiver's connect()", `${figures.connectMs.toFixed(1)} ms`),
    row("First frame after", `${figures.firstFrameMs.toFixed(1)} ms`),
  ];
}

/** A sentence on the figures that missed; empty when all hold. */
export function misses(judgements: readonly Judgement[]): string {
  return judgements.filter(({ ok }) => !ok)
    .map(({ name, value, limit }) => `${name} is ${value}, which is not ${limit}`).join("; ");
}
