import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { SoraAudioSink, type SoraAudioSinkOptions, SoraAudioStreamSink } from "../../mod.ts";
import { AudioScene } from "../support/audio_scene.ts";
import { within } from "../support/eventually.ts";
import { AMPLITUDE, fault, listen, sendTones } from "../support/tone_scene.ts";

let scene: AudioScene;
before(async () => {
  scene = await AudioScene.open();
});
after(() => scene[Symbol.asyncDispose]());

const isWhole = (value: unknown, min: number, max: number, step = 1) =>
  typeof value === "number" && Number.isInteger(value) && value >= min && value <= max &&
  value % step === 0;

/** Whole numbers of a range, and now and then something else. */
const mostly = (min: number, max: number, step = 1) =>
  fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: min / step, max: max / step }).map((n) => n * step) },
    fc.constantFrom(min, max, min - step, max + step, min + 0.5, NaN, Infinity, -1, 2 ** 53),
    fc.anything(),
  );

for (const Samples of [Int16Array, Float32Array]) {
  test(`views into a larger buffer of noise send their own samples alone: ${Samples.name}`, async () => {
    const scale = Samples === Float32Array ? 1 : 32_768;
    const pieces = fc.sample(fc.record({ skipped: fc.nat(999), frames: fc.nat(999) }), {
      numRuns: 200,
      seed: 1,
    });
    const since = Date.now();
    const start = performance.now();
    let position = 0;
    const timer = setInterval(() => {
      while (position < (performance.now() - start) * 48) {
        const { skipped, frames } = pieces[position % pieces.length]!;
        const buffer = new Samples(skipped + frames + 99);
        for (let i = 0; i < buffer.length; i++) buffer[i] = scale * (i * 7 % 13 < 6 ? 0.99 : -0.99);
        const data = buffer.subarray(skipped, skipped + frames);
        for (let i = 0; i < frames; i++) {
          const turns = 700 * (position + i) / 48_000;
          data[i] = scale * AMPLITUDE / 32_768 * Math.sin(2 * Math.PI * turns);
        }
        scene.source.onData(data, { channels: 1 });
        position += Math.max(1, frames);
      }
    }, 5);
    const sent = { since, [Symbol.dispose]: () => clearInterval(timer) };
    using _ = sent;
    const [samples] = await listen(scene, 1, sent);
    assert.equal(fault(samples!, 700), undefined);
  });
}

test("reads of any lengths give what a stream of frames gives, in any format", async () => {
  using _ = sendTones(scene.source, 48_000, [313, 1_017], { floats: true });
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 80, max: 480 }).map((rate) => rate * 100),
      fc.integer({ min: 1, max: 2 }),
      fc.array(fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 2_000 })), {
        minLength: 1,
        maxLength: 20,
      }),
      async (sampleRate, channels, lengths) => {
        const options = { sampleRate, channels, bufferMs: 10_000 };
        // It begins before the other, so that it has all that the other has.
        using sink = new SoraAudioSink(scene.track, options);
        const first = await sink.read(sampleRate / 100);
        using stream = new SoraAudioStreamSink(scene.track, options);
        const block = sampleRate / 100 * channels;
        const frames: number[] = [];
        const read = [...first.data];
        for (const length of [sampleRate / 10, ...lengths, sampleRate / 10]) {
          const { ok, data } = await sink.read(length, { timeoutMs: 10_000 });
          assert.deepEqual([ok, data.length], [true, length * channels]);
          read.push(...data);
        }
        const iterator = stream[Symbol.asyncIterator]();
        // Behind what the stream's resampler had no past for.
        for (let count = 0; count < 6; count++) {
          const { value: frame } = await within("a frame", iterator.next());
          assert.equal(frame?.samples.length, block);
          if (count >= 2) frames.push(...frame!.samples);
        }
        // A resampler's position is a sum, so what began elsewhere may round otherwise.
        const found = () => {
          for (let at = 0; at + frames.length <= read.length; at += block) {
            if (frames.every((sample, i) => Math.abs(sample - read[at + i]!) <= 1)) return true;
          }
          return false;
        };
        // The stream may have begun long after the sink, on a machine with much to do.
        while (!found() && read.length < 5 * sampleRate * channels) {
          read.push(...(await sink.read(sampleRate / 10, { timeoutMs: 10_000 })).data);
        }
        assert.ok(found(), `4 frames of ${block} samples are not among ${read.length}`);
      },
    ),
    { numRuns: 12 },
  );
});

test("sinks take the options that are documented, and refuse others", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(SoraAudioSink, SoraAudioStreamSink),
      fc.record({
        sampleRate: mostly(8_000, 48_000, 100),
        channels: mostly(1, 2),
        bufferMs: mostly(20, 60_000),
      }, { requiredKeys: [] }),
      (Sink, options) => {
        const { sampleRate = 8_000, channels = 1, bufferMs = 20 } = options;
        const right = isWhole(sampleRate, 8_000, 48_000, 100) && isWhole(channels, 1, 2) &&
          isWhole(bufferMs, 20, 60_000);
        const make = () => new Sink(scene.track, options as SoraAudioSinkOptions);
        if (right) make().close();
        else assert.throws(make, { name: /^(Type|Range)Error$/ });
      },
    ),
    { numRuns: 300 },
  );
});

test("SoraAudioSink.read gives what was asked for or nothing, and rejects as documented", async () => {
  using _ = sendTones(scene.source, 48_000, [600]);
  using sink = new SoraAudioSink(scene.track, { sampleRate: 16_000, channels: 2, bufferMs: 200 });
  await fc.assert(
    fc.asyncProperty(mostly(0, 3_600), mostly(0, 30), async (frames, timeoutMs) => {
      const read = sink.read(frames as number, { timeoutMs: timeoutMs as number });
      const wrong = (frames !== undefined && !isWhole(frames, 0, 2 ** 31 - 1)) ||
        (timeoutMs !== undefined &&
          !(typeof timeoutMs === "number" && timeoutMs >= 0 && timeoutMs <= 2 ** 31 - 1));
      if (wrong) {
        await assert.rejects(read, { name: /^(Type|Range)Error$/ });
      } else if ((frames ?? 0) as number > 3_200) {
        await assert.rejects(read, { name: "RangeError" });
      } else {
        const { ok, data } = await within("the read", read);
        if (!ok) assert.equal(data.length, 0);
        else if (frames) assert.equal(data.length, (frames as number) * 2);
        else assert.ok(data.length >= 2 && data.length <= 6_400 && data.length % 2 === 0);
      }
    }),
    { numRuns: 150 },
  );
});
