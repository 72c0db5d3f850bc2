import process from "node:process";
import { Sora, type SoraMediaTrack, SoraVideoSink } from "../mod.ts";
import { median } from "../demo/statistics.ts";
import { within } from "../tests/support/eventually.ts";
import { room, startPublisher } from "./clients.ts";
import { cpuPercent } from "./cpu.ts";
import { type Benchmark, delay } from "./measurement.ts";

/** Decoder, jitter buffer and bandwidth estimation settle in this time. */
const SETTLE_MS = 5_000;
const WINDOW_MS = 2_000;
const WINDOWS = 7;
const SLOW_MS = 60_000;
const READ_EVERY_MS = 500;
const MEGABYTE = 1e6;

/** Connects a receiver and waits for the track of the publisher's pictures. */
async function receiveVideo(sora: Sora, url: string, channelId: string) {
  const connection = sora.createConnection({ ...room(url, channelId), role: "recvonly" });
  const { promise, resolve } = Promise.withResolvers<SoraMediaTrack>();
  connection.onTrack = (track) => {
    if (track.kind === "video") resolve(track);
  };
  await connection.connect();
  return { connection, track: await within("the track", promise) };
}

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
        value.close();
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
