import assert from "node:assert/strict";
import { after, test } from "node:test";
import fc from "fast-check";
import { seededRandom } from "../../base/random.ts";
import { Sora, type SoraAudioDataOptions, type SoraAudioSourceOptions } from "../../mod.ts";

const sora = new Sora();
after(() => sora.close());

/** Numbers about a range and what is none. */
const about = (min: number, max: number, step = 1) =>
  fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: min / step, max: max / step }).map((n) => n * step) },
    fc.constantFrom(min, max, min - step, max + step, min + 0.5, NaN, Infinity, -1, 0, 2 ** 53),
    fc.anything(),
  );
const rates = about(8_000, 192_000, 25);
const channelCounts = about(1, 8);
const times = about(0, 2 ** 53 - 1);

const isNumber = (value: unknown, min: number, max: number) =>
  typeof value === "number" && value >= min && value <= max;
const isWhole = (value: unknown, min: number, max: number, step = 1) =>
  Number.isInteger(value) && isNumber(value, min, max) && (value as number) % step === 0;

const kinds = {
  Int16Array,
  Float32Array,
  Uint16Array,
  Int32Array,
  Float64Array,
  Uint8Array,
  DataView,
} as const;

/** A view somewhere in a buffer of noise, of a kind that may be right. */
const views = fc.record({
  kind: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom("Int16Array", "Float32Array") },
    fc.constantFrom(...Object.keys(kinds)),
  ).map((kind) => kind as keyof typeof kinds),
  skipped: fc.nat(64),
  // Up to more than the 2 s that wait, now and then.
  length: fc.oneof(
    { weight: 20, arbitrary: fc.nat(4_801) },
    { weight: 1, arbitrary: fc.nat(400_000) },
  ),
  behind: fc.nat(16),
  seed: fc.integer(),
});

function noise(bytes: number, seed: number): Uint8Array<ArrayBuffer> {
  const random = seededRandom(seed);
  return Uint8Array.from({ length: bytes }, () => random() * 256);
}

test("SoraAudioSource.onData takes each view whole or refuses it as documented, and never writes", () => {
  fc.assert(
    fc.property(
      views,
      fc.record({
        sampleRate: fc.option(rates, { nil: undefined }),
        channels: fc.option(channelCounts, { nil: undefined }),
        timestampUs: fc.option(times, { nil: undefined }),
        absoluteCaptureTimestampMs: fc.option(times, { nil: undefined }),
      }, { requiredKeys: [] }),
      ({ kind, skipped, length, behind, seed }, options) => {
        const size = kind === "DataView" ? 1 : kinds[kind].BYTES_PER_ELEMENT;
        const buffer = noise((skipped + length + behind) * size, seed);
        const before = buffer.slice();
        const View = kinds[kind] as Int16ArrayConstructor;
        const data = new View(buffer.buffer, skipped * size, length);
        const { sampleRate, channels = 2, timestampUs, absoluteCaptureTimestampMs } = options;
        const right = (kind === "Int16Array" || kind === "Float32Array") &&
          (sampleRate === undefined || isWhole(sampleRate, 8_000, 192_000, 25)) &&
          isWhole(channels, 1, 8) &&
          (timestampUs === undefined || isNumber(timestampUs, 0, 2 ** 53 - 1)) &&
          (absoluteCaptureTimestampMs === undefined ||
            isNumber(absoluteCaptureTimestampMs, 0, Math.floor((2 ** 53 - 1) / 1_000)));
        using source = sora.createAudioSource({ channels: 2, sampleRate: 16_000 });
        const send = () => source.onData(data, options as SoraAudioDataOptions);
        if (!right) {
          assert.throws(send, { name: /^(Type|Range)Error$/ });
        } else if (length % (channels as number) !== 0) {
          assert.throws(send, { name: "RangeError", message: /^data must have a multiple of / });
        } else {
          send();
          // Two seconds fit, and the rest is counted.
          const frames = length / (channels as number);
          const rate = (sampleRate ?? 16_000) as number;
          assert.equal(source.dropped, Math.max(0, frames - 2 * rate));
        }
        assert.deepEqual(buffer, before);
      },
    ),
    { numRuns: 600 },
  );
});

test("Sora.createAudioSource takes whole rates and channels alone", () => {
  fc.assert(
    fc.property(
      about(8_000, 48_000, 100),
      about(1, 2),
      (sampleRate, channels) => {
        const options = { sampleRate, channels } as SoraAudioSourceOptions;
        if (isWhole(sampleRate, 8_000, 48_000, 100) && isWhole(channels, 1, 2)) {
          using source = sora.createAudioSource(options);
          assert.deepEqual([source.sampleRate, source.channels], [sampleRate, channels]);
        } else {
          assert.throws(() => sora.createAudioSource(options), { name: /^(Type|Range)Error$/ });
        }
      },
    ),
    { numRuns: 300 },
  );
});
