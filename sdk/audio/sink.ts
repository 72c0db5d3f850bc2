/**
 * Received audio.
 *
 * @module
 */

import { callHandler, report } from "../../base/handlers.ts";
import { AudioInfo, lastError, nativeError, type NativeFunctions, Result } from "../../ffi/mod.ts";
import { checkInteger, checkNumber, checkObject, optional } from "../../base/checks.ts";
import { SoraError } from "../../base/errors.ts";
import { SoraSink } from "../track/sink.ts";
import type { SoraTrackInterface } from "../track/track.ts";

/** Options of a {@link SoraAudioSink}. */
export interface SoraAudioSinkOptions {
  /** Sample rate to resample to, 8,000 to 48,000 Hz, a multiple of 100. Default: as the decoder gives it. */
  readonly sampleRate?: number | undefined;
  /** Channels to remix to, 1 or 2. Default: as the decoder gives them. */
  readonly channels?: number | undefined;
  /** How much audio waits for the reader, 20 to 60,000 ms; beyond that the oldest is dropped. Default: 1,000. */
  readonly bufferMs?: number | undefined;
}

/** What a read gave. */
export interface SoraAudioReadResult {
  /** Whether audio came in time. */
  readonly ok: boolean;
  /** Interleaved samples: as many as were asked for, fewer before a change of format, none when `ok` is false. */
  readonly data: Int16Array<ArrayBuffer>;
  /** Sample rate in Hz; 0 as long as no audio came. */
  readonly sampleRate: number;
  /** Channels; 0 as long as no audio came. */
  readonly channels: number;
}

/** What comes with audio that is handed to a handler. */
export interface SoraAudioDataInfo {
  /** Sample rate in Hz. */
  readonly sampleRate: number;
  /** Channels. */
  readonly channels: number;
  /** When the sender captured it, in milliseconds since 1970 (RTP extension abs-capture-time), if that is known. */
  readonly absoluteCaptureTimestampMs?: number;
}

/** Handler of audio: interleaved samples, which it may keep. */
export type SoraAudioDataHandler = (
  data: Int16Array<ArrayBuffer>,
  info: SoraAudioDataInfo,
) => unknown;

/** Handler of a format, called before the first audio in it. */
export type SoraAudioFormatHandler = (sampleRate: number, channels: number) => unknown;

interface Reader {
  /** 0: whatever is there. */
  readonly frames: number;
  readonly resolve: (result: SoraAudioReadResult) => void;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** How much audio waits for a reader unless told otherwise. */
export const DEFAULT_BUFFER_MS = 1_000;
const DEFAULT_TIMEOUT_MS = 1_000;
const MAX_TIMEOUT_MS = 2 ** 31 - 1;
const MAX_READERS = 64;
const info = new Float64Array(AudioInfo.COUNT);

function checkSampleRate(value: unknown, path: string): number {
  const rate = checkInteger(value, path, 8_000, 48_000);
  if (rate % 100 !== 0) throw new TypeError(`${path} must be a multiple of 100 Hz, not ${rate}`);
  return rate;
}

/** Checks the options of a sink. */
export function checkAudioSinkOptions(value: unknown): SoraAudioSinkOptions {
  const from = checkObject(value, "options", ["sampleRate", "channels", "bufferMs"]);
  return {
    ...optional(from, "sampleRate", "options", checkSampleRate),
    ...optional(from, "channels", "options", (v, p) => checkInteger(v, p, 1, 2)),
    ...optional(from, "bufferMs", "options", (v, p) => checkInteger(v, p, 20, 60_000)),
  };
}

/** The frames that a native sink has dropped so far: as many as `before` when it was closed with what it was made from. */
export function droppedFrames(functions: NativeFunctions, sink: number, before: number): number {
  const result = functions.sora_audio_sink_read(sink, null, 0, 0, 0, info);
  return result < 0 ? before : info[AudioInfo.DROPPED] ?? before;
}

/**
 * Receives the audio of a track: through {@link read} or {@link onData}. A slow reader loses the oldest audio, which
 * {@link dropped} counts.
 */
export class SoraAudioSink extends SoraSink {
  /** Called before the first audio, and before the first after the sample rate or the channels changed. */
  onFormat: SoraAudioFormatHandler | undefined = undefined;
  readonly #readers: Reader[] = [];
  #onData: SoraAudioDataHandler | undefined = undefined;
  #pumping = false;
  readonly #bufferMs: number;
  /** 0: that of the track. */
  readonly #wantedRate: number;
  #sampleRate = 0;
  #channels = 0;
  #available = 0;
  /** Whether `#available` grows no more, as another format follows. */
  #ends = false;
  #dropped = 0;
  #captureTimeMs = -1;

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
    this.#bufferMs = bufferMs;
    this.#wantedRate = sampleRate;
  }

  /** Gets all audio as it comes. */
  get onData(): SoraAudioDataHandler | undefined {
    return this.#onData;
  }

  /** Sets it; audio that waits already follows at once. */
  set onData(handler: SoraAudioDataHandler | undefined) {
    this.#onData = handler;
    queueMicrotask(() => this.pump());
  }

  /** Frames (one sample of each channel) that were dropped because nobody read them in time. */
  get dropped(): number {
    if (!this.handle.closed) this.#count(this.handle.value);
    return this.#dropped;
  }

  /**
   * Reads audio. Reads are answered in the order in which they were made. What is wrong with one rejects its promise.
   *
   * @param frames How many frames (one sample of each channel) to wait for; 0: whatever is there, at least one.
   * @returns `ok` is false when they did not come within `timeoutMs`, or the track ended before.
   * @throws {TypeError} If an argument is wrong.
   * @throws {RangeError} If `frames` is more than `bufferMs` of the sink keeps.
   * @throws {SoraError} `INVALID_STATE` while {@link onData} takes the audio; `LIMIT_EXCEEDED` when 64 reads are waiting.
   */
  async read(
    frames = 0,
    options: { readonly timeoutMs?: number | undefined } = {},
  ): Promise<SoraAudioReadResult> {
    checkInteger(frames, "frames", 0, 0x7fff_ffff);
    const from = checkObject(options, "options", ["timeoutMs"]);
    const { timeoutMs = DEFAULT_TIMEOUT_MS } = optional(
      from,
      "timeoutMs",
      "options",
      (v, p) => checkNumber(v, p, 0, MAX_TIMEOUT_MS),
    );
    const most = Math.floor(this.#bufferMs / 10) * (this.#wantedRate || this.#sampleRate) / 100;
    if (most > 0 && frames > most) {
      throw new RangeError(
        `frames must be at most ${most}, which is all that bufferMs (${this.#bufferMs} ms) keeps, not ${frames}`,
      );
    }
    if (this.#onData !== undefined) {
      throw new SoraError("INVALID_STATE", "read() cannot be used while onData takes the audio");
    }
    if (this.#readers.length >= MAX_READERS) {
      throw new SoraError("LIMIT_EXCEEDED", `${MAX_READERS} reads are waiting already`);
    }
    return await new Promise((resolve) => {
      const reader: Reader = { frames, resolve, timer: undefined };
      if (this.handle.closed) {
        this.#settle(reader, undefined);
        return;
      }
      this.#readers.push(reader);
      this.pump();
      if (this.#readers.includes(reader)) {
        reader.timer = setTimeout(() => {
          this.#readers.splice(this.#readers.indexOf(reader), 1);
          this.#settle(reader, undefined);
          this.pump();
        }, timeoutMs);
      }
    });
  }

  /** @internal */
  protected override pump(): void {
    // A handler that reads is called in the middle of this: its read waits for its turn.
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      this.#pump();
    } finally {
      this.#pumping = false;
    }
  }

  #pump(): void {
    while (!this.handle.closed) {
      const reader = this.#readers[0];
      if (reader === undefined && this.#onData === undefined) {
        this.#call(null, 0, 0, 0);
        if (this.#readers.length === 0 && this.#onData === undefined) return;
        continue;
      }
      const frames = reader?.frames ?? 0;
      const data = this.#take(Math.max(1, frames), frames);
      if (data === undefined && !this.ended) return;
      if (reader !== undefined) {
        this.#readers.shift();
        this.#settle(reader, data);
      } else if (data !== undefined) {
        this.#handOn(data);
      }
      if (this.ended && this.#available === 0) this.close();
    }
  }

  #handOn(data: Int16Array<ArrayBuffer>): void {
    const captureTime = this.#captureTimeMs;
    callHandler(this, this.#onData, data, {
      sampleRate: this.#sampleRate,
      channels: this.#channels,
      ...(captureTime < 0 ? {} : { absoluteCaptureTimestampMs: captureTime }),
    });
  }

  /** Reads `most` frames (0: all that are there) when at least `least` are there, or fewer before a change of format. */
  #take(least: number, most: number): Int16Array<ArrayBuffer> | undefined {
    this.#call(null, 0, least, least);
    if (this.handle.closed || this.#available === 0) return undefined;
    if (this.#available < least && !this.#ends) return undefined;
    const frames = most === 0 ? this.#available : Math.min(most, this.#available);
    const data = new Int16Array(frames * this.#channels);
    return this.#call(data, data.length, least, Math.max(least, frames)) < 0 ? undefined : data;
  }

  #call(
    samples: Int16Array<ArrayBuffer> | null,
    capacity: number,
    least: number,
    most: number,
  ): number {
    const { functions } = this.handle;
    const result = functions.sora_audio_sink_read(
      this.handle.value,
      samples,
      capacity,
      least,
      most,
      info,
    );
    if (result < 0 && result !== Result.ERROR_WOULD_BLOCK) {
      this.#available = 0;
      const error = nativeError(result, lastError(functions));
      this.close();
      if (error.code !== "CLOSED") report(this, error);
      return result;
    }
    this.#available = info[AudioInfo.AVAILABLE] ?? 0;
    this.#ends = info[AudioInfo.ENDS] === 1;
    this.#captureTimeMs = info[AudioInfo.CAPTURE_TIME_MS] ?? -1;
    this.#noticeFormat(info[AudioInfo.SAMPLE_RATE] ?? 0, info[AudioInfo.CHANNELS] ?? 0);
    return result;
  }

  #noticeFormat(sampleRate: number, channels: number): void {
    // An empty sink has no format.
    if (sampleRate === 0) return;
    if (sampleRate === this.#sampleRate && channels === this.#channels) return;
    this.#sampleRate = sampleRate;
    this.#channels = channels;
    callHandler(this, this.onFormat, sampleRate, channels);
  }

  #settle(reader: Reader, data: Int16Array<ArrayBuffer> | undefined): void {
    clearTimeout(reader.timer);
    reader.resolve({
      ok: data !== undefined,
      data: data ?? new Int16Array(0),
      sampleRate: this.#sampleRate,
      channels: this.#channels,
    });
  }

  /** @internal */
  protected override finish(): void {
    for (const reader of this.#readers.splice(0)) this.#settle(reader, undefined);
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
