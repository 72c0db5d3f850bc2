import { Sora, SoraVideoSink } from "../mod.ts";
import { median } from "../demo/statistics.ts";
import { receiveVideo, startPublisher } from "./clients.ts";
import { cpuPercent } from "./cpu.ts";
import { type Benchmark, delay } from "./measurement.ts";

/** Time for decoder, jitter buffer and bandwidth estimation to settle. */
const SETTLE_MS = 5_000;
const WINDOW_MS = 2_000;
const WINDOWS = 15;

/** The CPU load of a sink whose frames are closed unread. */
export const unread: Benchmark = {
  name: "unread",
  async *run({ url }) {
    await using _publisher = await startPublisher(url, "unread");
    await using sora = new Sora();
    const { track } = await receiveVideo(sora, url, "unread");
    const values: number[] = [];
    const limits: number[] = [];
    let frames = 0;
    const look = (): SoraVideoSink => {
      const sink = new SoraVideoSink(track);
      sink.onFrame = (frame) => {
        frames++;
        frame.close();
      };
      return sink;
    };
    {
      // With a sink, so that the runtime compiles the code that runs for each frame.
      using _sink = look();
      await delay(SETTLE_MS);
    }
    for (let window = 0; window < WINDOWS; window++) {
      limits.push(await cpuPercent(WINDOW_MS));
      using _sink = look();
      values.push(await cpuPercent(WINDOW_MS));
    }
    if (frames === 0) throw new Error("The sink must get frames, and none arrived");
    const limit = median(limits);
    yield {
      name: "CPU, added by a sink of 1280x720 at 30 fps whose frames are closed unread",
      value: median(values) - limit,
      unit: "% of a core",
      limit,
      limitIs: "receiving without a sink, in turns",
      reach: { value: 1 },
    };
  },
};
