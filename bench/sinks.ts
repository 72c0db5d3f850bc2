import { Sora, SoraVideoSink } from "../mod.ts";
import { median } from "../demo/statistics.ts";
import { receiveVideo, startPublisher } from "./clients.ts";
import { cpuPercent } from "./cpu.ts";
import { type Benchmark, delay } from "./measurement.ts";

/** Decoder, jitter buffer and bandwidth estimation settle in this time. */
const SETTLE_MS = 5_000;
const WINDOW_MS = 2_000;
const WINDOWS = 7;

/** What a sink costs whose pictures nobody looks at. */
export const unread: Benchmark = {
  name: "unread",
  async *run({ url }) {
    await using _publisher = await startPublisher(url, "unread");
    await using sora = new Sora();
    const { track } = await receiveVideo(sora, url, "unread");
    await delay(SETTLE_MS);
    const values: number[] = [];
    const limits: number[] = [];
    let frames = 0;
    for (let window = 0; window < WINDOWS; window++) {
      limits.push(await cpuPercent(WINDOW_MS));
      using sink = new SoraVideoSink(track);
      sink.onFrame = (frame) => {
        frames++;
        frame.close();
      };
      values.push(await cpuPercent(WINDOW_MS));
    }
    if (frames === 0) throw new Error("No picture has come");
    const limit = median(limits);
    yield {
      name: "processor, added by a sink of 1280x720 at 30 whose pictures are closed unread",
      value: median(values) - limit,
      unit: "% of a core",
      limit,
      limitIs: "receiving without a sink, in turns",
      reach: { value: 1 },
    };
  },
};
