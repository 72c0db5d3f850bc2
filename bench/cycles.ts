import { mediaCycle } from "../tests/support/media_cycle.ts";
import { backTo, type Resources, resources } from "../tests/support/resources.ts";
import { type Benchmark, delay } from "./measurement.ts";

const WARM_UPS = 3;
const CYCLES = 50;
const SETTLE_MS = 1_000;
const kinds: Readonly<Record<keyof Resources, string>> = {
  objects: "native objects",
  threads: "threads",
  descriptors: "file descriptors",
};

const cycle = (url: string) =>
  mediaCycle({ signalingUrls: [url], channelId: "cycles", videoCodecType: "VP8" });

/** Resources that 50 sessions leave behind in a process. A session that fails makes the benchmark fail. */
export const cycles: Benchmark = {
  name: "cycles",
  async *run({ url }) {
    // The runtime's own pools reach their final size here.
    for (let round = 0; round < WARM_UPS; round++) await cycle(url);
    await delay(SETTLE_MS);
    const before = resources();
    for (let round = 0; round < CYCLES; round++) await cycle(url);
    // Whatever is left is in the figures.
    await backTo(before).catch(({ message }) => console.error(message));
    const after = resources();
    for (const kind of ["objects", "threads", "descriptors"] as const) {
      yield {
        name: `${kinds[kind]} left by ${CYCLES} rounds of connect, media, disconnect`,
        value: Math.max(0, after[kind] - before[kind]),
        unit: "left",
        limit: before[kind],
        limitIs: "their number before, after some warm-up rounds",
        reach: { value: 0 },
      };
    }
  },
};
