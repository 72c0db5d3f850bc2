import assert from "node:assert/strict";
import { test } from "node:test";
import { SoraDegradationPreference, type SoraPixelFormat, type SoraVideoFrame } from "../../mod.ts";
import { BAND_NUMBERS, drawBand, readBand } from "../support/band_frame.ts";
import { nextFrame } from "../support/media_client.ts";
import { psnr } from "../support/frame.ts";
import { encodePixels, frameBytes, rowBytes } from "../support/pixels.ts";
import { rowsHere } from "../support/smoke.ts";
import { VideoScene } from "../support/video_scene.ts";

const size = { width: 1_280, height: 720 };
const number = 0b1011_0010;
const GOOD_DB = 30;

const formats = ["I420", "NV12", "BGR"] as const satisfies SoraPixelFormat[];
for (const format of rowsHere("bun", formats, (format) => format === "BGR")) {
  test(`a ${format} frame that is more than may be sent arrives smaller, whole`, async () => {
    assert.ok(number < BAND_NUMBERS);
    await using scene = await VideoScene.open({
      videoBitRate: 100,
      degradationPreference: "MAINTAIN_FRAMERATE",
    });
    const layout = { ...size, format, stride: rowBytes(format, size.width) + 7 };
    const data = new Uint8Array(frameBytes(layout));
    encodePixels(drawBand(size.width, size.height, number), layout, data);
    const timer = setInterval(() => scene.source.onCaptured(data, layout), 33);
    try {
      const smaller = (frame: SoraVideoFrame) => frame.width < size.width;
      for (let count = 0; count < 30; count++) (await nextFrame(scene.sink, smaller)).close();
      using frame = await nextFrame(scene.sink, smaller);
      const { width, height } = frame;
      // Sides are rounded to whole pixels.
      assert.ok(Math.abs(width / height - size.width / size.height) < 0.05, `${width}x${height}`);
      const pixels = frame.data();
      assert.equal(readBand(width, height, pixels), number);
      const quality = psnr(pixels, drawBand(width, height, number));
      assert.ok(quality >= GOOD_DB, `${width}x${height}: ${quality.toFixed(1)} dB`);
    } finally {
      clearInterval(timer);
    }
  });
}

const preferences = Object.values(SoraDegradationPreference);
for (
  const degradationPreference of rowsHere("bun", preferences, (one) => one === "MAINTAIN_FRAMERATE")
) {
  const keeps = !["MAINTAIN_FRAMERATE", "BALANCED"].includes(degradationPreference);
  test(`${degradationPreference} ${keeps ? "keeps" : "gives up"} the size when a re-offer lets too little be sent`, async () => {
    await using scene = await VideoScene.open({ videoBitRate: 5_000, degradationPreference });
    const data = drawBand(size.width, size.height, number);
    const timer = setInterval(() => scene.source.onCaptured(data, size), 33);
    try {
      await nextFrame(scene.sink, ({ width }) => width === size.width).then((f) => f.close());
      await scene.limitVideo(100);
      if (!keeps) {
        (await nextFrame(scene.sink, ({ width }) => width < size.width)).close();
        return;
      }
      for (let count = 0; count < 10; count++) {
        using frame = await nextFrame(scene.sink);
        assert.deepEqual([frame.width, frame.height], [size.width, size.height]);
      }
    } finally {
      clearInterval(timer);
    }
  });
}
