import assert from "node:assert/strict";
import { test } from "node:test";
import { SoraVideoFrameTransformer } from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { eventually } from "../support/eventually.ts";
import { MediaClient } from "../support/media_client.ts";

test("a transformer that serves one connection after the other reports the codec of each", async () => {
  await using server = await SoraServer.start({ port: 0 });
  const videoFrameTransformer = new SoraVideoFrameTransformer();
  for (const videoCodecType of ["VP8", "AV1", "VP9", "VP8"] as const) {
    const types = new Set<string>();
    let count = 0;
    videoFrameTransformer.onTransform = (frame) => {
      count++;
      types.add(frame.mimeType);
      videoFrameTransformer.enqueue(frame);
    };
    await using sender = new MediaClient({
      signalingUrls: [server.url],
      channelId: "codecs",
      role: "sendonly",
      audio: false,
      videoCodecType,
      videoFrameTransformer,
    }, { frame: { width: 320, height: 240, turn: 1 } });
    await sender.connect();
    await eventually("frames", () => count >= 10);
    assert.deepEqual([...types], [`video/${videoCodecType}`]);
  }
});
