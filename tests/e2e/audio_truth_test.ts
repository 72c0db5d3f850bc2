import { after, before, test } from "node:test";
import { AudioScene } from "../support/audio_scene.ts";
import { rowsHere } from "../support/smoke.ts";
import { assertHears, sendTones } from "../support/tone_scene.ts";

let scene: AudioScene;
before(async () => {
  scene = await AudioScene.open();
});
after(() => scene[Symbol.asyncDispose]());

const rates = [8_000, 16_000, 24_000, 44_100, 48_000, 96_000, 192_000];
for (const sampleRate of rowsHere("deno", rates, (rate) => rate === 44_100)) {
  test(`tones at ${sampleRate} Hz, in one channel and in two, arrive as sent, not swapped`, async () => {
    const floats = sampleRate % 44_100 === 0 || sampleRate === 192_000;
    {
      using sent = sendTones(scene.source, sampleRate, [440], { floats });
      await assertHears(scene, [440], sent);
    }
    using sent = sendTones(scene.source, sampleRate, [500, 1_200], { floats });
    await assertHears(scene, [500, 1_200], sent);
  });
}

test("a source that is disabled is silent, and comes back", async () => {
  using sent = sendTones(scene.source, 48_000, [800]);
  await assertHears(scene, [800], sent);
  for (const [enabled, tone] of [[false, 0], [true, 800]] as const) {
    scene.source.setEnabled(enabled);
    const since = Date.now();
    await assertHears(scene, [tone], { ...sent, since });
  }
});
