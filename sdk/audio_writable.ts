/**
 * A stream of audio to send, paced by real time.
 *
 * @module
 */

import { checkNumber, checkObject } from "../signaling/checks.ts";
import { kindOf } from "../signaling/json.ts";
import { SoraAudioFrame } from "./audio_frame.ts";
import type { SoraAudioDataOptions } from "./audio_source.ts";
import { sleep } from "./sleep.ts";

/** What may be written: samples in the source's format, or a frame in its own, with the time at which it was captured. */
export type SoraAudioChunk = Int16Array | Float32Array | SoraAudioFrame;

/** Options of `SoraAudioSource.createWritable()`. */
export interface SoraAudioWritableOptions {
  /** How much audio waits at most before a writer is asked to wait, 10 to 60,000 ms. Default: 100. */
  readonly queueMs?: number;
}

/** What a stream needs of its source. */
interface AudioOutput {
  readonly sampleRate: number;
  readonly channels: number;
  onData(
    data: Int16Array | Float32Array,
    options: SoraAudioDataOptions,
  ): void;
}

const DEFAULT_QUEUE_MS = 100;
const SLICE_MS = 10;
/** When the writer or the event loop was late by more than this, the time that was lost is not made up for. */
const MAX_LATE_MS = 100;

/** The format and samples of a chunk. */
function open(chunk: SoraAudioChunk, { sampleRate, channels }: AudioOutput) {
  if (chunk instanceof SoraAudioFrame) {
    const { samples: data, sampleRateHz: sampleRate, numChannels: channels } = chunk;
    return { data, sampleRate, channels, captureTimeMs: chunk.absoluteCaptureTimestampMs };
  }
  if (chunk instanceof Int16Array || chunk instanceof Float32Array) {
    return { data: chunk, sampleRate, channels, captureTimeMs: undefined };
  }
  throw new TypeError(
    `A chunk must be an Int16Array, a Float32Array or a SoraAudioFrame, not ${kindOf(chunk)}`,
  );
}

/**
 * Makes a stream that hands audio on as fast as it is heard.
 *
 * @throws {TypeError} If an option is wrong.
 */
export function audioWritable(
  source: AudioOutput,
  options: SoraAudioWritableOptions,
): WritableStream<SoraAudioChunk> {
  checkObject(options, "options", ["queueMs"]);
  const queueMs = options.queueMs === undefined
    ? DEFAULT_QUEUE_MS
    : checkNumber(options.queueMs, "options.queueMs", 10, 60_000);
  /** When the next slice is due. */
  let due = -Infinity;
  return new WritableStream<SoraAudioChunk>({
    async write(chunk, { signal }) {
      const { data, sampleRate, channels, captureTimeMs } = open(chunk, source);
      const slice = Math.ceil(sampleRate * SLICE_MS / 1_000) * channels;
      for (let at = 0; at < data.length; at += slice) {
        const now = performance.now();
        if (now - due > MAX_LATE_MS) due = now;
        if (due > now) await sleep(due - now, signal);
        signal.throwIfAborted();
        const part = data.subarray(at, at + slice);
        source.onData(part, {
          sampleRate,
          channels,
          ...(captureTimeMs === undefined ? {} : {
            absoluteCaptureTimestampMs: captureTimeMs + at / channels * 1_000 / sampleRate,
          }),
        });
        due += part.length / channels * 1_000 / sampleRate;
      }
    },
  }, {
    highWaterMark: queueMs,
    size: (chunk) => {
      const { data, sampleRate, channels } = open(chunk, source);
      return data.length / channels * 1_000 / sampleRate;
    },
  });
}
