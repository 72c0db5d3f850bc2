import { Sora, SoraVideoSink } from "../mod.ts";
import { LIBRARY_THREADS, wakeups } from "../tests/support/wakeups.ts";
import { connectMany, receiveVideo, room, startPublisher } from "./clients.ts";
import { cpuPercent } from "./cpu.ts";
import { type Benchmark, delay } from "./measurement.ts";

const IDLE_MS = 5_000;
/** Time for the paths of a connection to settle. */
const SETTLE_MS = 2_000;
const CONNECTIONS = 100;

/** What the library costs while nothing happens, and how often it wakes up. */
export const idle: Benchmark = {
  name: "idle",
  async *run({ url }) {
    const cpu = {
      unit: "% of a core",
      limit: await cpuPercent(IDLE_MS),
      limitIs: "the same process before new Sora()",
    } as const;
    const waking = {
      unit: "wake-ups/s",
      limit: await wakeups(/./, IDLE_MS),
      limitIs: "all threads of the process before new Sora()",
    } as const;
    await using sora = new Sora();
    using _source = sora.createVideoSource();
    await delay(500);
    yield {
      name: "CPU, with nothing connected",
      value: await cpuPercent(IDLE_MS),
      ...cpu,
      reach: { value: 1 },
    };
    {
      await using connection = sora.createConnection({ ...room(url, "idle"), role: "recvonly" });
      await connection.connect();
      await delay(SETTLE_MS);
      yield {
        name: "CPU, one connection without media",
        value: await cpuPercent(IDLE_MS),
        ...cpu,
        reach: { value: 1 },
      };
      yield {
        name: "wake-ups of the library's threads, one connection without media",
        value: await wakeups(LIBRARY_THREADS, IDLE_MS),
        ...waking,
        reach: { value: 10 },
      };
    }
    {
      await using _connections = await connectMany(sora, CONNECTIONS, (index) => ({
        ...room(url, `idle ${index}`),
        role: "recvonly",
      }));
      await delay(SETTLE_MS);
      yield {
        name: `CPU, ${CONNECTIONS} connections without media`,
        value: await cpuPercent(IDLE_MS),
        ...cpu,
        reach: { value: 2 },
      };
      yield {
        name: `wake-ups of the library's threads, ${CONNECTIONS} connections without media`,
        value: await wakeups(LIBRARY_THREADS, IDLE_MS),
        ...waking,
      };
    }
    await using _publisher = await startPublisher(url, "waking");
    const { connection, track } = await receiveVideo(sora, url, "waking");
    await using _ = connection;
    using sink = new SoraVideoSink(track);
    sink.onFrame = (frame) => frame.close();
    await delay(SETTLE_MS);
    yield {
      name: "wake-ups of all threads, receiving 1280x720 at 30 fps, audio without a sink",
      value: await wakeups(/./, IDLE_MS),
      ...waking,
      reach: { value: 350 },
    };
  },
};
