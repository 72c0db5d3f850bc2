import process from "node:process";
import { Sora, type SoraConnection } from "../mod.ts";
import { connectSender, onPictures, room, startPublisher } from "./clients.ts";
import { videoRtp } from "../tests/support/statistics.ts";
import { type Benchmark, delay } from "./measurement.ts";
import { drawPictures, everyFrame, size } from "./picture.ts";

const IDLE_MS = 5_000;
const BUSY_MS = 5_000;
/** Encoder and bandwidth estimation settle in this time. */
const SETTLE_MS = 2_000;
/** Percent of a core. */
const IDLE_LIMIT = 1;

/** Seconds of processor time that this process, all its threads together, has used. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Percent of a core that this process uses during `ms`. */
export async function cpuPercent(ms: number): Promise<number> {
  const start = performance.now();
  const before = cpuSeconds();
  await delay(ms);
  return (cpuSeconds() - before) / ((performance.now() - start) / 1_000) * 100;
}

/** What the library costs while nothing happens. */
export const idle: Benchmark = {
  name: "idle",
  async *run({ url }) {
    const reach = { value: IDLE_LIMIT };
    const rest = {
      unit: "% of a core",
      limit: await cpuPercent(IDLE_MS),
      limitIs: "the same process before new Sora()",
      reach,
    } as const;
    await using sora = new Sora();
    using _source = sora.createVideoSource();
    await delay(500);
    yield { name: "processor, with nothing connected", value: await cpuPercent(IDLE_MS), ...rest };
    await using connection = sora.createConnection({ ...room(url, "idle"), role: "recvonly" });
    await connection.connect();
    await delay(SETTLE_MS);
    yield {
      name: "processor, one connection without media",
      value: await cpuPercent(IDLE_MS),
      ...rest,
    };
  },
};

/** Seconds that libwebrtc says it has spent encoding, or decoding, video. */
async function codecSeconds(connection: SoraConnection): Promise<number> {
  const stats = await connection.getStats();
  const seconds = videoRtp(stats, "outbound-rtp")?.totalEncodeTime ??
    videoRtp(stats, "inbound-rtp")?.totalDecodeTime;
  if (seconds === undefined) throw new Error("The statistics tell no time of a codec");
  return seconds;
}

/** Percent of a core: of this process, and of its codec. */
async function busyPercent(connection: SoraConnection): Promise<{ value: number; limit: number }> {
  await delay(SETTLE_MS);
  const start = performance.now();
  const before = await codecSeconds(connection);
  const value = await cpuPercent(BUSY_MS);
  const codec = await codecSeconds(connection) - before;
  return { value, limit: codec / ((performance.now() - start) / 1_000) * 100 };
}

/** What a session costs beside its codec. */
export const session: Benchmark = {
  name: "session",
  async *run({ url }) {
    await using sora = new Sora();
    const unit = "% of a core" as const;
    {
      await using sender = await connectSender(sora, url, "session out");
      const pictures = drawPictures(8);
      const sound = new Int16Array(1_600);
      const stop = everyFrame((index) => {
        const picture = pictures[index % pictures.length];
        if (picture !== undefined) sender.videoSource.onCaptured(picture, size);
        sender.audioSource.onData(sound);
      });
      const percent = await busyPercent(sender.connection).finally(stop);
      const limitIs = "libwebrtc's time of encoding video";
      yield { name: "processor, sending 1280x720 at 30 and sound", ...percent, unit, limitIs };
    }
    await using _publisher = await startPublisher(url, "session in");
    await using receiver = sora.createConnection({ ...room(url, "session in"), role: "recvonly" });
    const pixels = new Uint8Array(size.width * size.height * 3);
    onPictures(receiver, (frame) => {
      if (frame.width === size.width) frame.copyTo(pixels);
      frame.close();
    });
    await receiver.connect();
    const percent = await busyPercent(receiver);
    const limitIs = "libwebrtc's time of decoding video";
    yield { name: "processor, receiving 1280x720 at 30 as BGR", ...percent, unit, limitIs };
  },
};
