/** What the offer says of video is what holds: `test_degradation_preference.py` of Sora's suite wants a target below the limit. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { drawBand } from "../support/band_frame.ts";
import { nextFrame } from "../support/media_client.ts";
import { videoRtpOf } from "../support/statistics.ts";
import { VideoScene } from "../support/video_scene.ts";

const rows: readonly (readonly [title: string, videoBitRate: number | undefined, kbps: number])[] =
  [
    ["a sender's target stays below its videoBitRate of 300", 300, 300],
    [
      "without videoBitRate, a sender's target stays below the 1,000 of the offer",
      undefined,
      1_000,
    ],
  ];
for (const [title, videoBitRate, kbps] of rows) {
  test(title, async () => {
    await using scene = await VideoScene.open({ videoBitRate });
    const size = { width: 1_280, height: 720 };
    const data = drawBand(size.width, size.height, 1);
    const timer = setInterval(() => scene.source.onCaptured(data, size), 33);
    try {
      let reached = 0;
      // Probes raise the estimate within the first of them; it is at the limit then, or beyond.
      for (let count = 0; count < 60; count++) {
        (await nextFrame(scene.sink)).close();
        const { targetBitrate: bits = 0 } = await videoRtpOf(scene.sender, "outbound-rtp");
        assert.ok(bits < kbps * 1_000, `${bits} bit/s`);
        reached = Math.max(reached, bits);
      }
      assert.ok(reached >= kbps * 900, `${reached} bit/s at the most`);
    } finally {
      clearInterval(timer);
    }
  });
}
