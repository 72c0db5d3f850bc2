/**
 * Received audio in slices of ten milliseconds.
 *
 * @module
 */

import { callHandler, report } from "../../base/handlers.ts";
import { AudioInfo, lastError, nativeError, Result } from "../../ffi/mod.ts";
import { SoraAudioFrame } from "./frame.ts";
import {
  checkAudioSinkOptions,
  DEFAULT_BUFFER_MS,
  droppedFrames,
  type SoraAudioSinkOptions,
} from "./sink.ts";
import { Pull } from "../streams/pull.ts";
import { SoraSink } from "../track/sink.ts";
import type { SoraTrackInterface } from "../track/track.ts";

/** Handler of a frame, which it may keep. */
export type SoraAudioFrameHandler = (frame: SoraAudioFrame) => unknown;

const FRAMES_PER_SECOND = 100;
const info = new Float64Array(AudioInfo.COUNT);

/**
 * Receives the audio of a track in frames of ten milliseconds: through {@link onFrame}, `for await`, or {@link readable}. A
 * slow reader loses the oldest audio, which {@link dropped} counts.
 */
export class SoraAudioStreamSink extends SoraSink
  implements AsyncIterable<SoraAudioFrame, undefined> {
  readonly #frames = new Pull<SoraAudioFrame>({
    closed: () => this.handle.closed,
    pump: () => this.pump(),
    cancel: () => this.close(),
  });
  #onFrame: SoraAudioFrameHandler | undefined = undefined;
  #dropped = 0;

  /**
   * Starts to receive the audio of a track.
   *
   * @param track A track of audio that is received.
   * @throws {TypeError} If an option or the track is wrong.
   * @throws {SoraError} `CLOSED` when the track has ended.
   */
  constructor(track: SoraTrackInterface, options: SoraAudioSinkOptions = {}) {
    const { sampleRate = 0, channels = 0, bufferMs = DEFAULT_BUFFER_MS } = checkAudioSinkOptions(
      options,
    );
    super(
      "audio",
      track,
      (functions, track, out) =>
        functions.sora_audio_sink_create(track, sampleRate, channels, bufferMs, out),
    );
  }

  /** Gets each frame. */
  get onFrame(): SoraAudioFrameHandler | undefined {
    return this.#onFrame;
  }

  /** Sets it; audio that waits already follows at once. */
  set onFrame(handler: SoraAudioFrameHandler | undefined) {
    this.#onFrame = handler;
    queueMicrotask(() => this.pump());
  }

  /** Samples of each channel that were dropped because nobody took them in time. */
  get dropped(): number {
    if (!this.handle.closed) this.#count(this.handle.value);
    return this.#dropped;
  }

  /** The frames as a stream (WHATWG Streams). */
  get readable(): ReadableStream<SoraAudioFrame> {
    return this.#frames.readable;
  }

  /** The frames, oldest first. Leaving the loop leaves the sink open. */
  [Symbol.asyncIterator](): AsyncIterator<SoraAudioFrame, undefined> {
    return this.#frames[Symbol.asyncIterator]();
  }

  /** @internal */
  protected override pump(): void {
    while (!this.handle.closed) {
      const waited = this.#frames.wanted;
      if (!waited && this.#onFrame === undefined) return;
      const frame = this.#take();
      if (frame === undefined) break;
      if (waited) this.#frames.give(frame);
      else callHandler(this, this.#onFrame, frame);
    }
    if (this.ended) this.close();
  }

  #take(): SoraAudioFrame | undefined {
    // Tells the format.
    this.#read(null, 0);
    const sampleRateHz = info[AudioInfo.SAMPLE_RATE] ?? 0;
    const numChannels = info[AudioInfo.CHANNELS] ?? 0;
    if (this.handle.closed || sampleRateHz === 0) return undefined;
    const length = sampleRateHz / FRAMES_PER_SECOND;
    const samples = new Int16Array(length * numChannels);
    const frames = this.#read(samples, length);
    if (frames <= 0) return undefined;
    const time = info[AudioInfo.CAPTURE_TIME_MS] ?? -1;
    return new SoraAudioFrame({
      // Fewer come only right before a change of format.
      samples: frames === length ? samples : samples.slice(0, frames * numChannels),
      sampleRateHz,
      numChannels,
      absoluteCaptureTimestampMs: time < 0 ? undefined : time,
    });
  }

  #read(samples: Int16Array<ArrayBuffer> | null, frames: number): number {
    const { functions } = this.handle;
    const capacity = samples?.length ?? 0;
    const result = functions.sora_audio_sink_read(
      this.handle.value,
      samples,
      capacity,
      frames,
      frames,
      info,
    );
    if (result < 0 && result !== Result.ERROR_WOULD_BLOCK) {
      const error = nativeError(result, lastError(functions));
      this.close();
      if (error.code !== "CLOSED") report(this, error);
    }
    return result;
  }

  /** @internal */
  protected override finish(): void {
    this.#frames.finish();
  }

  /** @internal */
  protected override closeNative(sink: number): void {
    this.#count(sink);
    this.handle.functions.sora_audio_sink_close(sink);
  }

  #count(sink: number): void {
    this.#dropped = droppedFrames(this.handle.functions, sink, this.#dropped);
  }
}
