import process from "node:process";
import { Sora, SoraAudioStreamSink, SoraVideoSink } from "../mod.ts";
import { slopeOf } from "../demo/statistics.ts";
import { within } from "../tests/support/eventually.ts";
import { connectSender, receiveVideo, startPublisher, trackOf } from "./clients.ts";
import { type Benchmark, delay } from "./measurement.ts";
import { drawPictures } from "./picture.ts";

/** Decoder, jitter buffer and bandwidth estimation settle in this time. */
const SETTLE_MS = 5_000;
const SLOW_MS = 60_000;
const READ_EVERY_MS = 500;
const MEGABYTE = 1e6;
const KILOBYTE = 1e3;

/** What piles up behind a reader that takes two pictures of thirty. */
export const slowReader: Benchmark = {
  name: "slow reader",
  async *run({ url }) {
    const size = { width: 1920, height: 1080 };
    await using _publisher = await startPublisher(url, "slow reader", size);
    await using sora = new Sora();
    const { track } = await receiveVideo(sora, url, "slow reader");
    using sink = new SoraVideoSink(track);
    const pictures = sink[Symbol.asyncIterator]();
    const readFor = async (ms: number) => {
      const end = performance.now() + ms;
      while (performance.now() < end) {
        const { value, done } = await within("a picture", pictures.next());
        if (done === true) throw new Error("The track has ended");
        using picture = value;
        if (picture.width !== size.width || picture.height !== size.height) {
          throw new Error(`A picture of ${picture.width}x${picture.height} has come`);
        }
        await delay(READ_EVERY_MS);
      }
      return process.memoryUsage().rss / MEGABYTE;
    };
    const limit = await readFor(SETTLE_MS);
    const value = await readFor(SLOW_MS) - limit;
    yield {
      name: "resident memory, added by 60 s of 1920x1080 at 30 and a reader that takes 2 a second",
      value,
      unit: "MB",
      limit,
      limitIs: "resident memory before, with media flowing for 5 s",
      reach: { value: 20 },
    };
  },
};

const FRAMES = 10_000;
/** Pools, heaps and the compiler of the runtime have grown in these. */
const WARM_UP_FRAMES = 2_000;
const FRAMES_A_SAMPLE = 100;
/** Near what libwebrtc encodes at most, 60 pictures a second. */
const FRAME_MS = 15;
/** No picture in this time: nothing will come any more. */
const SILENCE_MS = 10_000;

/** What each picture leaves behind, with its sound, in a process that sends and receives them. */
export const framesKept: Benchmark = {
  name: "frames kept",
  async *run({ url }) {
    const size = { width: 320, height: 240 };
    await using sora = new Sora();
    await using sender = await connectSender(sora, url, "frames kept");
    const { connection, track } = await receiveVideo(sora, url, "frames kept");
    using video = new SoraVideoSink(track);
    using audio = new SoraAudioStreamSink(await trackOf(connection, "audio"));
    const pictures = drawPictures(8, size);
    const sound = new Int16Array(48 * FRAME_MS);
    const pixels = new Uint8Array(size.width * size.height * 3);
    const samples: [frames: number, bytes: number][] = [];
    const done = Promise.withResolvers<void>();
    let [sent, received, heard, receivedBefore] = [0, 0, 0, 0];
    audio.onFrame = () => heard++;
    video.onFrame = (frame) => {
      using picture = frame;
      if (picture.width === size.width) picture.copyTo(pixels);
      const counted = ++received - WARM_UP_FRAMES;
      if (counted < 0 || counted > FRAMES || counted % FRAMES_A_SAMPLE !== 0) return;
      samples.push([counted, process.memoryUsage().rss]);
      if (counted === FRAMES) done.resolve();
    };
    const camera = setInterval(() => {
      const picture = pictures[sent++ % pictures.length];
      if (picture !== undefined) sender.videoSource.onCaptured(picture, size);
      sender.audioSource.onData(sound);
    }, FRAME_MS);
    const watch = setInterval(() => {
      if (received === receivedBefore) {
        done.reject(new Error(`No picture has come after ${received}, of ${sent} sent`));
      }
      receivedBefore = received;
    }, SILENCE_MS);
    await done.promise.finally(() => {
      clearInterval(camera);
      clearInterval(watch);
    });
    if (heard === 0) throw new Error("No sound has come");
    yield {
      name:
        "resident memory, slope over 10,000 pictures of 320x240 and their sound, sent and received",
      value: slopeOf(samples) / KILOBYTE,
      unit: "kB a frame",
      limit: size.width * size.height * 1.5 / KILOBYTE,
      limitIs: "one such picture in I420, as if each stayed",
      reach: { within: 1 },
    };
  },
};
