/**
 * Voice activity detection.
 *
 * @module
 */

import { openRealm } from "../ffi/mod.ts";
import { checkNonEmptyString, checkObject, optional, wrongType } from "../base/checks.ts";
import { samplesPerChannel, SoraAudioFrame } from "./audio/frame.ts";
import { checkChannels, checkSampleRate } from "./audio/source_options.ts";
import { native, NativeHandle } from "./native/handle.ts";

/** Options of a {@link SoraVAD}. */
export interface SoraVADOptions {
  /** The path of the native library, as in `SoraOptions`. */
  readonly library?: string | undefined;
}

/** The format of samples that are not in a {@link SoraAudioFrame}. */
export interface SoraVADFormat {
  /** Sample rate, 8,000 to 192,000 Hz, a multiple of 25. */
  readonly sampleRate: number;
  /** Channels, 1 to 8. Default: 1. */
  readonly channels?: number | undefined;
}

const probability = new Float64Array(1);

/**
 * Detects voice with libwebrtc's recurrent neural network (its RNN VAD, at 24 kHz in one channel). It has state: use one detector
 * for each stream of audio. libwebrtc's own threshold is 0.95.
 *
 * The network alone takes a steady tone for a sustained voice. So a single sine over 20 ms, as pure as one is after a voice codec,
 * counts as no voice here until most of the audio is something else. So do the first 40 ms after silence or such a tone, which
 * cannot be distinguished from one yet, and the first 160 ms of all: a decoder that joins in the middle of a tone makes it impure
 * for that long. A tone under noise is left to the network.
 *
 * @example
 * ```ts
 * import { SoraVAD } from "sora-ffi";
 *
 * using vad = new SoraVAD();
 * const silence = new Int16Array(16_000); // a second
 * const probability = vad.analyze(silence, { sampleRate: 16_000, channels: 1 });
 * console.log(probability < 0.95); // true
 * ```
 */
export class SoraVAD implements Disposable {
  /** @internal */
  readonly [native]: NativeHandle;

  /**
   * Makes a detector.
   *
   * @throws {SoraError} `LIBRARY_NOT_FOUND`, `ABI_MISMATCH`, `UNSUPPORTED`: the native library cannot be used.
   */
  constructor(options: SoraVADOptions = {}) {
    const { library } = optional(
      checkObject(options, "options", ["library"]),
      "library",
      "options",
      (v, p) => checkNonEmptyString(v, p),
    );
    this[native] = NativeHandle.create(
      openRealm(library),
      "The VAD",
      (functions, out) => functions.sora_vad_create(out),
    );
    forgotten.register(this, this[native], this);
  }

  /**
   * Analyses audio of any length, resampled as needed; what does not fill a block of 10 ms waits for the next call.
   *
   * @param audio A frame, or interleaved samples in the given format.
   * @returns The probability of voice, 0 to 1, in the last complete block of 10 ms; 0 before the first.
   * @throws {TypeError} If an argument is wrong.
   * @throws {RangeError} If a number is outside its limits, or the samples are not a multiple of the channels.
   * @throws {SoraError} `CLOSED` after {@link close}.
   */
  analyze(audio: SoraAudioFrame): number;
  /** As above, for samples in any format. */
  analyze(audio: Int16Array, format: SoraVADFormat): number;
  analyze(audio: SoraAudioFrame | Int16Array, format?: SoraVADFormat): number {
    if (audio instanceof SoraAudioFrame) {
      return this.#analyze(audio.samples, audio.sampleRateHz, audio.numChannels);
    }
    if (!(audio instanceof Int16Array)) {
      throw wrongType("audio", "a SoraAudioFrame or an Int16Array", audio);
    }
    const from = checkObject(format, "format", ["sampleRate", "channels"], ["sampleRate"]);
    const sampleRate = checkSampleRate(from["sampleRate"], "format.sampleRate");
    const { channels = 1 } = optional(from, "channels", "format", checkChannels);
    return this.#analyze(audio, sampleRate, channels);
  }

  #analyze(samples: Int16Array, sampleRate: number, channels: number): number {
    const handle = this[native];
    handle.unwrap(
      handle.functions.sora_vad_analyze(
        handle.value,
        samples,
        samplesPerChannel(samples.length, channels, "audio"),
        sampleRate,
        channels,
        probability,
      ),
    );
    return probability[0] ?? 0;
  }

  /** Ends it. Idempotent. */
  close(): void {
    forgotten.unregister(this);
    release(this[native]);
  }

  /** As {@link close}. */
  [Symbol.dispose](): void {
    this.close();
  }
}

function release(handle: NativeHandle): void {
  const value = handle.take();
  if (value !== 0) handle.functions.sora_vad_close(value);
}

const forgotten = new FinalizationRegistry<NativeHandle>(release);
