import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../../base/random.ts";
import { audioCorrelation } from "../../demo/correlation.ts";
import { MAX_PSNR_DB, psnr } from "../../demo/psnr.ts";
import { mean, median, percentile } from "../../demo/statistics.ts";

const sampleRate = 48_000;

/** Something like a voice: noise below 2 kHz that comes and goes. */
function voice(seconds: number, seed: number): Int16Array {
  const samples = new Int16Array(seconds * sampleRate);
  const random = seededRandom(seed);
  let low = 0;
  for (let at = 0; at < samples.length; at++) {
    low += ((random() - 0.5) * 40_000 - low) * 0.2;
    samples[at] = low * (1.2 + Math.sin(at / sampleRate * 20));
  }
  return samples;
}

function delayed(samples: Int16Array, delay: number): Int16Array {
  const result = new Int16Array(samples.length);
  result.set(samples.subarray(0, samples.length - delay), delay);
  return result;
}

test("psnr is 10 log10 of 255² over the mean squared error", () => {
  const sent = new Uint8Array(1_000).fill(100);
  // One level everywhere: 20 log10(255) = 48.13 dB; ten levels: 20 dB less.
  assert.ok(Math.abs(psnr(sent, sent.map((one) => one + 1)) - 48.1308) < 1e-3);
  assert.ok(Math.abs(psnr(sent, sent.map((one) => one - 10)) - 28.1308) < 1e-3);
  assert.equal(psnr(new Uint8Array(4), new Uint8Array(4).fill(255)), 0);
});

test("psnr of identical frames is finite, of frames of different sizes an error", () => {
  assert.equal(psnr(new Uint8Array(9), new Uint8Array(9)), MAX_PSNR_DB);
  assert.throws(() => psnr(new Uint8Array(9), new Uint8Array(8)), RangeError);
  assert.throws(() => psnr(new Uint8Array(0), new Uint8Array(0)), RangeError);
});

test("audioCorrelation finds delayed and quieter audio", () => {
  const sent = voice(2, 1);
  for (const delay of [0, 517, 28_000]) {
    const received = delayed(sent, delay).map((one) => one / 3);
    const value = audioCorrelation(sent, received, { sampleRate });
    assert.ok(value !== undefined && value > 0.99, `delay ${delay}: ${value}`);
  }
});

test("audioCorrelation falls as noise is added, as the square root of the share of the signal", () => {
  const sent = voice(4, 1);
  const other = voice(4, 2);
  // Two signals of the same power that have nothing in common: 1 / √2.
  const mixed = delayed(sent, 2_000).map((one, at) => one + (other[at] ?? 0));
  const value = audioCorrelation(sent, mixed, { sampleRate });
  assert.ok(value !== undefined && Math.abs(value - Math.SQRT1_2) < 0.05, String(value));
});

test("audioCorrelation of unrelated audio and of silence is low", () => {
  const foreign = audioCorrelation(voice(4, 1), voice(4, 2), { sampleRate });
  assert.ok(foreign !== undefined && foreign < 0.3, String(foreign));
  assert.equal(audioCorrelation(voice(4, 1), new Int16Array(4 * sampleRate), { sampleRate }), 0);
});

test("audioCorrelation is undefined when silence was sent", () => {
  const silence = new Int16Array(4 * sampleRate);
  assert.equal(audioCorrelation(silence, voice(4, 1), { sampleRate }), undefined);
  assert.equal(audioCorrelation(silence, new Int16Array(0), { sampleRate }), undefined);
});

test("audioCorrelation counts missing audio as 0 for as long as it was missing", () => {
  const sent = voice(10, 1);
  const options = { sampleRate, windowMs: 250, maxLagMs: 50 };
  const share = (received: Int16Array) => audioCorrelation(sent, received, options) ?? NaN;
  assert.equal(share(new Int16Array(0)), 0);
  assert.equal(share(new Int16Array(10 * sampleRate)), 0);
  // Half of the windows lie before 5 s, and one across it.
  const half = share(sent.subarray(0, 5 * sampleRate));
  assert.ok(half > 0.4 && half < 0.6, String(half));
  const late = new Int16Array(sent);
  late.fill(0, 0, 5 * sampleRate);
  assert.ok(share(late) > 0.4 && share(late) < 0.6, String(share(late)));
});

test("audioCorrelation compares audio that is shorter than a window", () => {
  const sent = voice(1, 1).subarray(0, sampleRate / 4);
  const value = audioCorrelation(sent, delayed(sent, 480), { sampleRate });
  assert.ok(value !== undefined && value > 0.9, String(value));
  assert.equal(audioCorrelation(sent, new Int16Array(0), { sampleRate }), 0);
});

test("percentile, median and mean", () => {
  const values = [5, 1, 4, 2, 3, 6, 8, 7, 10, 9];
  assert.equal(percentile(values, 50), 5);
  assert.equal(percentile(values, 95), 10);
  assert.equal(percentile([7], 1), 7);
  assert.equal(median(values), 5.5);
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(mean(values), 5.5);
  assert.throws(() => percentile([], 50), RangeError);
});
