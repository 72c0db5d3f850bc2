/** A frame that cannot be decoded: the decoder refuses it, libwebrtc asks for a key frame, and the frames go on. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Sora,
  type SoraOptions,
  type SoraVideoCodecName,
  SoraVideoFrameTransformer,
} from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { openh264Files } from "../support/codec_libraries.ts";
import { eventually } from "../support/eventually.ts";
import { MediaClient, nextFrame } from "../support/media_client.ts";
import { drawFrame, psnr, readNumber } from "../support/frame.ts";
import { videoRtpOf } from "../support/statistics.ts";

const style = { width: 320, height: 240, turn: 2 };
const WHOLE_BEFORE = 20;
/** So little is left of it: the beginning of its header. */
const LEFT_BYTES = 10;

const codecs: readonly (readonly [SoraVideoCodecName, SoraOptions])[] = [
  ["AV1", {}],
  ["H264", { openh264: [...openh264Files.values()].at(-1) ?? "" }],
];

for (const [videoCodecType, options] of codecs) {
  test(`a frame of ${videoCodecType} that cannot be decoded makes the receiver ask for a key frame`, async () => {
    await using server = await SoraServer.start({ port: 0 });
    await using sora = new Sora(options);
    const room = { signalingUrls: [server.url], channelId: "broken" };
    await using sender = new MediaClient(
      { ...room, role: "sendonly", videoCodecType, audio: false },
      { frame: style },
      sora,
    );
    await using receiver = new MediaClient({ ...room, role: "recvonly" }, {}, sora);
    using transformer = new SoraVideoFrameTransformer();
    let [seen, broken, breaking] = [0, 0, false];
    const keyFramesBehind: number[] = [];
    transformer.onTransform = (frame) => {
      seen++;
      if (broken > 0 && frame.isKeyFrame) keyFramesBehind.push(seen);
      if (breaking && !frame.isKeyFrame) {
        breaking = false;
        broken = seen;
        frame.setData(frame.getData().slice(0, LEFT_BYTES));
      }
      transformer.enqueue(frame);
    };
    const own = receiver.connection.onTrack;
    receiver.connection.onTrack = (track) => {
      if (track.kind === "video") track.setFrameTransformer(transformer);
      own?.(track);
    };
    await sender.connect();
    await receiver.connect();
    const { video } = await receiver.from(sender, 1);
    await eventually("frames before", () => seen >= WHOLE_BEFORE);
    const inbound = () => videoRtpOf(receiver.connection, "inbound-rtp");
    const before = await inbound();
    breaking = true;
    await eventually("the broken frame", () => broken > 0);
    const shownBefore = sender.sent;
    await eventually("a key frame behind it", () => keyFramesBehind.length > 0);
    await eventually(
      "that it was asked for",
      async () => (await inbound()).pliCount! > before.pliCount!,
    );
    await eventually("good frames again", async () => {
      using frame = await nextFrame(video);
      const pixels = frame.data();
      const number = readNumber(style, pixels);
      return number > shownBefore && psnr(pixels, drawFrame(style, number)) >= 30;
    });
    await eventually(
      "a key frame in the statistics",
      async () => (await inbound()).keyFramesDecoded! > before.keyFramesDecoded!,
    );
    assert.deepEqual([...sender.errors, ...receiver.errors], []);
    assert.deepEqual(receiver.disconnects, []);
  });
}
