/**
 * Received audio.
 *
 * @module
 */

import { checkInteger, checkNumber, checkObject, optional } from "../../base/checks.ts";
import { MAX_TIMEOUT_MS } from "../../base/clock.ts";
import { SoraError } from "../../base/errors.ts";
import { callHandler } from "../../base/handlers.ts";
import { AudioInfo, Result } from "../../ffi/mod.ts";
import { SoraSink } from "../track/sink.ts";
import type { SoraTrackInterface } from "../track/track.ts";
import {
  checkAudioSinkOptions,
  info,
  nativeAudioSink,
  readAudio,
  type SoraAudioSinkOptions,
} from "./native_sink.ts";
import { Reads } from "./reads.ts";

/** Result of a read. */
export interface SoraAudioReadResult {
  /** Whether audio came in time. */
  readonly ok: boolean;
  /** Interleaved samples: as many as were requested, fewer before a change of format, none when `ok` is false. */
  readonly data: Int16Array<ArrayBuffer>;
  /** Sample rate in Hz; 0 until audio has come. */
  readonly sampleRate: number;
  /** Channels; 0 until audio has come. */
  readonly channels: number;
}

/** Format and time of audio that a handler gets. */
export interface SoraAudioDataInfo {
  /** Sample rate in Hz. */
  readonly sampleRate: number;
  /** Channels. */
  readonly channels: number;
  /** When the sender captured it, in milliseconds since 1970 (RTP extension abs-capture-time), if known. */
  readonly absoluteCaptureTimestampMs?: number;
}

/** Handler of audio as interleaved samples, which it may keep. */
export type SoraAudioDataHandler = (
  data: Int16Array<ArrayBuffer>,
  info: SoraAudioDataInfo,
) => unknown;

/** Handler of a format; called before the first audio in it. */
export type SoraAudioFormatHandler = (sampleRate: number, channels: number) => unknown;

const DEFAULT_TIMEOUT_MS = 1_000;

/**
 * Receives the audio of a track: through {@link read} or {@link onData}. A slow reader loses the oldest audio, which `dropped`
 * counts in samples per channel.
 *
 * @example
 * ```ts
 * import { Sora, SoraAudioSink } from "sora-ffi";
 * import { SoraServer } from "sora-ffi/sfu";
 *
 * await using server = await SoraServer.start({ port: 0 });
 * await using sora = new Sora();
 * const room = { signalingUrls: [server.url], channelId: "room", video: false };
 * const source = sora.createAudioSource({ channels: 1, sampleRate: 48_000 });
 * await using sender = sora.createConnection({ ...room, role: "sendonly", audioSource: source });
 * await using receiver = sora.createConnection({ ...room, role: "recvonly" });
 * await Promise.all([sender.connect(), receiver.connect()]);
 * const microphone = setInterval(() => source.onData(new Int16Array(480)), 10);
 *
 * for await (const track of receiver.tracks()) {
 *   using sink = new SoraAudioSink(track, { sampleRate: 16_000, channels: 1 });
 *   const { ok, data } = await sink.read(1_600, { timeoutMs: 5_000 }); // 100 ms
 *   console.log(ok, data.length); // true 1600
 *   break;
 * }
 * clearInterval(microphone);
 * ```
 */
export class SoraAudioSink extends SoraSink {
  /** Called before the first audio, and before the first after the sample rate or the channels changed. */
  onFormat: SoraAudioFormatHandler | undefined = undefined;
  readonly #reads = new Reads<SoraAudioReadResult>(() => this.#result(undefined));
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
  #captureTimeMs = -1;

  /**
   * Starts to receive the audio of a track.
   *
   * @param track A received audio track.
   * @throws {TypeError} If an option or the track is wrong.
   * @throws {RangeError} If a number is outside its limits.
   * @throws {SoraError} `CLOSED` when the track has ended.
   */
  constructor(track: SoraTrackInterface, options: SoraAudioSinkOptions = {}) {
    const checked = checkAudioSinkOptions(options);
    super("audio", track, nativeAudioSink(checked));
    this.#bufferMs = checked.bufferMs;
    this.#wantedRate = checked.sampleRate;
  }

  /** Called with all audio as it comes. */
  get onData(): SoraAudioDataHandler | undefined {
    return this.#onData;
  }

  /** Sets it; audio that is already waiting follows at once. */
  set onData(handler: SoraAudioDataHandler | undefined) {
    this.#onData = handler;
    queueMicrotask(() => this.pump());
  }

  /**
   * Reads audio. Reads are answered in the order in which they were made; an error of one rejects its promise.
   *
   * @param frames How many samples per channel to wait for; 0: whatever is there, at least one.
   * @returns `ok` is false when the samples did not come within `timeoutMs`, or the track ended first.
   * @throws {TypeError} If an argument is wrong.
   * @throws {RangeError} If a number is outside its limits, or `frames` is more than `bufferMs` of the sink keeps.
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
        `frames must be at most ${most}, which is what bufferMs (${this.#bufferMs} ms) keeps, not ${frames}`,
      );
    }
    if (this.#onData !== undefined) {
      throw new SoraError("INVALID_STATE", "read() cannot be used while onData takes the audio");
    }
    this.#reads.checkRoom();
    if (this.handle.closed) return this.#result(undefined);
    return await this.#reads.wait(frames, timeoutMs, () => this.pump());
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
      const read = this.#reads.first;
      if (read === undefined && this.#onData === undefined) {
        this.#read(null, 0, 0);
        if (this.#reads.first === undefined && this.#onData === undefined) return;
        continue;
      }
      const frames = read?.frames ?? 0;
      const data = this.#take(Math.max(1, frames), frames);
      if (data === undefined && !this.ended) return;
      if (read !== undefined) this.#reads.answer(this.#result(data));
      else if (data !== undefined) this.#handOver(data);
      if (this.ended && this.#available === 0) this.close();
    }
  }

  #handOver(data: Int16Array<ArrayBuffer>): void {
    const captureTime = this.#captureTimeMs;
    callHandler(this, this.#onData, data, {
      sampleRate: this.#sampleRate,
      channels: this.#channels,
      ...(captureTime < 0 ? {} : { absoluteCaptureTimestampMs: captureTime }),
    });
  }

  /** Takes `most` samples per channel (0: all) when at least `least` are there, or fewer before a change of format. */
  #take(least: number, most: number): Int16Array<ArrayBuffer> | undefined {
    this.#read(null, least, least);
    if (this.handle.closed || this.#available === 0) return undefined;
    if (this.#available < least && !this.#ends) return undefined;
    const frames = most === 0 ? this.#available : Math.min(most, this.#available);
    const data = new Int16Array(frames * this.#channels);
    return this.#read(data, least, Math.max(least, frames)) < 0 ? undefined : data;
  }

  #read(samples: Int16Array<ArrayBuffer> | null, least: number, most: number): number {
    const { functions, value } = this.handle;
    const result = readAudio(functions, value, samples, least, most);
    if (result < 0 && result !== Result.ERROR_WOULD_BLOCK) {
      this.#available = 0;
      return this.checked(result);
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

  #result(data: Int16Array<ArrayBuffer> | undefined): SoraAudioReadResult {
    return {
      ok: data !== undefined,
      data: data ?? new Int16Array(0),
      sampleRate: this.#sampleRate,
      channels: this.#channels,
    };
  }

  /** @internal */
  protected override finish(): void {
    this.#reads.end();
  }
}
