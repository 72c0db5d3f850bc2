/**
 * One codec by one implementation, from a sender through the server to a receiver.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  Sora,
  SoraDegradationPreference,
  type SoraOptions,
  type SoraStatsOf,
  type SoraVideoCodecName,
} from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { eventually } from "./eventually.ts";
import { goodFrames } from "./good_frames.ts";
import { MediaClient } from "./media_client.ts";
import { RealClip } from "./real_clip.ts";
import { videoRtpOf } from "./statistics.ts";

const KEY_FRAMES = 3;
/** What the video may have at first and in the end, and what the server allows between; kbps. */
const [FULL, LOW] = [1_500, 300] as const;

/** The clip in two sizes, decoded once. */
const clips = Promise.all([RealClip.decode(640, 360), RealClip.decode(480, 270)]);

/** What is sent and received, and by what names statistics call who does it. */
export interface CodecScene {
  /** The codec. */
  readonly codec: SoraVideoCodecName;
  /** Of the sender and of the receiver. */
  readonly sora: SoraOptions;
  /** `encoderImplementation`. */
  readonly encoder: string;
  /** `decoderImplementation`. */
  readonly decoder: string;
  /** Without another bit rate and size, which tests of the codec alone follow. */
  readonly brief?: boolean;
}

/** The codec of statistics of one direction. */
async function mimeTypeOf(
  client: MediaClient,
  codecId: string | undefined,
): Promise<string | undefined> {
  const stats = await client.connection.getStats();
  return stats.find((s): s is SoraStatsOf<"codec"> => s.type === "codec" && s.id === codecId)
    ?.mimeType;
}

async function assertStatistics(
  sender: MediaClient,
  receiver: MediaClient,
  { codec, encoder, decoder }: CodecScene,
): Promise<void> {
  const outbound = await videoRtpOf(sender.connection, "outbound-rtp");
  assert.equal(outbound.encoderImplementation, encoder);
  assert.equal(await mimeTypeOf(sender, outbound.codecId), `video/${codec}`);
  const inbound = await videoRtpOf(receiver.connection, "inbound-rtp");
  assert.equal(inbound.decoderImplementation, decoder);
  assert.equal(await mimeTypeOf(receiver, inbound.codecId), `video/${codec}`);
}

/** Three key frames are encoded for three that the server asks for, one after the other. */
async function assertKeyFrames(server: SoraServer, sender: MediaClient): Promise<void> {
  const count = async () =>
    (await videoRtpOf(sender.connection, "outbound-rtp")).keyFramesEncoded ?? 0;
  let [before, since] = [await count(), performance.now()];
  for (let i = 0; i < KEY_FRAMES; i++) {
    // libwebrtc leaves out a request within 300 ms of another, as of a receiver's that has just joined.
    await eventually("the time for another key frame", async () => {
      const now = await count();
      if (now !== before) [before, since] = [now, performance.now()];
      return performance.now() - since > 500;
    });
    assert.ok(server.requestKeyFrame(sender.connection.connectionId ?? ""));
    await eventually(
      `key frame ${i + 1} for one request`,
      async () => await count() > before,
      3_000,
    );
  }
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
  const options = {
    signalingUrls: [server.url],
    channelId: "codecs",
    videoCodecType,
  };
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
  await assertStatistics(sender, receiver, scene);
  await assertKeyFrames(server, sender);
  if (!scene.brief) await assertBitRate(server, sender);
  await goodFrames(clip, video);
  if (!scene.brief) {
    sender.show(otherClip);
    await goodFrames(otherClip, video);
  }
  await assertComplete(sender, receiver);
  assert.deepEqual([...sender.errors, ...receiver.errors], []);
}
