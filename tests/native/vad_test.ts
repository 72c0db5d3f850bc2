import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { decodeWav, type WavAudio } from "../../files/mod.ts";
import { SoraAudioFrame, SoraVAD } from "../../mod.ts";
import { Tone } from "../support/tone.ts";

const voice = decodeWav(
  readFileSync(new URL("../../.deps/media/Front_Center.wav", import.meta.url)),
);
const rates = [8_000, 16_000, 24_000, 44_100, 48_000];

/** What espeak-ng says in one of its voices. */
function speak(voice: string, text: string): WavAudio {
  const folder = mkdtempSync(join(tmpdir(), "sora-speech-"));
  try {
    const file = join(folder, "speech.wav");
    execFileSync("espeak-ng", ["-v", voice, "-w", file, text]);
    return decodeWav(readFileSync(file));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

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

/** The first channel of a recording at another rate (by straight lines between its samples), the same in each of `copies` channels. */
function convert(audio: WavAudio, rate: number, copies: number): Int16Array<ArrayBuffer> {
  const { samples, channels, sampleRate } = audio;
  const frames = Math.floor((samples.length / channels - 1) * rate / sampleRate);
  return Int16Array.from({ length: frames * copies }, (_, i) => {
    const position = Math.floor(i / copies) * sampleRate / rate;
    const at = Math.floor(position);
    const [before = 0, after = 0] = [samples[at * channels], samples[(at + 1) * channels]];
    return Math.round(before + (after - before) * (position - at));
  });
}

/** Samples in one channel, the same in both of two. */
function double(samples: Int16Array<ArrayBuffer>): Int16Array<ArrayBuffer> {
  return Int16Array.from({ length: samples.length * 2 }, (_, i) => samples[i >> 1] ?? 0);
}

function concat(...parts: Int16Array[]): Int16Array<ArrayBuffer> {
  return Int16Array.from(parts.flatMap((part) => [...part]));
}

function assertVoice(
  samples: Int16Array<ArrayBuffer>,
  rate: number,
  channels: number,
  what: string,
) {
  const probabilities = analyze(samples, rate, channels);
  const highest = Math.max(...probabilities);
  assert.ok(highest > 0.9, `${what}: ${highest} at ${rate} Hz with ${channels} channels`);
  assert.ok(probabilities.every((value) => value >= 0 && value <= 1));
}

function assertNoVoice(
  samples: Int16Array<ArrayBuffer>,
  rate: number,
  channels: number,
  what: string,
) {
  const probabilities = analyze(samples, rate, channels);
  const highest = Math.max(...probabilities);
  const at = probabilities.indexOf(highest);
  assert.ok(
    highest < 0.3,
    `${what}: ${highest} in slice ${at} at ${rate} Hz, ${channels} channels`,
  );
}

test("SoraVAD hears recorded speech: above 0.9 at its loudest, at each rate, in one channel and two", () => {
  for (const rate of rates) {
    for (const channels of [1, 2]) {
      assertVoice(convert(voice, rate, channels), rate, channels, "Front_Center.wav");
    }
  }
});

test("SoraVAD hears the speech of espeak-ng: above 0.9 at its loudest, at each rate, in one channel and two", () => {
  const recordings = {
    man: speak("en", "The quick brown fox jumps over the lazy dog."),
    woman: speak("en+f3", "We were away a year ago."),
  };
  for (const [name, audio] of Object.entries(recordings)) {
    for (const rate of rates) {
      for (const channels of [1, 2]) {
        assertVoice(convert(audio, rate, channels), rate, channels, name);
      }
    }
  }
});

test("SoraVAD takes silence for no voice: below 0.3 at each rate, in one channel and two", () => {
  for (const rate of rates) {
    for (const channels of [1, 2]) {
      assertNoVoice(new Int16Array(rate * channels), rate, channels, "silence");
    }
  }
});

test("SoraVAD takes tones for no voice from their first sample to their last: below 0.3", () => {
  for (const rate of rates) {
    for (const hz of [100, 200, 300, 440, 600, 1_000, 3_000]) {
      for (const amplitude of [300, 3_000, 30_000]) {
        // The tone ends in the middle of a slice.
        const tone = new Tone(rate, hz, amplitude).next(Math.round(rate * 0.994));
        const what = `${hz} Hz of amplitude ${amplitude}`;
        assertNoVoice(concat(tone, new Int16Array(rate / 10)), rate, 1, what);
        if (amplitude === 3_000) {
          const late = concat(new Int16Array(Math.round(rate * 0.104)), tone);
          assertNoVoice(double(late), rate, 2, `${what} after silence`);
        }
      }
    }
  }
});

test("SoraVAD takes a tone for no voice that swells and becomes pure, as one that a decoder joins", () => {
  const rate = 48_000;
  for (const hz of [200, 440, 1_000]) {
    const tone = Float64Array.from(new Tone(rate, hz).next(rate));
    const [other, half] = [hz * 1.7, hz / 2].map((hz) => new Tone(rate, hz).next(rate));
    const joined = Int16Array.from(tone, (sample, i) => {
      const seconds = i / rate;
      const impure = 0.2 * Math.exp(-seconds / 0.03) * (other![i]! + half![i]!);
      return Math.round(sample * (1 - 0.8 * Math.exp(-seconds / 0.06)) + impure);
    });
    assertNoVoice(concat(new Int16Array(rate / 50), joined), rate, 1, `${hz} Hz`);
  }
});

test("SoraVAD hears speech after a tone and a tone after speech", () => {
  const rate = voice.sampleRate;
  const tone = new Tone(rate, 440).next(rate);
  const speech = convert(voice, rate, 1);
  const probabilities = analyze(concat(tone, speech, tone), rate);
  const spoken = [100, 100 + Math.ceil(speech.length / 480)] as const;
  assert.ok(Math.max(...probabilities.slice(...spoken)) > 0.9);
  // Until a slice is a tone and nothing else, it may be the end of what was said.
  assert.ok(Math.max(...probabilities.slice(0, 100), ...probabilities.slice(spoken[1] + 3)) < 0.3);
});

test("SoraVAD gives the same for any length of the pieces", () => {
  const samples = convert(voice, 48_000, 1);
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
  const samples = convert(voice, 48_000, 1);
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
  for (const [message, call] of wrong) {
    assert.throws(call, { name: /^(Type|Range)Error$/, message });
  }
  assert.throws(() => vad.analyze(samples, { sampleRate: 8_000, channels: 2 }), {
    name: "RangeError",
    message: "audio must have a multiple of 2 samples, as there are 2 channels, not 3",
  });
  vad.close();
  vad.close();
  const closed = { name: "SoraError", code: "CLOSED" };
  assert.throws(() => vad.analyze(samples, { sampleRate: 8_000 }), closed);
});
