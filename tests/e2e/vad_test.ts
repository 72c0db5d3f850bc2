/** The probabilities of SoraVAD for audio that came through Opus and the server. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { decodeWav } from "../../files/mod.ts";
import { SoraAudioStreamSink, type SoraMediaTrack, SoraVAD } from "../../mod.ts";
import { AudioScene, receiveOptions } from "../support/audio_scene.ts";
import { within } from "../support/eventually.ts";
import { loudness } from "../support/tone.ts";
import { listen, OUT_RATE, sendTones } from "../support/tone_scene.ts";

const SLICE = OUT_RATE / 100;
/** As voice is sent, in kbps: a good part of what makes a tone pure is lost at that. */
const VOICE_KBPS = 32;
const MAX_FRAMES = 1_500;

let scene: AudioScene;
before(async () => {
  scene = await AudioScene.open({ audioBitRate: VOICE_KBPS });
});
after(() => scene[Symbol.asyncDispose]());

for (const hz of [0, 150, 440, 1_000, 3_000]) {
  test(`${hz === 0 ? "silence" : `a tone of ${hz} Hz`} is no voice after Opus: below 0.3`, async () => {
    using sent = sendTones(scene.source, OUT_RATE, [hz]);
    const [audio] = await listen(scene, 1, sent);
    using vad = new SoraVAD();
    const format = { sampleRate: OUT_RATE };
    for (let at = 0; at < audio!.length; at += SLICE) {
      const probability = vad.analyze(Int16Array.from(audio!.subarray(at, at + SLICE)), format);
      assert.ok(probability < 0.3, `${probability} in slice ${at / SLICE}`);
    }
  });
}

test("a tone is no voice to a member that joins in its middle: below 0.3 from the first sample", async () => {
  const HEARD_MS = 400;
  for (const hz of [150, 440]) {
    using sent = sendTones(scene.source, OUT_RATE, [hz]);
    // It is under way.
    await listen(scene, 1, sent);
    const receiver = scene.sora.createConnection(receiveOptions(scene.server));
    const { promise, resolve } = Promise.withResolvers<SoraMediaTrack>();
    receiver.onTrack = resolve;
    const judging = (async () => {
      using sink = new SoraAudioStreamSink(await promise, { sampleRate: OUT_RATE, channels: 1 });
      using vad = new SoraVAD();
      const probabilities: number[] = [];
      for await (const frame of sink) {
        const probability = vad.analyze(frame);
        // Nothing comes at first.
        if (probabilities.length === 0 && loudness(frame.samples) === 0) continue;
        probabilities.push(probability);
        if (probabilities.length * 10 >= HEARD_MS) break;
      }
      return probabilities;
    })();
    await receiver.connect();
    const probabilities = await within("a tone", judging);
    await receiver.disconnect();
    const highest = Math.max(...probabilities);
    assert.ok(highest < 0.3, `${highest} in slice ${probabilities.indexOf(highest)} of ${hz} Hz`);
  }
});

test("recorded speech is a voice after Opus: above 0.9 at its loudest", async () => {
  const { samples, sampleRate, channels } = decodeWav(
    readFileSync(new URL("../../.deps/media/Front_Center.wav", import.meta.url)),
  );
  assert.equal(sampleRate, OUT_RATE);
  // The same in both channels of the source.
  const speech = Int16Array.from(
    { length: samples.length / channels * 2 },
    (_, i) => samples[(i >> 1) * channels]!,
  );
  const writer = scene.source.createWritable().getWriter();
  using sink = new SoraAudioStreamSink(scene.track, { sampleRate: OUT_RATE, channels: 1 });
  using vad = new SoraVAD();
  // Again and again, until it was heard.
  let heard = false;
  const speak = async () => {
    while (!heard) await writer.write(speech);
  };
  const hear = async () => {
    let [highest, frames] = [0, 0];
    for await (const frame of sink) {
      highest = Math.max(highest, vad.analyze(frame));
      heard = highest > 0.9;
      if (heard) return;
      assert.ok(++frames < MAX_FRAMES, `${highest} at its loudest in ${frames} frames`);
    }
  };
  await within("speech", Promise.all([speak(), hear()]));
  await writer.close();
});
