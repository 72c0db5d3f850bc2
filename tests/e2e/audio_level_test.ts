import { after, before, test } from "node:test";
import { SoraAudioFrameTransformer, type SoraTransformableAudioFrame } from "../../mod.ts";
import { AudioScene } from "../support/audio_scene.ts";
import { eventually } from "../support/eventually.ts";
import { sendTones } from "../support/tone_scene.ts";

/** Frames in a row that are looked at: 200 ms. */
const STRETCH = 10;
/** Silence (RFC 6464). */
const SILENCE = 127;

let scene: AudioScene;
const sending = new SoraAudioFrameTransformer();
const receiving = new SoraAudioFrameTransformer();
let sent: SoraTransformableAudioFrame[] = [];
let received: SoraTransformableAudioFrame[] = [];

before(async () => {
  sending.onTransform = (frame) => {
    sent = [...sent.slice(-199), frame];
    sending.enqueue(frame);
  };
  receiving.onTransform = (frame) => {
    received = [...received.slice(-199), frame];
    receiving.enqueue(frame);
  };
  scene = await AudioScene.open({ audioFrameTransformer: sending });
  scene.track.setFrameTransformer(receiving);
});
after(() => scene[Symbol.asyncDispose]());

/** A sine has 1/√2 of its amplitude as root mean square. */
const level = (amplitude: number) => -20 * Math.log10(amplitude / 32_768 * Math.SQRT1_2);

for (const amplitude of [10_000, 320, 0]) {
  test(`audioLevel of sent and received frames is that of a tone of amplitude ${amplitude}`, async () => {
    const wanted = amplitude === 0 ? SILENCE : level(amplitude);
    using _tones = sendTones(scene.source, 48_000, [500, 500], { amplitude });
    const near = ({ audioLevel = NaN }: SoraTransformableAudioFrame) =>
      Math.abs(audioLevel - wanted) <= 1;
    for (const frames of [() => sent, () => received]) {
      await eventually("frames of that level", () => {
        const last = frames().slice(-STRETCH);
        return last.length === STRETCH && last.every(near);
      });
    }
  });
}
