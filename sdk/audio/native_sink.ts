/**
 * Native audio sinks and their options.
 *
 * @module
 */

import { checkInteger, checkObject, optional, outOfRange } from "../../base/checks.ts";
import { AudioInfo, type NativeFunctions } from "../../ffi/mod.ts";
import type { NativeSink } from "../track/sink.ts";

/** Options of a `SoraAudioSink` and a `SoraAudioStreamSink`. */
export interface SoraAudioSinkOptions {
  /** Sample rate to resample to, 8,000 to 48,000 Hz, a multiple of 100. Default: that of the decoder. */
  readonly sampleRate?: number | undefined;
  /** Channels to remix to, 1 or 2. Default: those of the decoder. */
  readonly channels?: number | undefined;
  /** How much audio waits for the reader, 20 to 60,000 ms; beyond that the oldest is dropped. Default: 1,000. */
  readonly bufferMs?: number | undefined;
}

/** Checked options; 0: as the decoder has it. */
export interface CheckedAudioSinkOptions {
  readonly sampleRate: number;
  readonly channels: number;
  readonly bufferMs: number;
}

const DEFAULT_BUFFER_MS = 1_000;

/** What `sora_audio_sink_read` wrote last, for any sink. */
export const info = new Float64Array(AudioInfo.COUNT);

function checkSampleRate(value: unknown, path: string): number {
  const rate = checkInteger(value, path, 8_000, 48_000);
  if (rate % 100 !== 0) throw outOfRange(path, "a multiple of 100 Hz", rate);
  return rate;
}

/** Checks the options of a sink. */
export function checkAudioSinkOptions(value: unknown): CheckedAudioSinkOptions {
  const from = checkObject(value, "options", ["sampleRate", "channels", "bufferMs"]);
  return {
    sampleRate: 0,
    channels: 0,
    bufferMs: DEFAULT_BUFFER_MS,
    ...optional(from, "sampleRate", "options", checkSampleRate),
    ...optional(from, "channels", "options", (v, p) => checkInteger(v, p, 1, 2)),
    ...optional(from, "bufferMs", "options", (v, p) => checkInteger(v, p, 20, 60_000)),
  };
}

/** The native sink with such options. */
export function nativeAudioSink(
  { sampleRate, channels, bufferMs }: CheckedAudioSinkOptions,
): NativeSink {
  return {
    create: (functions, track, out) =>
      functions.sora_audio_sink_create(track, sampleRate, channels, bufferMs, out),
    dropped(functions, sink) {
      const result = readAudio(functions, sink, null, 0, 0);
      return result < 0 ? result : info[AudioInfo.DROPPED] ?? 0;
    },
    close: (functions, sink) => functions.sora_audio_sink_close(sink),
  };
}

/**
 * Reads audio and writes {@link info}.
 *
 * @param samples Where it goes; null: only `info` is wanted.
 * @param least How many samples per channel must be there, unless another format follows; with fewer, none are read.
 * @param most How many samples per channel are read.
 * @returns How many samples per channel were read, or a negative `sora_result`.
 */
export function readAudio(
  functions: NativeFunctions,
  sink: number,
  samples: Int16Array<ArrayBuffer> | null,
  least: number,
  most: number,
): number {
  return functions.sora_audio_sink_read(sink, samples, samples?.length ?? 0, least, most, info);
}
