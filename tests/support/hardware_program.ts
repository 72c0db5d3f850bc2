/**
 * A program that proves codecs by an engine over a driver, which the loader finds by LD_LIBRARY_PATH, side by side: its arguments are
 * the engine, its name in the statistics, and codecs. It prints `proved ` and each codec.
 *
 * @module
 */

import assert from "node:assert/strict";
import process from "node:process";
import {
  getVideoCodecCapability,
  Sora,
  type SoraVideoCodecImplementation,
  type SoraVideoCodecName,
  SoraVideoCodecPreference,
} from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { assertStatistics } from "./codec_checks.ts";
import { eventually } from "./eventually.ts";
import { FrameExchange } from "./frame_exchange.ts";
import { RealClip } from "./real_clip.ts";
import { videoRtpOf } from "./statistics.ts";
import { connectEnds } from "./video_scene.ts";

const KBPS = 2_500;
const ARRIVED = 0.97;

const [, , engine, name = "", ...codecs] = process.argv;
const implementation = engine as SoraVideoCodecImplementation;
// The loader has read it already; the ffmpeg that makes the frames finds its own libraries.
delete process.env["LD_LIBRARY_PATH"];
const clip = await RealClip.decode(640, 360);
const capabilities = getVideoCodecCapability();
const capability = capabilities.find(implementation);
if (capability === undefined) throw new Error(JSON.stringify(capabilities.unavailable));
await using server = await SoraServer.start({ port: 0 });

/** Frames that are counted, behind the first one that arrives. */
const FRAMES = 60;
/** When so many were sent, some stretch of them must have arrived. */
const MOST_FRAMES = 400;
/** A key frame is asked for with each of these: libwebrtc leaves out a request within 300 ms of another. */
const ASKED: ReadonlySet<number> = new Set([12, 29, 46]);
/** From a sender to a receiver: frames as they were sent, nearly all of them, by whom they should, with key frames on request. */
async function prove(codec: SoraVideoCodecName): Promise<void> {
  const encodes = capability?.codecs.find(({ type }) => type === codec)?.encoder === true;
  const encoder = encodes ? implementation : "INTERNAL";
  await using sora = new Sora({
    videoCodecPreference: new SoraVideoCodecPreference({
      codecs: [{ type: codec, encoder, decoder: implementation }],
    }),
  });
  const ends = await connectEnds(server, sora, codec, {
    videoCodecType: codec,
    videoBitRate: KBPS,
  });
  const { sender, receiver } = ends;
  const errors: unknown[] = [];
  sender.onError = receiver.onError = (error) => errors.push(error);
  const exchange = new FrameExchange(ends, clip, 30);
  const receiving = exchange.receive();
  const sending = (async () => {
    await eventually("the first frame", async () => {
      await exchange.send();
      return exchange.arrived.size > 0;
    });
    const keyFrames = async () => (await videoRtpOf(sender, "outbound-rtp")).keyFramesEncoded ?? 0;
    const before = await keyFrames();
    const sent: number[] = [];
    /** How much of the latest frames arrived. */
    const share = () =>
      sent.slice(-FRAMES).filter((number) => exchange.arrived.has(number)).length / FRAMES;
    // At its start libwebrtc leaves out frames that the bit rate has no room for yet, and a busy machine some more.
    while (sent.length < FRAMES || share() < ARRIVED) {
      assert.ok(sent.length < MOST_FRAMES, `${share()} of the last ${FRAMES} frames arrived`);
      if (ASKED.has(sent.length)) assert.ok(server.requestKeyFrame(sender.connectionId ?? ""));
      sent.push(await exchange.send());
    }
    assert.ok(await keyFrames() >= before + ASKED.size, "a key frame for each request");
    const { framesEncoded = 0 } = await videoRtpOf(sender, "outbound-rtp");
    assert.ok(framesEncoded >= FRAMES * ARRIVED);
    await assertStatistics(sender, receiver, {
      codec,
      encoder: encodes ? name : "libvpx",
      decoder: name,
    });
    ends.sink.close();
  })();
  await Promise.all([sending, receiving]);
  assert.deepEqual(errors, []);
  console.log(`proved ${codec}`);
}

await Promise.all((codecs as SoraVideoCodecName[]).map(prove));
