/**
 * One codec by one implementation, from a sender through the server to a receiver.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Sora, SoraDegradationPreference, type SoraOptions } from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { assertKeyFrames, assertStatistics, type CodecNames } from "./codec_checks.ts";
import { eventually } from "./eventually.ts";
import { goodFrames } from "./good_frames.ts";
import { MediaClient } from "./media_client.ts";
import { RealClip } from "./real_clip.ts";
import { videoRtpOf } from "./statistics.ts";

/** What the video may have at first and in the end, and what the server allows between; kbps. */
const [FULL, LOW] = [1_500, 300] as const;

/** The clip in two sizes, decoded once. */
const clips = Promise.all([RealClip.decode(640, 360), RealClip.decode(480, 270)]);

/** What is sent and received. */
export interface CodecScene extends CodecNames {
  /** Of the sender and of the receiver. */
  readonly sora: SoraOptions;
}

/** What is sent in about a second, in kbps, without the headers of its packets. */
async function sentKbps(sender: MediaClient): Promise<number> {
  const before = await videoRtpOf(sender.connection, "outbound-rtp");
  return eventually("statistics of a second", async () => {
    const now = await videoRtpOf(sender.connection, "outbound-rtp");
    if (before === undefined || now === undefined) return undefined;
    const ms = now.timestamp - before.timestamp;
    return ms >= 1_000 && ((now.bytesSent ?? 0) - (before.bytesSent ?? 0)) * 8 / ms;
  });
}

/** The encoder's target and what is really sent follow another limit down and up again. */
async function assertBitRate(server: SoraServer, sender: MediaClient): Promise<void> {
  const high = () =>
    eventually(`more than ${LOW * 2} kbps sent`, async () => {
      const kbps = await sentKbps(sender);
      return kbps > LOW * 2 && kbps < FULL * 1.3;
    }, 20_000);
  const limit = async (kbps: number) => {
    assert.ok(server.limitVideo(sender.connection.connectionId ?? "", kbps));
    await eventually(`a target of ${kbps} kbps`, async () => {
      const bits = (await videoRtpOf(sender.connection, "outbound-rtp")).targetBitrate;
      return bits !== undefined && bits <= kbps * 1_000 && bits > kbps * 500;
    }, 20_000);
  };
  await high();
  await limit(LOW);
  await eventually(`not much more than ${LOW} kbps sent`, async () => {
    const kbps = await sentKbps(sender);
    return kbps > LOW / 2 && kbps < LOW * 1.3;
  }, 20_000);
  await limit(FULL);
  await high();
}

/** Nearly all frames that were sent have arrived and were decoded. */
async function assertComplete(sender: MediaClient, receiver: MediaClient): Promise<void> {
  const { framesEncoded = 0 } = await videoRtpOf(sender.connection, "outbound-rtp");
  const { framesDecoded = 0, framesReceived = 0 } = await videoRtpOf(
    receiver.connection,
    "inbound-rtp",
  );
  assert.ok(framesEncoded > 0);
  assert.ok(
    framesDecoded >= framesReceived * 0.97 - 2,
    `${framesDecoded} of ${framesReceived} decoded`,
  );
}

/** Frames arrive as they were sent, by whom they should; key frames come; another size is followed. */
export async function proveCodec(scene: CodecScene): Promise<void> {
  await using server = await SoraServer.start({ port: 0 });
  await using sora = new Sora(scene.sora);
  const { codec: videoCodecType } = scene;
  const [clip, otherClip] = await clips;
  const options = { signalingUrls: [server.url], channelId: "codecs", videoCodecType };
  const sending = {
    ...options,
    role: "sendonly",
    videoBitRate: FULL,
    degradationPreference: SoraDegradationPreference.MAINTAIN_RESOLUTION,
  } as const;
  await using sender = new MediaClient(sending, { frame: clip }, sora);
  await using receiver = new MediaClient({ ...options, role: "recvonly" }, {}, sora);
  await sender.connect();
  await receiver.connect();
  const { video } = await receiver.from(sender, 1);
  await goodFrames(clip, video);
  await assertStatistics(sender.connection, receiver.connection, scene);
  await assertKeyFrames(server, sender);
  await assertBitRate(server, sender);
  await goodFrames(clip, video);
  sender.show(otherClip);
  await goodFrames(otherClip, video);
  await assertComplete(sender, receiver);
  assert.deepEqual([...sender.errors, ...receiver.errors], []);
}
