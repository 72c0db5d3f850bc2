import { median } from "../demo/statistics.ts";
import { Sora, SoraVideoFrameTransformer, SoraVideoSink } from "../mod.ts";
import { within } from "../tests/support/eventually.ts";
import { receiveVideo, room } from "./clients.ts";
import { type Benchmark, delay } from "./measurement.ts";

const SAMPLES = 200;
const size = { width: 320, height: 240 };

function passOn(): SoraVideoFrameTransformer {
  const transformer = new SoraVideoFrameTransformer();
  transformer.onTransform = (frame) => transformer.enqueue(frame);
  return transformer;
}

/** Connects two members; the returned function sends a frame and resolves with its milliseconds to the other member. */
async function connect(
  sora: Sora,
  url: string,
  transformed: boolean,
): Promise<() => Promise<number>> {
  const channelId = `transform-${transformed}`;
  const videoSource = sora.createVideoSource();
  const sender = sora.createConnection({
    ...room(url, channelId),
    role: "sendonly",
    audio: false,
    videoSource,
    ...(transformed ? { videoFrameTransformer: passOn() } : {}),
  });
  await sender.connect();
  const { track } = await receiveVideo(sora, url, channelId, { audio: false });
  if (transformed) track.setFrameTransformer(passOn());
  let arrived = () => {};
  new SoraVideoSink(track).onFrame = (frame) => {
    frame.close();
    arrived();
  };
  const pixels = new Uint8Array(size.width * size.height * 3);
  let number = 0;
  return async () => {
    pixels.fill(number++ % 256, 0, 5_000);
    const { promise, resolve } = Promise.withResolvers<void>();
    arrived = resolve;
    const start = performance.now();
    videoSource.onCaptured(pixels, size);
    await within("the frame", promise);
    return performance.now() - start;
  };
}

/** The latency that encoded transforms on both sides add to a frame. */
export const transform: Benchmark = {
  name: "transform",
  async *run({ url }) {
    await using sora = new Sora();
    const plain = await connect(sora, url, false);
    const transformed = await connect(sora, url, true);
    const without: number[] = [];
    const withBoth: number[] = [];
    for (let sample = 0; sample < SAMPLES; sample++) {
      without.push(await plain());
      await delay(10);
      withBoth.push(await transformed());
      await delay(10);
    }
    const limit = median(without);
    yield {
      name: "added by encoded transforms on both sides",
      value: median(withBoth) - limit,
      unit: "ms",
      limit,
      limitIs: "a frame of 320x240 from onCaptured to onFrame without them",
      reach: { value: 1 },
    };
  },
};
