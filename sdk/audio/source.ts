/**
 * Audio to send.
 *
 * @module
 */

import { checkInteger, checkNumber, checkObject, type Unchecked } from "../../base/checks.ts";
import { kindOf } from "../../base/json.ts";
import {
  AudioPace,
  audioWritable,
  type SoraAudioChunk,
  type SoraAudioWritableOptions,
} from "./writable.ts";
import { MAX_CAPTURE_TIME_MS } from "./frame.ts";
import { native, type NativeHandle } from "../native/handle.ts";
import { SoraTrackInterface } from "../track/track.ts";
import { Writables } from "../streams/writables.ts";

/** What a {@link SoraAudioSource} hands to the encoder. */
export interface SoraAudioSourceOptions {
  /**
   * 1 or 2. Two go to the encoder as they are, but the far side hears mono, both mixed, unless stereo was asked for: by the
   * sender with `audioOpusParams: { stereo: true, sprop_stereo: true }` of its connection, which is what the server offers, and
   * by each receiver that is to hear it likewise.
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
  /** When its first sample was taken, in microseconds on any monotonic clock, 0 to 2^53 - 1. */
  readonly timestampUs?: number | undefined;
  /**
   * When its first sample was captured, in milliseconds since 1970. Receivers are told just that (RTP extension
   * abs-capture-time); without it, what follows from `timestampUs` or from the time of the call.
   */
  readonly absoluteCaptureTimestampMs?: number | undefined;
  /** Its sample rate, 8,000 to 192,000 Hz, a multiple of 25. Default: that of the source. */
  readonly sampleRate?: number | undefined;
  /**
   * Its channels, 1 to 8, in WAVE's order: left, right, centre, low frequency, surround (5.1 and 7.1). More than two are mixed
   * down as ITU-R BS.775 says, turned down so far that nothing clips. Default: those of the source.
   */
  readonly channels?: number | undefined;
}

const MAX_RATE = 48_000;
const RATE_STEP = 25;
/** libwebrtc takes audio in blocks of 10 ms. */
const BLOCKS_PER_SECOND = 100;
const UNKNOWN_TIME = -1;
const NO_OPTIONS: SoraAudioDataOptions = {};
const DATA_OPTIONS = [
  "timestampUs",
  "absoluteCaptureTimestampMs",
  "sampleRate",
  "channels",
] as const;

function checkSampleRate(value: unknown, path: string, max: number): number {
  const rate = checkInteger(value, path, 8_000, max);
  if (rate % RATE_STEP !== 0) {
    throw new TypeError(`${path} must be a multiple of ${RATE_STEP} Hz, not ${rate}`);
  }
  return rate;
}

/** Checks the options of a source. */
export function checkAudioSourceOptions(value: unknown): SoraAudioSourceOptions {
  const members = ["channels", "sampleRate"] as const;
  const from: Unchecked = checkObject(value, "options", members, members);
  return {
    channels: checkInteger(from["channels"], "options.channels", 1, 2),
    sampleRate: checkSampleRate(from["sampleRate"], "options.sampleRate", MAX_RATE),
  };
}

/** The rate at which libwebrtc takes the audio of a source: that of the source, or one that 10 ms have whole samples of. */
export function encoderRate(sampleRate: number): number {
  for (let rate = sampleRate; rate <= MAX_RATE; rate *= 2) {
    if (rate % BLOCKS_PER_SECOND === 0) return rate;
  }
  return MAX_RATE;
}

/** Audio that this side sends. Made by `Sora.createAudioSource()`; one source may be sent over several connections. */
export class SoraAudioSource extends SoraTrackInterface implements Disposable {
  /** Sample rate in Hz of what {@link onData} gets, unless it says otherwise. */
  readonly sampleRate: number;
  /** Channels that the encoder gets. */
  readonly channels: number;

  readonly #pace = new AudioPace();
  readonly #writables = new Writables<SoraAudioChunk>((ended) =>
    audioWritable(this, {}, this.#pace, ended)
  );
  #dropped = 0;

  /** @internal */
  constructor(options: SoraAudioSourceOptions, handle: NativeHandle) {
    super("audio", handle.trackId(), handle);
    this.sampleRate = options.sampleRate;
    this.channels = options.channels;
  }

  /**
   * Frames (one sample of each channel) that were lost because they were given faster than they could be sent: at most 2 s
   * wait.
   */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * Sends audio: interleaved samples, any number of them. They are copied, and on a thread of the source's resampled, remixed
   * to its format and cut into slices of 10 ms; what does not fill a slice waits for the next call. They are sent as they are
   * given, not paced: {@link createWritable} paces. When no more comes in time (within 30 ms, or as late as it came before, at
   * most 100 ms), 0.4 s of silence follow, because receivers would make something up. Of more than 2 s that wait to be sent, the rest is lost and counted by
   * {@link dropped}.
   *
   * @param data 16-bit samples, or samples from -1 to 1.
   * @throws {TypeError} If an option or the kind of `data` is wrong.
   * @throws {RangeError} If the samples are not a multiple of the channels.
   * @throws {SoraError} `CLOSED` after {@link close}; `LIMIT_EXCEEDED`, with nothing taken, when the system has no thread left.
   */
  onData(
    data: Int16Array | Float32Array,
    options: SoraAudioDataOptions = NO_OPTIONS,
  ): void {
    let { sampleRate, channels } = this;
    let timestampUs = UNKNOWN_TIME;
    let captureTimeMs = UNKNOWN_TIME;
    if (options !== NO_OPTIONS) {
      checkObject(options, "options", DATA_OPTIONS);
      if (options.sampleRate !== undefined) {
        sampleRate = checkSampleRate(options.sampleRate, "options.sampleRate", 192_000);
      }
      if (options.channels !== undefined) {
        channels = checkInteger(options.channels, "options.channels", 1, 8);
      }
      if (options.timestampUs !== undefined) {
        timestampUs = checkNumber(
          options.timestampUs,
          "options.timestampUs",
          0,
          Number.MAX_SAFE_INTEGER,
        );
      }
      if (options.absoluteCaptureTimestampMs !== undefined) {
        captureTimeMs = checkNumber(
          options.absoluteCaptureTimestampMs,
          "options.absoluteCaptureTimestampMs",
          0,
          MAX_CAPTURE_TIME_MS,
        );
      }
    }
    const floats = !(data instanceof Int16Array);
    if (floats && !(data instanceof Float32Array)) {
      throw new TypeError(`data must be an Int16Array or a Float32Array, not ${kindOf(data)}`);
    }
    if (data.length % channels !== 0) {
      throw new RangeError(
        `data has ${data.length} samples (${data.byteLength} bytes), which is not a multiple of ` +
          `${channels} channels`,
      );
    }
    const handle = this[native];
    const { functions } = handle;
    const frames = data.length / channels;
    this.#dropped += handle.unwrap(
      floats
        ? functions.sora_audio_source_push_f32(
          handle.value,
          data,
          frames,
          sampleRate,
          channels,
          timestampUs,
          captureTimeMs,
        )
        : functions.sora_audio_source_push(
          handle.value,
          data,
          frames,
          sampleRate,
          channels,
          timestampUs,
          captureTimeMs,
        ),
    );
  }

  /**
   * A stream with the defaults of {@link createWritable}: the same until it is closed, aborted or broken by a wrong chunk, then
   * a new one, which goes on where the one before ended. So one clip after the other may be piped to it.
   */
  get writable(): WritableStream<SoraAudioChunk> {
    return this.#writables.present;
  }

  /**
   * Makes a stream (WHATWG Streams) that sends what is written in real time, in slices of 10 ms, however fast it is written:
   * the writer is asked to wait when enough is queued. Closing or aborting it leaves the source open.
   *
   * @throws {TypeError} If an option is wrong.
   */
  createWritable(options: SoraAudioWritableOptions = {}): WritableStream<SoraAudioChunk> {
    return audioWritable(this, options);
  }

  /** Ends the source; connections that send it go on with silence. Idempotent. */
  close(): void {
    const value = this[native].take();
    if (value !== 0) this[native].functions.sora_audio_source_close(value);
  }

  /** As {@link close}. */
  [Symbol.dispose](): void {
    this.close();
  }
}
