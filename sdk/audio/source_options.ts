/**
 * Formats of audio to send.
 *
 * @module
 */

import { checkInteger, checkObject, outOfRange, type Unchecked } from "../../base/checks.ts";

/** Options of `Sora.createAudioSource()`: what the source passes to the encoder. */
export interface SoraAudioSourceOptions {
  /**
   * 1 or 2. Two reach the encoder unmodified, and receivers, too, where the server offers both sides stereo (`stereo=1`), as Sora
   * does. With `audioOpusParams: { stereo: false, sprop_stereo: false }` of its connection a sender encodes mono, both channels
   * mixed, and a receiver gets that.
   */
  readonly channels: number;
  /**
   * 8,000 to 48,000 Hz, a multiple of 25. Encoders take multiples of 100; what is in between, 11,025 and 22,050 for instance, is
   * resampled to one first.
   */
  readonly sampleRate: number;
}

/** What is known about a piece of audio. */
export interface SoraAudioDataOptions {
  /** When its first sample was captured, in microseconds on any monotonic clock, 0 to 2^53 - 1. */
  readonly timestampUs?: number | undefined;
  /**
   * When its first sample was captured, in milliseconds since 1970. Receivers get exactly that (RTP extension
   * abs-capture-time); without it, what follows from `timestampUs` or from the time of the call.
   */
  readonly absoluteCaptureTimestampMs?: number | undefined;
  /** Its sample rate, 8,000 to 192,000 Hz, a multiple of 25. Default: that of the source. */
  readonly sampleRate?: number | undefined;
  /**
   * Its channels, 1 to 8, in WAVE's order: left, right, centre, low frequency, surround (5.1 and 7.1). More than two are mixed
   * down by ITU-R BS.775, attenuated so far that nothing clips. Default: those of the source.
   */
  readonly channels?: number | undefined;
}

/** The highest sample rate of an encoder, in Hz. */
const MAX_ENCODER_RATE = 48_000;
const MAX_DATA_RATE = 192_000;
const RATE_STEP = 25;
/** libwebrtc takes audio in blocks of 10 ms. */
const BLOCKS_PER_SECOND = 100;
/** Stands for a time that is not known. */
export const UNKNOWN_TIME = -1;
/** No options at all. */
export const NO_OPTIONS: SoraAudioDataOptions = {};
/** The members of {@link SoraAudioDataOptions}. */
export const DATA_OPTIONS = [
  "timestampUs",
  "absoluteCaptureTimestampMs",
  "sampleRate",
  "channels",
] as const;

/** Checks a sample rate of audio that may be resampled. */
export function checkSampleRate(value: unknown, path: string, max = MAX_DATA_RATE): number {
  const rate = checkInteger(value, path, 8_000, max);
  if (rate % RATE_STEP !== 0) throw outOfRange(path, `a multiple of ${RATE_STEP} Hz`, rate);
  return rate;
}

/** Checks a number of channels of audio that may be remixed. */
export function checkChannels(value: unknown, path: string): number {
  return checkInteger(value, path, 1, 8);
}

/** Checks the options of a source. */
export function checkAudioSourceOptions(value: unknown): SoraAudioSourceOptions {
  const members = ["channels", "sampleRate"] as const;
  const from: Unchecked = checkObject(value, "options", members, members);
  return {
    channels: checkInteger(from["channels"], "options.channels", 1, 2),
    sampleRate: checkSampleRate(from["sampleRate"], "options.sampleRate", MAX_ENCODER_RATE),
  };
}

/** The rate at which libwebrtc takes a source's audio: that of the source, or a multiple with whole samples in 10 ms. */
export function encoderRate(sampleRate: number): number {
  for (let rate = sampleRate; rate <= MAX_ENCODER_RATE; rate *= 2) {
    if (rate % BLOCKS_PER_SECOND === 0) return rate;
  }
  return MAX_ENCODER_RATE;
}
