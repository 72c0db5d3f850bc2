import { Sora, type SoraVideoFrame } from "../mod.ts";
import { connectSender, onFrames, room, startPublisher } from "./clients.ts";
import {
  type Benchmark,
  inTurns,
  type LimitOperation,
  type Limits,
  type Measurement,
  type Size,
} from "./measurement.ts";
import { microseconds } from "./microseconds.ts";
import { drawFrames, everyFrame, FRAME_MS, size } from "./frames.ts";

const sizes = [size, { width: 1920, height: 1080 }];
const FRAMES = 300;
const COPY_ROUNDS = 30;
const COPIES = 10;

/** The cost of `onCaptured`, while the frames are encoded and sent. */
export const onCaptured: Benchmark = {
  name: "onCaptured",
  async *run({ url, limits }) {
    await using sora = new Sora();
    for (const size of sizes) yield await timeCaptures(sora, url, limits, size);
  },
};

/** Sends frames of one size while libyuv alone converts as many. */
async function timeCaptures(
  sora: Sora,
  url: string,
  limits: Limits,
  size: Size,
): Promise<Measurement> {
  const named = `${size.width}x${size.height}`;
  await using sender = await connectSender(sora, url, `onCaptured ${named}`);
  const frames = drawFrames(8, size);
  const values: number[] = [];
  const times: number[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stop = everyFrame((index) => {
    const frame = frames[index % frames.length];
    if (frame === undefined) return;
    values.push(microseconds(() => sender.videoSource.onCaptured(frame, size)));
    // Libyuv's turn comes between two frames, so that encoding keeps CPU and caches as busy for both.
    setTimeout(() => {
      limits.time("bgr-to-i420", size, 1).then((limit) => {
        if (times.push(...limit) >= FRAMES) resolve();
      }, reject);
    }, FRAME_MS / 2);
  });
  await promise.finally(stop);
  return {
    name: `onCaptured of ${named} BGR while it is sent`,
    ...inTurns(values, times),
    unit: "µs",
    limitIs: "RGB24ToI420 of libyuv alone, in turns",
    reach: { ratio: 1.2 },
  };
}

/** A received frame, returned when sending and receiving have ended. */
async function receiveFrame(url: string): Promise<SoraVideoFrame> {
  await using _publisher = await startPublisher(url, "copyTo");
  await using sora = new Sora();
  await using receiver = sora.createConnection({ ...room(url, "copyTo"), role: "recvonly" });
  const { promise, resolve } = Promise.withResolvers<SoraVideoFrame>();
  let taken = false;
  onFrames(receiver, (frame) => {
    if (taken || frame.width !== size.width) return frame.close();
    taken = true;
    resolve(frame);
  });
  await receiver.connect();
  return await promise;
}

/** The cost of `copyTo` into a buffer of the user's. */
export const copyTo: Benchmark = {
  name: "copyTo",
  async *run({ url, limits }) {
    using frame = await receiveFrame(url);
    const buffer = new Uint8Array(size.width * size.height * 3);
    const formats: readonly ["BGR" | "I420", LimitOperation, string][] = [
      ["BGR", "i420-to-bgr", "I420ToRGB24 of libyuv alone, in turns"],
      ["I420", "copy-i420", "plain copy of the same bytes, in turns"],
    ];
    for (const [format, operation, limitIs] of formats) {
      const values: number[] = [];
      const times: number[] = [];
      for (let round = 0; round < COPY_ROUNDS; round++) {
        for (let copy = 0; copy < COPIES; copy++) {
          values.push(microseconds(() => frame.copyTo(buffer, { format })));
        }
        times.push(...await limits.time(operation, size, COPIES));
      }
      yield {
        name: `frame.copyTo of 1280x720 as ${format}`,
        ...inTurns(values, times),
        unit: "µs",
        limitIs,
        ...(format === "BGR" ? { reach: { ratio: 1.2 } } : {}),
      };
    }
  },
};
