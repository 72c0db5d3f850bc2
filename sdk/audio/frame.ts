/**
 * Ten milliseconds of audio.
 *
 * @module
 */

import { checkInteger, checkNumber, checkObject, wrongType } from "../../base/checks.ts";

/** The properties of a {@link SoraAudioFrame}, which its structured clone has as well. */
export interface SoraAudioFrameInit {
  /** Interleaved samples. */
  readonly samples: Int16Array;
  /** Sample rate in Hz. */
  readonly sampleRateHz: number;
  /** Number of channels. */
  readonly numChannels: number;
  /** Samples per channel; follows from `samples`. */
  readonly samplesPerChannel?: number | undefined;
  /** When the sender captured the first sample, in milliseconds since 1970, if known. */
  readonly absoluteCaptureTimestampMs?: number | undefined;
}

/** The latest capture time: beyond it, microseconds are not safe integers. */
export const MAX_CAPTURE_TIME_MS = Math.floor(Number.MAX_SAFE_INTEGER / 1_000);

const REQUIRED = ["samples", "sampleRateHz", "numChannels"] as const;
const MEMBERS = [...REQUIRED, "samplesPerChannel", "absoluteCaptureTimestampMs"] as const;

/**
 * Ten milliseconds of audio. A structured clone (`postMessage`) keeps its properties; `new SoraAudioFrame(clone)` makes a frame
 * of it again.
 *
 * @example
 * ```ts
 * import { SoraAudioFrame } from "sora-ffi";
 *
 * const frame = new SoraAudioFrame({
 *   samples: new Int16Array(2 * 480), // left, right, left, …
 *   samplesPerChannel: 480,
 *   numChannels: 2,
 *   sampleRateHz: 48_000,
 * });
 * const { port1, port2 } = new MessageChannel();
 * port2.onmessage = ({ data }) => {
 *   const received = new SoraAudioFrame(data);
 *   console.log(received.samplesPerChannel, received.data().length); // 480 960
 *   port1.close();
 *   port2.close();
 * };
 * port1.postMessage(frame);
 * ```
 */
export class SoraAudioFrame implements SoraAudioFrameInit {
  /** Interleaved samples. */
  readonly samples: Int16Array<ArrayBuffer>;
  /** Samples per channel. */
  readonly samplesPerChannel: number;
  /** Number of channels. */
  readonly numChannels: number;
  /** Sample rate in Hz. */
  readonly sampleRateHz: number;
  /** When the sender captured the first sample, in milliseconds since 1970 (RTP extension abs-capture-time), if known. */
  readonly absoluteCaptureTimestampMs: number | undefined;

  /**
   * Makes a frame, from a structured clone for instance. The samples are not copied, unless they are in shared memory.
   *
   * @throws {TypeError} If a property is wrong.
   * @throws {RangeError} If a number is outside its limits.
   * @throws {RangeError} If the samples are not a multiple of the channels.
   */
  constructor(init: SoraAudioFrameInit) {
    checkObject(init, "init", MEMBERS, REQUIRED);
    const { samples, absoluteCaptureTimestampMs: time } = init;
    if (!(samples instanceof Int16Array)) {
      throw wrongType("init.samples", "an Int16Array", samples);
    }
    this.numChannels = checkInteger(init.numChannels, "init.numChannels", 1, 8);
    this.sampleRateHz = checkInteger(init.sampleRateHz, "init.sampleRateHz", 8_000, 192_000);
    // A frame does not change, and not everything accepts shared memory.
    this.samples = samples.buffer instanceof ArrayBuffer
      ? samples as Int16Array<ArrayBuffer>
      : samples.slice();
    this.samplesPerChannel = samplesPerChannel(samples.length, this.numChannels, "init.samples");
    this.absoluteCaptureTimestampMs = time === undefined
      ? undefined
      : checkNumber(time, "init.absoluteCaptureTimestampMs", 0, MAX_CAPTURE_TIME_MS);
  }

  /** Interleaved samples: {@link samplesPerChannel} x {@link numChannels}. Not a copy. */
  data(): Int16Array<ArrayBuffer> {
    return this.samples;
  }
}

/**
 * The samples per channel of interleaved samples.
 *
 * @throws {RangeError} If the samples are not a multiple of the channels.
 */
export function samplesPerChannel(samples: number, channels: number, path: string): number {
  if (samples % channels === 0) return samples / channels;
  throw new RangeError(
    `${path} must have a multiple of ${channels} samples, as there are ${channels} channels, not ${samples}`,
  );
}
