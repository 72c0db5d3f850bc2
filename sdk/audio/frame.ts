/**
 * Ten milliseconds of audio.
 *
 * @module
 */

import { checkInteger, checkNumber, checkObject } from "../../base/checks.ts";
import { kindOf } from "../../base/json.ts";

/** What a {@link SoraAudioFrame} is made of: also what its structured clone has. */
export interface SoraAudioFrameInit {
  /** Interleaved samples. */
  readonly samples: Int16Array;
  /** Sample rate in Hz. */
  readonly sampleRateHz: number;
  /** Channels. */
  readonly numChannels: number;
  /** Samples of each channel. Follows from `samples`. */
  readonly samplesPerChannel?: number | undefined;
  /** When the sender captured the first sample, in milliseconds since 1970, if that is known. */
  readonly absoluteCaptureTimestampMs?: number | undefined;
}

/** The largest time of capture: microseconds beyond are no safe integer. */
export const MAX_CAPTURE_TIME_MS = Math.floor(Number.MAX_SAFE_INTEGER / 1_000);

const REQUIRED = ["samples", "sampleRateHz", "numChannels"] as const;
const MEMBERS = [...REQUIRED, "samplesPerChannel", "absoluteCaptureTimestampMs"] as const;

/**
 * Ten milliseconds of audio. A structured clone (`postMessage`) keeps all that it has; `new SoraAudioFrame(clone)` makes a
 * frame of it again.
 */
export class SoraAudioFrame implements SoraAudioFrameInit {
  /** Interleaved samples. */
  readonly samples: Int16Array<ArrayBuffer>;
  /** Samples of each channel. */
  readonly samplesPerChannel: number;
  /** Channels. */
  readonly numChannels: number;
  /** Sample rate in Hz. */
  readonly sampleRateHz: number;
  /** When the sender captured the first sample, in milliseconds since 1970 (RTP extension abs-capture-time), if known. */
  readonly absoluteCaptureTimestampMs: number | undefined;

  /**
   * Makes a frame, of a structured clone for instance. The samples are not copied, unless they are in shared memory.
   *
   * @throws {TypeError} If a member is wrong.
   * @throws {RangeError} If the samples are not a multiple of the channels.
   */
  constructor(init: SoraAudioFrameInit) {
    checkObject(init, "init", MEMBERS, REQUIRED);
    const { samples, absoluteCaptureTimestampMs: time } = init;
    if (!(samples instanceof Int16Array)) {
      throw new TypeError(`init.samples must be an Int16Array, not ${kindOf(samples)}`);
    }
    this.numChannels = checkInteger(init.numChannels, "init.numChannels", 1, 8);
    this.sampleRateHz = checkInteger(init.sampleRateHz, "init.sampleRateHz", 8_000, 192_000);
    if (samples.length % this.numChannels !== 0) {
      throw new RangeError(
        `init.samples has ${samples.length} samples, which is not a multiple of ` +
          `${this.numChannels} channels`,
      );
    }
    // What others may change meanwhile is no frame; and not everything takes shared memory.
    this.samples = samples.buffer instanceof ArrayBuffer
      ? samples as Int16Array<ArrayBuffer>
      : samples.slice();
    this.samplesPerChannel = samples.length / this.numChannels;
    this.absoluteCaptureTimestampMs = time === undefined
      ? undefined
      : checkNumber(time, "init.absoluteCaptureTimestampMs", 0, MAX_CAPTURE_TIME_MS);
  }

  /** Interleaved samples: {@link samplesPerChannel} x {@link numChannels}. Not a copy. */
  data(): Int16Array<ArrayBuffer> {
    return this.samples;
  }
}
