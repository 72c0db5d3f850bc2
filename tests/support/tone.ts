/**
 * Tones, and how to find them again.
 *
 * @module
 */

/** A sine of one frequency, piece by piece without a click between them. */
export class Tone {
  readonly #sampleRate: number;
  readonly #frequency: number;
  readonly #amplitude: number;
  #position = 0;

  /**
   * @param sampleRate In Hz.
   * @param frequency In Hz.
   * @param amplitude Of 32,767.
   */
  constructor(sampleRate: number, frequency: number, amplitude = 10_000) {
    this.#sampleRate = sampleRate;
    this.#frequency = frequency;
    this.#amplitude = amplitude;
  }

  /** The next mono samples. */
  next(length: number): Int16Array<ArrayBuffer> {
    const step = 2 * Math.PI * this.#frequency / this.#sampleRate;
    const samples = Int16Array.from(
      { length },
      (_, i) => Math.round(this.#amplitude * Math.sin(step * (this.#position + i))),
    );
    this.#position += length;
    return samples;
  }
}

/** The power of one frequency in mono samples (Goertzel). */
function power(
  samples: ArrayLike<number> & Iterable<number>,
  sampleRate: number,
  frequency: number,
): number {
  const coefficient = 2 * Math.cos(2 * Math.PI * frequency / sampleRate);
  let [before, last] = [0, 0];
  for (const sample of samples) [before, last] = [last, sample + coefficient * last - before];
  return before ** 2 + last ** 2 - coefficient * before * last;
}

/** The root mean square that one frequency has in mono samples. */
export function levelAt(samples: Int16Array, sampleRate: number, frequency: number): number {
  return Math.sqrt(2 * Math.max(0, power(samples, sampleRate, frequency))) / samples.length;
}

/** The means of groups of samples: enough for what is below 2,000 Hz, and quicker to look through. */
function thinned(samples: Int16Array, group: number): Float64Array {
  const sums = new Float64Array(Math.floor(samples.length / group));
  for (let i = 0; i < sums.length * group; i++) sums[Math.floor(i / group)]! += samples[i]! / group;
  return sums;
}

/** The strongest frequency in mono samples, from 100 to 2,000 Hz in steps of 2 Hz. */
export function dominantFrequency(audio: Int16Array, rate: number): number {
  const group = Math.max(1, Math.floor(rate / 8_000));
  const samples = thinned(audio, group);
  const sampleRate = rate / group;
  let best = { frequency: 0, power: -1 };
  for (let frequency = 100; frequency <= 2_000; frequency += 2) {
    const candidate = { frequency, power: power(samples, sampleRate, frequency) };
    if (candidate.power > best.power) best = candidate;
  }
  return best.frequency;
}

/** The root mean square of samples. */
export function loudness(samples: Int16Array): number {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample ** 2, 0) / samples.length);
}
