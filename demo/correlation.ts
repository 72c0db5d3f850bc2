/**
 * How much received sound resembles the sound that was sent.
 *
 * @module
 */

import { median } from "./statistics.ts";

/** Where to look. */
export interface CorrelationOptions {
  /** Samples per second of both signals. */
  readonly sampleRate: number;
  /** Length of the windows that are compared, in milliseconds. Default: 1,000. */
  readonly windowMs?: number;
  /** How much later than it was sent sound may be received, in milliseconds. Default: 600. */
  readonly maxLagMs?: number;
}

/** How much coarser the first search is: 48 kHz becomes 8 kHz. */
const DECIMATION = 6;
/** Windows that are quieter say nothing; root mean square of 16-bit samples. */
const SILENCE_RMS = 33;

/** Means of `DECIMATION` samples each: a low-pass and a slower rate at once. */
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

/** The best normalized cross-correlation of a window of `a` with `b`, and the place in `b`. */
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

/**
 * Normalized cross-correlation of sound that was sent with sound that was received: the best lag is looked for in each of a row
 * of windows that overlap by half, and the median over the windows counts. Both signals lie on the same axis of time: sample `n` of
 * `received` came when sample `n` of `sent` was sent.
 *
 * @returns 0 to 1; `undefined` when the sound that was sent is silent or nothing is long enough to compare.
 */
export function audioCorrelation(
  sent: Int16Array,
  received: Int16Array,
  { sampleRate, windowMs = 1_000, maxLagMs = 600 }: CorrelationOptions,
): number | undefined {
  const length = Math.floor(sampleRate * windowMs / 1_000 / DECIMATION);
  const lags = Math.floor(sampleRate * maxLagMs / 1_000 / DECIMATION);
  const coarse = { sent: decimate(sent), received: decimate(received) };
  const end = Math.min(coarse.sent.length, coarse.received.length - lags - 1) - length;
  const values: number[] = [];
  for (let start = 1; start <= end; start += length >> 1) {
    const fine = { start: start * DECIMATION, length: length * DECIMATION };
    const energy = dot(sent, fine.start, sent, fine.start, fine.length);
    if (Math.sqrt(energy / fine.length) < SILENCE_RMS) continue;
    const { at } = best(coarse.sent, start, coarse.received, start, start + lags, length);
    const from = (at - 1) * DECIMATION;
    values.push(
      best(sent, fine.start, received, from, from + 2 * DECIMATION, fine.length).value,
    );
  }
  return values.length === 0 ? undefined : median(values);
}
