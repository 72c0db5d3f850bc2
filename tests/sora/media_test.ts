/** Media through Sora: each codec and audio, what the statistics say, key frames on request, encoded transforms, what gives way. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import process from "node:process";
import { after, test } from "node:test";
import {
  Sora,
  SoraAudioFrameTransformer,
  type SoraConnectionOptions,
  type SoraDegradationPreference,
  SoraVideoFrameTransformer,
} from "../../mod.ts";
import { drawBand } from "../support/band_frame.ts";
import { openh264Files } from "../support/codec_libraries.ts";
import { eventually } from "../support/eventually.ts";
import { drawFrame, psnr, readNumber } from "../support/frame.ts";
import { MediaClient, nextFrame } from "../support/media_client.ts";
import { SoraTarget } from "../support/sora_target.ts";
import { videoRtpOf } from "../support/statistics.ts";
import { dominantFrequency } from "../support/tone.ts";

const frame = { width: 320, height: 240, turn: 1 } as const;
const TONE_HZ = 440;
const LIMIT_MS = 20_000;
const sora = await SoraTarget.open();

after(() => sora[Symbol.asyncDispose]());

/** Waits until what one client sends is seen and heard by another. */
async function arrives(from: MediaClient, to: MediaClient): Promise<void> {
  const { video, audio } = await to.from(from);
  await eventually("a good frame", async () => {
    using received = await nextFrame(video);
    const pixels = received.data();
    return psnr(pixels, drawFrame(frame, readNumber(frame, pixels))) >= 28;
  }, LIMIT_MS);
  await eventually("the tone", async () => {
    const { ok, data } = await audio.read(9_600, { timeoutMs: 5_000 });
    return ok && Math.abs(dominantFrequency(data, 48_000) - from.toneHz) < 15;
  }, LIMIT_MS);
}

const openh264 = process.env.OPENH264_PATH ?? [...openh264Files.values()].at(-1);
for (const videoCodecType of ["VP8", "VP9", "AV1", "H264"] as const) {
  test(`${videoCodecType} and Opus go both ways, and the statistics say so`, {
    skip: videoCodecType === "H264" && openh264 === undefined && "OPENH264_PATH is not set",
  }, async () => {
    await using own = new Sora(
      videoCodecType === "H264" && openh264 !== undefined ? { openh264 } : {},
    );
    const options = {
      ...sora.room(),
      role: "sendrecv",
      videoCodecType,
    } as const;
    await using alice = new MediaClient(options, { frame, toneHz: TONE_HZ }, own);
    await using bob = new MediaClient(options, { frame, toneHz: 2 * TONE_HZ }, own);
    await alice.connect();
    await bob.connect();
    await arrives(alice, bob);
    await arrives(bob, alice);
    const stats = await alice.connection.getStats();
    const codecs = stats.flatMap((one) => one.type === "codec" ? [one.mimeType] : []);
    assert.ok(codecs.includes(`video/${videoCodecType}`), codecs.join());
    assert.ok(codecs.includes("audio/opus"), codecs.join());
    const pair = stats.find((one) => one.type === "candidate-pair" && one.nominated);
    assert.ok(pair, "a nominated candidate pair");
    const outbound = await videoRtpOf(alice.connection, "outbound-rtp");
    assert.ok((outbound.framesEncoded ?? 0) > 0 && outbound.bytesSent! > 0);
    assert.deepEqual([alice.errors, bob.errors], [[], []]);
  });
}

test("each key frame request by the HTTP API leads to a key frame", {
  skip: sora.withoutApi ?? false,
}, async () => {
  const options = { ...sora.room(), videoCodecType: "VP8", audio: false } as const;
  await using sender = new MediaClient({ ...options, role: "sendonly" }, { frame });
  await using receiver = new MediaClient({ ...options, role: "recvonly" });
  await sender.connect();
  await receiver.connect();
  (await nextFrame((await receiver.from(sender, 1)).video)).close();
  for (let request = 0; request < 3; request++) {
    const { keyFramesEncoded: before = 0 } = await videoRtpOf(sender.connection, "outbound-rtp");
    await eventually("a key frame", async () => {
      await sora.call("Sora_20241218.RequestKeyFrame", {
        channel_id: options.channelId,
        connection_id: sender.connection.connectionId,
      });
      const { keyFramesEncoded = 0 } = await videoRtpOf(sender.connection, "outbound-rtp");
      return keyFramesEncoded > before;
    }, LIMIT_MS);
  }
});

test("encoded transforms change frames on the way, and restore them", async () => {
  const trailer = new TextEncoder().encode("sora");
  const seen = { audioSent: 0, videoSent: 0, audioReceived: 0, videoReceived: 0 };
  const audioFrameTransformer = new SoraAudioFrameTransformer();
  const videoFrameTransformer = new SoraVideoFrameTransformer();
  const append = (data: Uint8Array) => {
    const longer = new Uint8Array(data.length + trailer.length);
    longer.set(data);
    longer.set(trailer, data.length);
    return longer;
  };
  audioFrameTransformer.onTransform = (one) => {
    one.setData(append(one.getData()));
    seen.audioSent++;
    audioFrameTransformer.enqueue(one);
  };
  videoFrameTransformer.onTransform = (one) => {
    one.setData(append(one.getData()));
    seen.videoSent++;
    videoFrameTransformer.enqueue(one);
  };
  const room = sora.room();
  const senderOptions: SoraConnectionOptions = {
    ...room,
    role: "sendonly",
    audioFrameTransformer,
    videoFrameTransformer,
  };
  await using sender = new MediaClient(senderOptions, { frame, toneHz: TONE_HZ });
  await using receiver = new MediaClient({ ...room, role: "recvonly" });
  const own = receiver.connection.onTrack;
  receiver.connection.onTrack = (track) => {
    const transformer = track.kind === "audio"
      ? new SoraAudioFrameTransformer()
      : new SoraVideoFrameTransformer();
    transformer.onTransform = (one: Parameters<typeof transformer.enqueue>[0]) => {
      const data = one.getData();
      const end = data.length - trailer.length;
      if (Buffer.compare(data.subarray(end), trailer) === 0) {
        one.setData(data.subarray(0, end));
        seen[`${track.kind}Received`]++;
      }
      transformer.enqueue(one as never);
    };
    track.setFrameTransformer(transformer);
    own?.(track);
  };
  await sender.connect();
  await receiver.connect();
  await arrives(sender, receiver);
  for (const [what, count] of Object.entries(seen)) assert.ok(count > 0, `${what}: ${count}`);
});

const preferences: readonly (readonly [SoraDegradationPreference, keepsSize: boolean])[] = [
  ["MAINTAIN_RESOLUTION", true],
  ["MAINTAIN_FRAMERATE", false],
];
for (const [degradationPreference, keepsSize] of preferences) {
  test(`with 300 kbps for 1280x720, ${degradationPreference} ${keepsSize ? "keeps" : "lowers"} the size`, async () => {
    await using own = new Sora();
    const source = own.createVideoSource();
    await using sender = own.createConnection({
      ...sora.room(),
      role: "sendonly",
      audio: false,
      videoCodecType: "VP8",
      videoBitRate: 300,
      degradationPreference,
      videoSource: source,
    });
    await sender.connect();
    const size = { width: 1_280, height: 720 };
    let turn = 0;
    const timer = setInterval(
      () => source.onCaptured(drawBand(size.width, size.height, turn++), size),
      33,
    );
    try {
      const limited = () => videoRtpOf(sender, "outbound-rtp");
      if (keepsSize) {
        // Other encoders would have lowered it by then: see the other test.
        await eventually(
          "a hundred frames",
          async () => (await limited()).framesEncoded! >= 100,
          LIMIT_MS,
        );
        assert.equal((await limited()).frameWidth, size.width);
      } else {
        await eventually(
          "a smaller frame",
          async () => ((await limited()).frameWidth ?? size.width) < size.width,
          LIMIT_MS,
        );
      }
      assert.ok((await limited()).targetBitrate! <= 300_000);
    } finally {
      clearInterval(timer);
    }
  });
}
