import process from "node:process";
import { Sora, SoraAudioStreamSink, SoraVideoSink } from "../mod.ts";
import { slopeOf } from "../demo/statistics.ts";
import { within } from "../tests/support/eventually.ts";
import { connectSender, receiveVideo, startPublisher, trackOf } from "./clients.ts";
import { type Benchmark, delay } from "./measurement.ts";
import { drawFrames } from "./frames.ts";

/** Time for decoder, jitter buffer and bandwidth estimation to settle. */
const SETTLE_MS = 5_000;
const SLOW_MS = 60_000;
const READ_EVERY_MS = 500;
const MEGABYTE = 1e6;
const KILOBYTE = 1e3;

/** Memory held for a reader that takes two frames of thirty. */
export const slowReader: Benchmark = {
  name: "slow reader",
  async *run({ url }) {
    const size = { width: 1920, height: 1080 };
    await using _publisher = await startPublisher(url, "slow reader", size);
    await using sora = new Sora();
    const { track } = await receiveVideo(sora, url, "slow reader");
    using sink = new SoraVideoSink(track);
    const frames = sink[Symbol.asyncIterator]();
    const readFor = async (ms: number) => {
      const end = performance.now() + ms;
      while (performance.now() < end) {
        const { value, done } = await within("a frame", frames.next());
        if (done === true) throw new Error("The track has ended");
        using frame = value;
        if (frame.width !== size.width || frame.height !== size.height) {
          throw new Error(`Frames must be 1920x1080, not ${frame.width}x${frame.height}`);
        }
        await delay(READ_EVERY_MS);
      }
      return process.memoryUsage().rss / MEGABYTE;
    };
    const limit = await readFor(SETTLE_MS);
    const value = await readFor(SLOW_MS) - limit;
    yield {
      name:
        "resident memory, added by 60 s of 1920x1080 at 30 fps and a reader of 2 frames per second",
      value,
      unit: "MB",
      limit,
      limitIs: "resident memory before, after 5 s of media",
      reach: { value: 20 },
    };
  },
};

const FRAMES = 10_000;
/** The runtime's pools, heaps and compiled code grow during these. */
const WARM_UP_FRAMES = 2_000;
const FRAMES_PER_SAMPLE = 100;
/** Close to the most that libwebrtc encodes, 60 frames per second. */
const FRAME_MS = 15;
/** When no frame arrives in this time, none will. */
const SILENCE_MS = 10_000;

/** Memory that each frame, with its audio, leaves behind in a process that sends and receives them. */
export const framesKept: Benchmark = {
  name: "frames kept",
  async *run({ url }) {
    const size = { width: 320, height: 240 };
    await using sora = new Sora();
    await using sender = await connectSender(sora, url, "frames kept");
    const { connection, track } = await receiveVideo(sora, url, "frames kept");
    using video = new SoraVideoSink(track);
    using audio = new SoraAudioStreamSink(await trackOf(connection, "audio"));
    const frames = drawFrames(8, size);
    const audioSamples = new Int16Array(48 * FRAME_MS);
    const pixels = new Uint8Array(size.width * size.height * 3);
    const samples: [frames: number, bytes: number][] = [];
    const done = Promise.withResolvers<void>();
    let [sent, received, heard, receivedBefore] = [0, 0, 0, 0];
    audio.onFrame = () => heard++;
    video.onFrame = (arrived) => {
      using frame = arrived;
      if (frame.width === size.width) frame.copyTo(pixels);
      const counted = ++received - WARM_UP_FRAMES;
      if (counted < 0 || counted > FRAMES || counted % FRAMES_PER_SAMPLE !== 0) return;
      samples.push([counted, process.memoryUsage().rss]);
      if (counted === FRAMES) done.resolve();
    };
    const camera = setInterval(() => {
      const frame = frames[sent++ % frames.length];
      if (frame !== undefined) sender.videoSource.onCaptured(frame, size);
      sender.audioSource.onData(audioSamples);
    }, FRAME_MS);
    const watch = setInterval(() => {
      if (received === receivedBefore) {
        done.reject(new Error(`Of ${sent} frames sent, none arrived after the first ${received}`));
      }
      receivedBefore = received;
    }, SILENCE_MS);
    await done.promise.finally(() => {
      clearInterval(camera);
      clearInterval(watch);
    });
    if (heard === 0) throw new Error("The receiver must get audio, and none arrived");
    yield {
      name: "resident memory, slope over 10,000 frames of 320x240 with audio, sent and received",
      value: slopeOf(samples) / KILOBYTE,
      unit: "kB a frame",
      limit: size.width * size.height * 1.5 / KILOBYTE,
      limitIs: "one such frame in I420, as if each stayed",
      reach: { within: 1 },
    };
  },
};
