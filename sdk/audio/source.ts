/**
 * Audio to send.
 *
 * @module
 */

import { checkNumber, checkObject, wrongType } from "../../base/checks.ts";
import { native, type NativeHandle } from "../native/handle.ts";
import { Writables } from "../streams/writables.ts";
import { SoraSource } from "../track/source.ts";
import { MAX_CAPTURE_TIME_MS, samplesPerChannel } from "./frame.ts";
import {
  checkChannels,
  checkSampleRate,
  DATA_OPTIONS,
  NO_OPTIONS,
  type SoraAudioDataOptions,
  type SoraAudioSourceOptions,
  UNKNOWN_TIME,
} from "./source_options.ts";
import {
  AudioPace,
  audioWritable,
  type SoraAudioChunk,
  type SoraAudioWritableOptions,
} from "./writable.ts";

/**
 * Audio that this side sends. Made by `Sora.createAudioSource()`; one source may be sent over several connections.
 *
 * @example
 * ```ts
 * import { Sora } from "sora-ffi";
 * import { SoraServer } from "sora-ffi/sfu";
 *
 * await using server = await SoraServer.start({ port: 0 });
 * await using sora = new Sora();
 * const source = sora.createAudioSource({ channels: 1, sampleRate: 16_000 });
 * await using connection = sora.createConnection({
 *   signalingUrls: [server.url],
 *   channelId: "room",
 *   role: "sendonly",
 *   video: false,
 *   audioSource: source,
 * });
 * await connection.connect();
 * const second = new Float32Array(16_000);
 * for (let at = 0; at < second.length; at++) {
 *   second[at] = 0.3 * Math.sin(2 * Math.PI * 440 * at / 16_000);
 * }
 * source.onData(second); // at once; `createWritable()` keeps to real time
 * console.log(source.dropped); // 0
 * ```
 */
export class SoraAudioSource extends SoraSource {
  /** Sample rate in Hz of the audio given to {@link onData}, unless its options name another. */
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
    super("audio", handle, (functions, source) => functions.sora_audio_source_close(source));
    this.sampleRate = options.sampleRate;
    this.channels = options.channels;
  }

  /**
   * Samples per channel that were lost because they were given faster than they could be sent: at most 2 s wait.
   */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * Sends audio: any number of interleaved samples. They are copied; a thread of the source resamples and remixes them to its
   * format and cuts them into blocks of 10 ms. What does not fill a block waits for the next call. Samples are sent as they are
   * given, not paced: {@link createWritable} paces. When no more come in time (within 30 ms, or as late as they came before, at
   * most 100 ms), 0.4 s of silence follow, because receivers would otherwise make something up. When more than 2 s wait to be
   * sent, the rest is lost and counted by {@link dropped}.
   *
   * @param data 16-bit samples, or samples from -1 to 1.
   * @throws {TypeError} If an option or the kind of `data` is wrong.
   * @throws {RangeError} If a number is outside its limits, or the samples are not a multiple of the channels.
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
        sampleRate = checkSampleRate(options.sampleRate, "options.sampleRate");
      }
      if (options.channels !== undefined) {
        channels = checkChannels(options.channels, "options.channels");
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
      throw wrongType("data", "an Int16Array or a Float32Array", data);
    }
    const handle = this[native];
    const { functions } = handle;
    const samples = samplesPerChannel(data.length, channels, "data");
    this.#dropped += handle.unwrap(
      floats
        ? functions.sora_audio_source_push_f32(
          handle.value,
          data,
          samples,
          sampleRate,
          channels,
          timestampUs,
          captureTimeMs,
        )
        : functions.sora_audio_source_push(
          handle.value,
          data,
          samples,
          sampleRate,
          channels,
          timestampUs,
          captureTimeMs,
        ),
    );
  }

  /**
   * A stream with the defaults of {@link createWritable}: the same until it is closed, aborted or broken by a wrong chunk, then
   * a new one, which continues where the previous one ended. So one clip after the other may be piped to it.
   */
  get writable(): WritableStream<SoraAudioChunk> {
    return this.#writables.present;
  }

  /**
   * Makes a stream (WHATWG Streams) that sends what is written in real time, in blocks of 10 ms, however fast it is written:
   * back-pressure holds the writer up when enough is queued. Closing or aborting it leaves the source open.
   *
   * @throws {TypeError} If an option is wrong.
   * @throws {RangeError} If a number is outside its limits.
   */
  createWritable(options: SoraAudioWritableOptions = {}): WritableStream<SoraAudioChunk> {
    return audioWritable(this, options);
  }
}
