import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { decodeWav } from "../../files/mod.ts";
import { SoraAudioFrame, SoraVAD } from "../../mod.ts";
import { Tone } from "../support/tone.ts";

const voice = decodeWav(
  readFileSync(new URL("../../.deps/media/Front_Center.wav", import.meta.url)),
);

/** The probabilities of each 10 ms. */
function analyze(samples: Int16Array<ArrayBuffer>, sampleRate: number, channels = 1): number[] {
  using vad = new SoraVAD();
  const size = sampleRate / 100 * channels;
  const probabilities: number[] = [];
  for (let at = 0; at + size <= samples.length; at += size) {
    const slice = samples.slice(at, at + size);
    const init = { samples: slice, sampleRateHz: sampleRate, numChannels: channels };
    probabilities.push(vad.analyze(new SoraAudioFrame(init)));
  }
  return probabilities;
}

/** Every `step`th sample of each of `copies` channels: another rate and other channels of the same sound. */
function derive(step: number, copies: number): Int16Array<ArrayBuffer> {
  const { samples, channels } = voice;
  const frames = Math.floor(samples.length / channels / step);
  return Int16Array.from(
    { length: frames * copies },
    (_, i) => samples[Math.floor(i / copies) * step * channels] ?? 0,
  );
}

test("SoraVAD hears speech: above 0.9 at its loudest, at several rates, in one channel and two", () => {
  for (const [step, channels] of [[1, 1], [1, 2], [2, 1], [3, 2]] as const) {
    const rate = voice.sampleRate / step;
    const probabilities = analyze(derive(step, channels), rate, channels);
    const highest = Math.max(...probabilities);
    assert.ok(highest > 0.9, `${highest} at ${rate} Hz with ${channels} channels`);
    assert.ok(probabilities.every((value) => value >= 0 && value <= 1));
  }
});

// RNNoise takes steady tones at the pitch of voices, up to some 600 Hz, for voice; that is said where SoraVAD is documented.
test("SoraVAD takes silence, and tones above the pitch of voices, for no voice: below 0.3", () => {
  const silence = Math.max(...analyze(new Int16Array(48_000), 48_000));
  assert.ok(silence < 0.3, `silence is ${silence}`);
  for (const hz of [1_000, 2_000, 3_000, 4_000]) {
    // The network needs a moment to see that nothing changes.
    const tone = Math.max(...analyze(new Tone(48_000, hz).next(96_000), 48_000).slice(50));
    assert.ok(tone < 0.3, `a tone of ${hz} Hz is ${tone}`);
  }
});

test("SoraVAD gives the same for any length of the pieces", () => {
  const samples = derive(1, 1);
  const whole = analyze(samples, 48_000).at(-1);
  for (const size of [1, 479, 481, 4_801]) {
    using vad = new SoraVAD();
    let last = 0;
    const end = samples.length - samples.length % 480;
    for (let at = 0; at < end; at += size) {
      last = vad.analyze(samples.slice(at, Math.min(end, at + size)), { sampleRate: 48_000 });
    }
    assert.equal(last, whole, `in pieces of ${size}`);
  }
});

test("each SoraVAD has its own memory", () => {
  using a = new SoraVAD();
  using b = new SoraVAD();
  const samples = derive(1, 1);
  const format = { sampleRate: 48_000 };
  const alone = analyze(samples, 48_000);
  const silent = new Int16Array(480);
  const mixed = alone.map((_, i) => {
    b.analyze(silent, format);
    return a.analyze(samples.slice(i * 480, i * 480 + 480), format);
  });
  assert.deepEqual(mixed, alone);
});

test("SoraVAD.analyze refuses wrong input and use after close", () => {
  const vad = new SoraVAD();
  assert.equal(vad.analyze(new Int16Array(0), { sampleRate: 8_000 }), 0);
  const samples = new Int16Array(3);
  const wrong: [RegExp, () => unknown][] = [
    [/^audio must be a SoraAudioFrame or an Int16Array/, () => vad.analyze([] as never)],
    [/^format must be an object/, () => vad.analyze(samples, undefined as never)],
    [/^format\.sampleRate /, () => vad.analyze(samples, { sampleRate: 7_900 })],
    [/^format\.sampleRate .*multiple of 25/, () => vad.analyze(samples, { sampleRate: 8_010 })],
    [/^format\.channels /, () => vad.analyze(samples, { sampleRate: 8_000, channels: 9 })],
    [/^format\.rate /, () => vad.analyze(samples, { sampleRate: 8_000, rate: 1 } as never)],
    [/^options\.path /, () => new SoraVAD({ path: "" } as never)],
  ];
  for (const [message, call] of wrong) assert.throws(call, { name: "TypeError", message });
  assert.throws(() => vad.analyze(samples, { sampleRate: 8_000, channels: 2 }), {
    name: "RangeError",
    message: "audio has 3 samples, which is not a multiple of 2 channels",
  });
  vad.close();
  vad.close();
  const closed = { name: "SoraError", code: "CLOSED" };
  assert.throws(() => vad.analyze(samples, { sampleRate: 8_000 }), closed);
});
