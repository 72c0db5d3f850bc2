/**
 * A stream of audio to send, paced by real time.
 *
 * @module
 */

import { checkNumber, checkObject, wrongType } from "../../base/checks.ts";
import { SoraAudioFrame } from "./frame.ts";
import type { SoraAudioDataOptions } from "./source_options.ts";
import { sleep } from "../../base/sleep.ts";
import { renewable } from "../streams/writables.ts";

/** What may be written: samples in the source's format, or a frame in its own format, with its capture time. */
export type SoraAudioChunk = Int16Array | Float32Array | SoraAudioFrame;

/** Options of `SoraAudioSource.createWritable()`. */
export interface SoraAudioWritableOptions {
  /** How much audio may wait before the writer has to wait, 10 to 60,000 ms. Default: 100. */
  readonly queueMs?: number | undefined;
}

/** The part of a source that a stream needs. */
interface AudioOutput {
  readonly sampleRate: number;
  readonly channels: number;
  onData(
    data: Int16Array | Float32Array,
    options: SoraAudioDataOptions,
  ): void;
}

const DEFAULT_QUEUE_MS = 100;
const BLOCK_MS = 10;
/** When the writer or the event loop is late by more than this, the lost time is not made up for. */
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
  throw wrongType("chunk", "an Int16Array, a Float32Array or a SoraAudioFrame", chunk);
}

/** When the next block is due, on the clock of `performance.now()`; shared by streams that follow each other. */
export class AudioPace {
  /** In milliseconds. */
  due = -Infinity;
}

/** The duration of a chunk in milliseconds; 0 for anything else, which `write` refuses. */
function duration(chunk: SoraAudioChunk, { sampleRate, channels }: AudioOutput): number {
  if (chunk instanceof SoraAudioFrame) {
    return chunk.samplesPerChannel * 1_000 / chunk.sampleRateHz;
  }
  const { length } = chunk as Partial<Int16Array> | undefined ?? {};
  return typeof length === "number" ? length / channels * 1_000 / sampleRate : 0;
}

/**
 * Makes a stream that passes audio on in real time.
 *
 * @param pace The pace of the streams before it.
 * @param ended Called when nothing more can be written to it.
 * @throws {TypeError} If an option is wrong.
 * @throws {RangeError} If a number is outside its limits.
 */
export function audioWritable(
  source: AudioOutput,
  options: SoraAudioWritableOptions,
  pace: AudioPace = new AudioPace(),
  ended: () => void = () => {},
): WritableStream<SoraAudioChunk> {
  checkObject(options, "options", ["queueMs"]);
  const queueMs = options.queueMs === undefined
    ? DEFAULT_QUEUE_MS
    : checkNumber(options.queueMs, "options.queueMs", 10, 60_000);
  return renewable<SoraAudioChunk>({
    async write(chunk, { signal }) {
      const { data, sampleRate, channels, captureTimeMs } = open(chunk, source);
      const block = Math.ceil(sampleRate * BLOCK_MS / 1_000) * channels;
      for (let at = 0; at < data.length; at += block) {
        const now = performance.now();
        if (now - pace.due > MAX_LATE_MS) pace.due = now;
        if (pace.due > now) await sleep(pace.due - now, signal);
        signal.throwIfAborted();
        const part = data.subarray(at, at + block);
        source.onData(part, {
          sampleRate,
          channels,
          ...(captureTimeMs === undefined ? {} : {
            absoluteCaptureTimestampMs: captureTimeMs + at / channels * 1_000 / sampleRate,
          }),
        });
        pace.due += part.length / channels * 1_000 / sampleRate;
      }
    },
  }, {
    highWaterMark: queueMs,
    size: (chunk) => duration(chunk, source),
  }, ended);
}
