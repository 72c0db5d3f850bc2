/**
 * Correlation of received audio with the audio that was sent.
 *
 * @module
 */

import { median } from "./statistics.ts";

/** Options of {@link audioCorrelation}. */
export interface CorrelationOptions {
  /** Sample rate of both signals, in Hz. */
  readonly sampleRate: number;
  /** Length of the windows that are compared, in milliseconds. Default: 1,000. */
  readonly windowMs?: number;
  /** The longest delay from sending to receiving, in milliseconds. Default: 600. */
  readonly maxLagMs?: number;
}

/** Factor by which the first search is coarser: 48 kHz becomes 4 kHz. */
const DECIMATION = 12;
/** Quieter windows are ignored; root mean square of 16-bit samples. */
const SILENCE_RMS = 33;
/** Unrelated signals stay below this; a window below it did not arrive. */
const FOUND = 0.3;

/** Means of `DECIMATION` samples each: a low-pass filter and a lower rate in one. */
function decimate(samples: Int16Array): Float64Array {
  const result = new Float64Array(Math.floor(samples.length / DECIMATION));
  for (let at = 0; at < result.length; at++) {
    let sum = 0;
    for (let i = at * DECIMATION; i < (at + 1) * DECIMATION; i++) sum += samples[i] ?? 0;
    result[at] = sum / DECIMATION;
  }
  return result;
}

type Samples = Int16Array | Float64Array;

function dot(a: Samples, aStart: number, b: Samples, bStart: number, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += (a[aStart + i] as number) * (b[bStart + i] as number);
  return sum;
}

/** The best normalized cross-correlation of a window of `a` with `b`, and its position in `b`. */
function best(
  a: Samples,
  aStart: number,
  b: Samples,
  from: number,
  to: number,
  length: number,
): { readonly value: number; readonly at: number } {
  const energy = dot(a, aStart, a, aStart, length);
  let result = { value: 0, at: from };
  let other = dot(b, from, b, from, length);
  for (let at = from; at <= to; at++) {
    const value = other > 0 ? dot(a, aStart, b, at, length) / Math.sqrt(energy * other) : 0;
    if (value > result.value) result = { value, at };
    other += (b[at + length] ?? 0) ** 2 - (b[at] as number) ** 2;
  }
  return result;
}

/** A signal of at least `length`, padded with silence. */
function fitted(samples: Int16Array, length: number): Int16Array {
  if (samples.length >= length) return samples;
  const result = new Int16Array(length);
  result.set(samples);
  return result;
}

/**
 * Normalized cross-correlation of sent with received audio. Windows that overlap by half are each matched at their best lag; the
 * result is the median over the windows that were found, times their share of all windows. A moment at which the receiver's jitter
 * buffer adapts to the network costs little; missing audio costs as much as is missing. Both signals share one time axis: sample
 * `n` of `received` arrived when sample `n` of `sent` was sent.
 *
 * @returns 0 to 1; `undefined` when the sent audio is silent.
 */
export function audioCorrelation(
  sent: Int16Array,
  received: Int16Array,
  { sampleRate, windowMs = 1_000, maxLagMs = 600 }: CorrelationOptions,
): number | undefined {
  const length = Math.floor(sampleRate * windowMs / 1_000 / DECIMATION);
  const lags = Math.floor(sampleRate * maxLagMs / 1_000 / DECIMATION);
  const a = fitted(sent, (length + 1) * DECIMATION);
  const b = fitted(received, a.length + (lags + 2) * DECIMATION);
  const coarse = { a: decimate(a), b: decimate(b) };
  const values: number[] = [];
  for (let start = 1; start + length <= coarse.a.length; start += length >> 1) {
    const fine = { start: start * DECIMATION, length: length * DECIMATION };
    const energy = dot(a, fine.start, a, fine.start, fine.length);
    if (Math.sqrt(energy / fine.length) < SILENCE_RMS) continue;
    const { at } = best(coarse.a, start, coarse.b, start, start + lags, length);
    const from = (at - 1) * DECIMATION;
    values.push(best(a, fine.start, b, from, from + 2 * DECIMATION, fine.length).value);
  }
  if (values.length === 0) return undefined;
  const found = values.filter((value) => value >= FOUND);
  return found.length === 0 ? 0 : median(found) * found.length / values.length;
}
