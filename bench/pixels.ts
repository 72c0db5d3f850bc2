import {
  Sora,
  type SoraCapturedOptions,
  type SoraPixelFormat,
  type SoraVideoFrame,
  type SoraVideoSource,
} from "../mod.ts";
import { frameBytes, rowBytes } from "../tests/support/pixels.ts";
import { connectSender, onFrames, room, startPublisher, WARM_UP_CALLS } from "./clients.ts";
import {
  type Benchmark,
  inTurns,
  type LimitOperation,
  type Limits,
  type Measurement,
  type Size,
} from "./measurement.ts";
import { microseconds } from "./microseconds.ts";
import { drawFrames, everyFrame, FRAME_MS, framesAs, size } from "./frames.ts";

/** Sizes with what a frame takes, in milliseconds, and how many are timed: two cores encode no more of 3840x2160. */
const sizes: readonly (readonly [Size, frameMs: number, frames: number])[] = [
  [size, FRAME_MS, 200],
  [{ width: 1920, height: 1080 }, FRAME_MS, 200],
  [{ width: 3840, height: 2160 }, 100, 60],
];
/** Formats with what a machine does for them without the library, and how often it may take as long. */
const sent: readonly [SoraPixelFormat, LimitOperation, string, number][] = [
  ["BGR", "bgr-to-i420", "RGB24ToI420 of libyuv alone, in turns", 1.1],
  ["RGBA", "rgba-to-i420", "ABGRToI420 of libyuv alone, in turns", 1.1],
  ["I420", "keep-i420", "plain copy of the same bytes, in turns", 1.2],
  ["NV12", "keep-i420", "plain copy of the same bytes, in turns", 1.2],
];
const FRAMES = 200;
const COPY_ROUNDS = 30;
const COPIES = 10;
/** More than any cache here has. */
const CACHES_BYTES = 64 << 20;

/** The cost of `onCaptured`, while the frames are encoded and sent. */
export const onCaptured: Benchmark = {
  name: "onCaptured",
  async *run({ url, limits }) {
    await using sora = new Sora();
    for (const size of sizes) yield* timeCaptures(sora, url, limits, ...size);
  },
};

/** Options of one shape: with others a runtime interprets a call again that it has compiled. */
function optionsOf({ width, height }: Size, format: SoraPixelFormat): SoraCapturedOptions {
  return { width, height, format };
}

/** Has the runtime compile calls with such options. */
function warmUp(source: SoraVideoSource, format: SoraPixelFormat): void {
  const size = { width: 2, height: 2 };
  const pixels = new Uint8Array(frameBytes({ format, ...size, stride: rowBytes(format, 2) }));
  const options = optionsOf(size, format);
  for (let call = 0; call < WARM_UP_CALLS; call++) source.onCaptured(pixels, options);
}

/** Sends frames of one size in each format, in turns with the limits. */
async function* timeCaptures(
  sora: Sora,
  url: string,
  limits: Limits,
  size: Size,
  frameMs: number,
  count: number,
): AsyncGenerator<Measurement> {
  const named = `${size.width}x${size.height}`;
  await using sender = await connectSender(sora, url, `onCaptured ${named}`, {
    degradationPreference: "MAINTAIN_RESOLUTION",
  });
  using unsent = sora.createVideoSource();
  const drawn = drawFrames(8, size);
  for (const [format, operation, limitIs, ratio] of sent) {
    const frames = format === "BGR" ? drawn : framesAs(format, drawn, size);
    const options = optionsOf(size, format);
    warmUp(unsent, format);
    const values: number[] = [];
    const times: number[] = [];
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const stop = everyFrame((index) => {
      const frame = frames[index % frames.length];
      if (frame === undefined) return;
      let taken = false;
      const took = microseconds(() => taken = sender.videoSource.onCaptured(frame, options));
      // Left out, the encoder being busy: it may not have been converted.
      if (!taken) return;
      values.push(took);
      // The limit's turn comes between two frames, so that encoding keeps CPU and caches as busy for both.
      setTimeout(() => {
        limits.time(operation, size, 1).then((limit) => {
          if (times.push(...limit) >= count) resolve();
        }, reject);
      }, frameMs / 2);
    }, frameMs);
    await promise.finally(stop);
    yield {
      name: `onCaptured of ${named} ${format} while it is sent`,
      ...inTurns(values, times),
      unit: "µs",
      limitIs,
      reach: { ratio },
    };
  }
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

/**
 * The cost of `copyTo` into a buffer of the user's: of a frame that was copied just before, which caches have, and after other memory
 * has gone through them, as between two frames of a video.
 */
export const copyTo: Benchmark = {
  name: "copyTo",
  async *run({ url, limits }) {
    using frame = await receiveFrame(url);
    const buffer = new Uint8Array(size.width * size.height * 4);
    const other = new Uint8Array(CACHES_BYTES);
    const formats: readonly [SoraPixelFormat, LimitOperation, string][] = [
      ["BGR", "i420-to-bgr", "I420ToRGB24 of libyuv alone, in turns"],
      ["RGBA", "i420-to-rgba", "I420ToABGR of libyuv alone, in turns"],
      ["I420", "copy-i420", "plain copy of the same bytes, in turns"],
    ];
    const states = [["", COPIES, () => {}], [", in no cache", 1, () => other.fill(1)]] as const;
    for (const [format, operation, limitIs] of formats) {
      for (const [state, copies, prepare] of states) {
        const values: number[] = [];
        const times: number[] = [];
        for (let round = 0; round < COPY_ROUNDS; round++) {
          prepare();
          for (let copy = 0; copy < copies; copy++) {
            values.push(microseconds(() => frame.copyTo(buffer, { format })));
          }
          prepare();
          times.push(...await limits.time(operation, size, copies));
        }
        yield {
          name: `frame.copyTo of 1280x720 as ${format}${state}`,
          ...inTurns(values, times),
          unit: "µs",
          limitIs,
          // Without caches it is memory that is measured, and a core that the limit's process has for itself.
          ...(format === "I420" || copies === 1 ? {} : { reach: { ratio: 1.1 } }),
        };
      }
    }
  },
};

/** The cost of `data()`, of frames as they arrive. */
export const data: Benchmark = {
  name: "frame.data",
  async *run({ url }) {
    await using _publisher = await startPublisher(url, "data");
    await using sora = new Sora();
    await using receiver = sora.createConnection({ ...room(url, "data"), role: "recvonly" });
    const buffer = new Uint8Array(size.width * size.height * 3);
    const [untilClose, own] = [{ untilClose: true }, { untilClose: false }];
    const times = { copyTo: [] as number[], untilClose: [] as number[], own: [] as number[] };
    const calls: [keyof typeof times, (frame: SoraVideoFrame) => unknown][] = [
      ["copyTo", (frame) => frame.copyTo(buffer)],
      ["untilClose", (frame) => frame.data("BGR", untilClose)],
      ["own", (frame) => frame.data("BGR", own)],
    ];
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let frames = 0;
    onFrames(receiver, (received) => {
      using frame = received;
      if (frame.width !== size.width) return;
      // Each comes first as often: after it the frame's pixels are in a cache.
      calls.push(...calls.splice(0, 1));
      try {
        for (const [name, call] of calls) times[name].push(microseconds(() => call(frame)));
      } catch (error) {
        reject(error);
      }
      if (++frames === FRAMES) resolve();
    });
    await receiver.connect();
    await promise;
    for (const name of ["untilClose", "own"] as const) {
      yield {
        name: name === "own"
          ? "frame.data of 1280x720 as BGR, a new buffer"
          : "frame.data of 1280x720 as BGR, untilClose",
        ...inTurns(times[name], times.copyTo),
        unit: "µs",
        limitIs: "copyTo of the same frame",
        ...(name === "own" ? {} : { reach: { ratio: 1.2 } }),
      };
    }
  },
};
