import { after, before, test } from "node:test";
import { AudioScene } from "../support/audio_scene.ts";
import { rowsHere } from "../support/smoke.ts";
import { assertHears, sendTones } from "../support/tone_scene.ts";

/** Pieces that are longer than the jitter buffer is at first: it has grown by then. */
const SETTLE_MS = 1_500;

let scene: AudioScene;
before(async () => {
  scene = await AudioScene.open();
});
after(() => scene[Symbol.asyncDispose]());

test("pieces of a single sample make the same tone", async () => {
  using sent = sendTones(scene.source, 8_000, [880], { length: 1 });
  await assertHears(scene, [880], sent);
});

/** Rates and lengths of pieces, odd and up to 100 ms. */
const pieces: readonly [number, readonly number[]][] = [
  [8_000, [7, 333, 801]],
  [11_025, [109, 1_103]],
  [22_050, [221]],
  [44_100, [443, 4_411]],
  [48_000, [13, 479, 4_801]],
  [96_000, [961, 4_801]],
  [192_000, [4_801]],
];
for (const [sampleRate, lengths] of rowsHere("deno", pieces, ([rate]) => rate === 44_100)) {
  for (const length of lengths) {
    test(`pieces of ${length} frames of two channels at ${sampleRate} Hz make the same tones`, async () => {
      const floats = length % 3 === 0;
      using sent = sendTones(scene.source, sampleRate, [500, 1_200], { length, floats });
      const settle = length / sampleRate > 0.05 ? { settleMs: SETTLE_MS } : {};
      await assertHears(scene, [500, 1_200], sent, settle);
    });
  }
}
