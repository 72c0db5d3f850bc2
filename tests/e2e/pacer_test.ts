/** The bandwidth that the server allows for video limits the encoder, and neither the estimate nor the pacer of the call. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../../base/random.ts";
import type { SoraConnection } from "../../mod.ts";
import { eventually } from "../support/eventually.ts";
import { videoRtpOf } from "../support/statistics.ts";
import { VideoScene } from "../support/video_scene.ts";

const size = { width: 640, height: 360 };
const KBPS = 1_000;
/** Few frames, so that each is large: 12,000 bytes or more. */
const FRAME_MS = 100;
const LOWER_KBPS = 300;

/** I420 with detail that moves, so that the encoder wants more than it may have. */
function noise(): (offset: number) => Uint8Array<ArrayBuffer> {
  const bytes = size.width * size.height * 3 / 2;
  const data = new Uint8Array(2 * bytes).fill(128);
  const random = seededRandom(1);
  for (let i = 0; i < data.length; i++) data[i] = 96 + random() * 64;
  return (offset) => data.subarray(offset % bytes, offset % bytes + bytes);
}

async function available(connection: SoraConnection): Promise<number> {
  for (const one of await connection.getStats()) {
    if (one.type === "candidate-pair" && one.availableOutgoingBitrate !== undefined) {
      return one.availableOutgoingBitrate;
    }
  }
  return 0;
}

/** Waits for a second in which packets wait for less than 1 ms to be sent; the bit rate of it. */
async function promptPackets(connection: SoraConnection): Promise<number> {
  let from = await videoRtpOf(connection, "outbound-rtp");
  return await eventually("packets that are sent at once", async () => {
    const to = await videoRtpOf(connection, "outbound-rtp");
    const seconds = (to.timestamp - from.timestamp) / 1_000;
    const packets = to.packetsSent! - from.packetsSent!;
    if (seconds < 1 || packets < 10) return false;
    const waitSeconds = (to.totalPacketSendDelay! - from.totalPacketSendDelay!) / packets;
    const bitRate = (to.bytesSent! - from.bytesSent!) * 8 / seconds;
    // The first frame is far larger than the others.
    from = to;
    return waitSeconds < 0.001 && bitRate;
  }, 20_000);
}

test("b=TIAS limits the encoder and not the estimate of the call: packets do not wait", {
  timeout: 120_000,
}, async () => {
  await using scene = await VideoScene.open({ videoBitRate: KBPS });
  const { sender, source } = scene;
  const frame = noise();
  let count = 0;
  const timer = setInterval(
    () => source.onCaptured(frame(++count * 7_919), { ...size, format: "I420" }),
    FRAME_MS,
  );
  try {
    const target = async () => (await videoRtpOf(sender, "outbound-rtp")).targetBitrate ?? 0;
    await eventually("an estimate beyond the video's bit rate", async () => {
      return await available(sender) > 1.5 * KBPS * 1_000;
    });
    await eventually("the allowed bit rate", async () => await target() > 0.8 * KBPS * 1_000);
    assert.ok(await target() <= KBPS * 1_000, `the encoder's target is ${await target()} bit/s`);
    await promptPackets(sender);

    await scene.limitVideo(LOWER_KBPS);
    const bitRate = await promptPackets(sender);
    assert.ok(bitRate < 1.2 * LOWER_KBPS * 1_000, `${Math.round(bitRate)} bit/s are sent`);
    assert.ok(await available(sender) > 1.5 * KBPS * 1_000);
    await scene.limitVideo(KBPS);
    await eventually("more again", async () => await target() > 2 * LOWER_KBPS * 1_000);
  } finally {
    clearInterval(timer);
  }
});
