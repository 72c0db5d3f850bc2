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
/** What sounds that have nothing in common do not reach; a window below it did not arrive. */
const FOUND = 0.3;

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

/** As much of a signal as is compared; silence where there is less. */
function fitted(samples: Int16Array, length: number): Int16Array {
  if (samples.length >= length) return samples;
  const result = new Int16Array(length);
  result.set(samples);
  return result;
}

/**
 * Normalized cross-correlation of sound that was sent with sound that was received: the best lag is looked for in each of a row
 * of windows that overlap by half. What counts is the median over the windows that were found again, times their share of all
 * windows: a moment at which the receiver's buffer adapts to the network costs little, sound that did not arrive costs as much as
 * was missing. Both signals lie on the same axis of time: sample `n` of `received` came when sample `n` of `sent` was sent.
 *
 * @returns 0 to 1; `undefined` when the sound that was sent is silent.
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
