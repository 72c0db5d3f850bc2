/**
 * AV1 and H.264 in software while both ends run on this machine, with the demo's clip at 1280x720 and 30 frames per second.
 *
 * @module
 */

import { decodeMedia, FRAME_RATE, MAX_MEDIA_BYTES } from "../demo/media.ts";
import { Sender } from "../demo/sender.ts";
import { percentile } from "../demo/statistics.ts";
import { Workspace } from "../demo/workspace.ts";
import { Sora, type SoraConnection, SoraDegradationPreference } from "../mod.ts";
import { openh264Files } from "../tests/support/codec_libraries.ts";
import { videoRtpOf } from "../tests/support/statistics.ts";
import { onFrames } from "./clients.ts";
import { type Benchmark, delay, type Measurement } from "./measurement.ts";

const KBPS = 1_500;
/** Time for the encoder and the bandwidth estimation to settle. */
const SETTLE_MS = 4_000;
const MEASURE_MS = 15_000;
/** libwebrtc updates statistics at most every 50 ms: one or two frames are encoded in this time. */
const SAMPLE_MS = 51;

/** A codec with its limits. */
interface Scene {
  readonly codec: "AV1" | "H264";
  readonly by: string;
  readonly openh264?: string;
  /** The least frames received per second. */
  readonly fps: number;
  /** The most milliseconds for encoding 95 % of the frames, if limited. */
  readonly encodeMs?: number;
}

function scenes(): Scene[] {
  const [[version, openh264] = []] = [...openh264Files].toSorted().toReversed();
  if (version === undefined || openh264 === undefined) {
    throw new Error("H264 needs Cisco's OpenH264, and .deps has none: run `make setup`");
  }
  return [
    { codec: "AV1", by: "libaom", fps: 25, encodeMs: 25 },
    { codec: "H264", by: `OpenH264 ${version}`, openh264, fps: 29 },
  ];
}

/** Encoding times in milliseconds of the frames that are alone between two readings of the statistics. */
async function encodeTimes(connection: SoraConnection, ms: number): Promise<number[]> {
  const end = performance.now() + ms;
  const times: number[] = [];
  let [frames, seconds] = [Infinity, 0];
  while (performance.now() < end) {
    const { framesEncoded = 0, totalEncodeTime = 0 } = await videoRtpOf(connection, "outbound-rtp");
    if (framesEncoded === frames + 1) times.push((totalEncodeTime - seconds) * 1_000);
    [frames, seconds] = [framesEncoded, totalEncodeTime];
    await delay(SAMPLE_MS);
  }
  return times;
}

/** Sends the clip to a receiver in this process. */
async function* measure(sender: Sender, url: string, scene: Scene): AsyncIterable<Measurement> {
  const { codec, by, openh264, fps, encodeMs } = scene;
  await using sora = new Sora(openh264 === undefined ? {} : { openh264 });
  const room = { signalingUrls: [url], channelId: `codec session ${codec}` };
  const videoSource = sora.createVideoSource();
  const audioSource = sora.createAudioSource({ channels: 1, sampleRate: 48_000 });
  await using sending = sora.createConnection({
    ...room,
    role: "sendonly",
    videoSource,
    audioSource,
    videoCodecType: codec,
    videoBitRate: KBPS,
    // Smaller frames would be easier to encode.
    degradationPreference: SoraDegradationPreference.MAINTAIN_RESOLUTION,
  });
  await using receiving = sora.createConnection({ ...room, role: "recvonly" });
  let received = 0;
  let sizes = new Set<string>();
  onFrames(receiving, (frame) => {
    received++;
    sizes.add(`${frame.width}x${frame.height}`);
    frame.close();
  });
  await sending.connect();
  await receiving.connect();
  let stopped = false;
  const sent = sender.run(videoSource, audioSource, () => stopped);
  try {
    await delay(SETTLE_MS);
    const [start, sentBefore, receivedBefore] = [performance.now(), sender.frames, received];
    sizes = new Set();
    const times = await encodeTimes(sending, MEASURE_MS);
    const seconds = (performance.now() - start) / 1_000;
    const sentFps = (sender.frames - sentBefore) / seconds;
    if (sizes.size !== 1 || !sizes.has("1280x720")) {
      throw new Error(`All frames must be 1280x720; received: ${[...sizes].join(", ") || "none"}`);
    }
    const { encoderImplementation = "nobody" } = await videoRtpOf(sending, "outbound-rtp");
    if (!by.startsWith(encoderImplementation)) {
      throw new Error(`${codec} must be encoded by ${by}, not by ${encoderImplementation}`);
    }
    const what = `1280x720 in ${codec} by ${by} at ${KBPS} kbps`;
    yield {
      name: `frames received per second, ${what}`,
      value: (received - receivedBefore) / seconds,
      unit: "frames/s",
      limit: sentFps,
      limitIs: `frames sent per second, ${FRAME_RATE} if on time`,
      reach: { least: fps },
    };
    yield {
      name: `encoding a frame, ${what}, p95`,
      value: percentile(times, 95),
      unit: "ms",
      limit: 1_000 / sentFps,
      limitIs: "the time from one frame sent to the next",
      ...(encodeMs === undefined ? {} : { reach: { value: encodeMs } }),
    };
  } finally {
    stopped = true;
    await sent;
    videoSource.close();
    audioSource.close();
  }
}

/** Frame rate and encoding time of the most expensive codecs. */
export const codecSession: Benchmark = {
  name: "codec session",
  async *run({ url }) {
    using work = new Workspace(MAX_MEDIA_BYTES);
    using media = await decodeMedia(undefined, work.path, new AbortController().signal);
    for (const scene of scenes()) yield* measure(new Sender(media), url, scene);
  },
};
