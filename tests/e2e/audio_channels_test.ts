import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { median } from "../../demo/statistics.ts";
import { SoraAudioSink } from "../../mod.ts";
import { AudioScene } from "../support/audio_scene.ts";
import { rowsHere } from "../support/smoke.ts";
import { dominantFrequency, levelAt, Tone } from "../support/tone.ts";
import { eventually } from "../support/eventually.ts";
import { AMPLITUDE, assertHears, listen, OUT_RATE, sendTones } from "../support/tone_scene.ts";

let scene: AudioScene;
before(async () => {
  scene = await AudioScene.open();
});
after(() => scene[Symbol.asyncDispose]());

test("a silent channel is silent beside one that is not, on either side", async () => {
  for (const tones of [[0, 700], [700, 0]]) {
    using sent = sendTones(scene.source, 48_000, tones);
    await assertHears(scene, tones, sent);
  }
});

const mono = { audioOpusParams: { channels: 1, stereo: false, sprop_stereo: false } };
for (const [side, options] of [["sender", [mono]], ["receiver", [{}, mono]]] as const) {
  test(`a ${side} that asks for mono gets both channels mixed`, async () => {
    await using apart = await AudioScene.open(...options);
    using sent = sendTones(apart.source, 48_000, [700, 0]);
    await assertHears(apart, [700, 700], sent, { amplitude: AMPLITUDE / 2 });
  });
}

/** -3 dB. */
const h = Math.SQRT1_2;
/** What is sent in several channels, what is heard on the left and right, and how much of it (ITU-R BS.775, turned down to 1). */
const mixes: readonly [number[], number[], number][] = [
  [[500, 1_200, 0], [500, 1_200], 1 / (1 + h)],
  [[0, 0, 500, 1_200], [500, 1_200], h / (1 + h)],
  [[0, 0, 700, 0, 0], [700, 700], h / (1 + 2 * h)],
  [[500, 1_200, 0, 0, 0, 0], [500, 1_200], 1 / (1 + 2 * h)],
  [[500, 0, 0, 1_500, 0, 0], [500, 0], 1 / (1 + 2 * h)],
  [[0, 0, 0, 0, 0, 900], [0, 900], h / (1 + 2 * h)],
  [[0, 0, 0, 0, 900, 0, 0], [900, 900], 0.5 / (1.5 + 2 * h)],
  [[0, 0, 0, 0, 500, 1_200, 0, 0], [500, 1_200], h / (1 + 3 * h)],
];
for (const [tones, heard, share] of rowsHere("deno", mixes, ([tones]) => tones.length === 8)) {
  test(`channels of ${tones.join(", ")} Hz are heard as ${heard.join(" and ")} Hz`, async () => {
    using sent = sendTones(scene.source, 48_000, tones, { amplitude: 25_000 });
    await assertHears(scene, heard, sent, { amplitude: 25_000 * share });
  });
}

test("a tone at full scale arrives without clipping", async () => {
  for (const floats of [false, true]) {
    using sent = sendTones(scene.source, 48_000, [440, 440], { amplitude: 32_767, floats });
    for (const samples of await listen(scene, 2, sent)) {
      const shares: number[] = [];
      const levels: number[] = [];
      const windowed = OUT_RATE / 440 * 11;
      let run = 0;
      let longest = 0;
      for (const sample of samples) {
        run = Math.abs(sample) >= 32_700 ? run + 1 : 0;
        longest = Math.max(longest, run);
      }
      // The top of the sine itself is as high for 3 samples; 1 dB too much would be 16.
      assert.ok(longest <= 8, `${longest} samples in a row are at their limit`);
      // In whole periods, so that nothing but the tone counts as something else.
      for (let at = 0; at + windowed <= samples.length; at += windowed) {
        const part = samples.subarray(at, at + windowed);
        const power = part.reduce((sum, sample) => sum + sample ** 2, 0) / part.length;
        const level = levelAt(part, OUT_RATE, 440);
        levels.push(level);
        shares.push(level ** 2 / power);
      }
      // Half of the stretch at least, as late packets are covered up with something like it.
      const share = median(shares);
      assert.ok(share >= 0.99, `${share} of the power is the tone`);
      const level = median(levels);
      assert.ok(Math.abs(level / 32_767 * Math.SQRT2 - 1) <= 0.1, `${level} is not full scale`);
    }
  }
});

for (const sampleRate of rowsHere("deno", [11_025, 22_050], (rate) => rate === 22_050)) {
  test(`a source of ${sampleRate} Hz is heard at its pitch, and as long as it is`, async () => {
    using source = scene.sora.createAudioSource({ sampleRate, channels: 1 });
    assert.equal(source.sampleRate, sampleRate);
    await scene.sender.replaceTrack("audio", source);
    const tone = new Tone(sampleRate, 1_000);
    const writer = source.writable.getWriter();
    let done = false;
    const sending = (async () => {
      while (!done) await writer.write(tone.next(sampleRate / 25));
    })();
    using sink = new SoraAudioSink(scene.track, { sampleRate: OUT_RATE, channels: 1 });
    try {
      await eventually("the tone", async () => {
        const { ok, data } = await sink.read(OUT_RATE / 2);
        return ok && levelAt(data, OUT_RATE, 1_000) > 5_000 &&
          Math.abs(dominantFrequency(data, OUT_RATE) - 1_000) <= 2;
      });
    } finally {
      done = true;
      await sending;
      await scene.sender.replaceTrack("audio", scene.source);
    }
  });
}
