import process from "node:process";
import { Sora, type SoraConnection } from "../mod.ts";
import { connectSender, onFrames, room, startPublisher } from "./clients.ts";
import { videoRtp } from "../tests/support/statistics.ts";
import { type Benchmark, delay } from "./measurement.ts";
import { drawFrames, everyFrame, size } from "./frames.ts";

const BUSY_MS = 5_000;
/** Time for the encoder and the bandwidth estimation to settle. */
const SETTLE_MS = 2_000;

/** CPU time of all threads of this process so far, in seconds. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** CPU load of this process over `ms` milliseconds, in percent of a core. */
export async function cpuPercent(ms: number): Promise<number> {
  const start = performance.now();
  const before = cpuSeconds();
  await delay(ms);
  return (cpuSeconds() - before) / ((performance.now() - start) / 1_000) * 100;
}

/** Seconds spent encoding or decoding video, as libwebrtc reports them. */
async function codecSeconds(connection: SoraConnection): Promise<number> {
  const stats = await connection.getStats();
  const seconds = videoRtp(stats, "outbound-rtp")?.totalEncodeTime ??
    videoRtp(stats, "inbound-rtp")?.totalDecodeTime;
  if (seconds === undefined) {
    throw new Error("The statistics have neither totalEncodeTime nor totalDecodeTime of video");
  }
  return seconds;
}

/** CPU load in percent of a core: of this process, and of its codec alone. */
async function busyPercent(connection: SoraConnection): Promise<{ value: number; limit: number }> {
  await delay(SETTLE_MS);
  const start = performance.now();
  const before = await codecSeconds(connection);
  const value = await cpuPercent(BUSY_MS);
  const codec = await codecSeconds(connection) - before;
  return { value, limit: codec / ((performance.now() - start) / 1_000) * 100 };
}

/** The CPU load of a session, next to that of its codec alone. */
export const session: Benchmark = {
  name: "session",
  async *run({ url }) {
    await using sora = new Sora();
    const unit = "% of a core" as const;
    {
      await using sender = await connectSender(sora, url, "session out");
      const frames = drawFrames(8);
      const samples = new Int16Array(1_600);
      const stop = everyFrame((index) => {
        const frame = frames[index % frames.length];
        if (frame !== undefined) sender.videoSource.onCaptured(frame, size);
        sender.audioSource.onData(samples);
      });
      const percent = await busyPercent(sender.connection).finally(stop);
      const limitIs = "libwebrtc's time for encoding video";
      yield { name: "CPU, sending 1280x720 at 30 fps and audio", ...percent, unit, limitIs };
    }
    await using _publisher = await startPublisher(url, "session in");
    await using receiver = sora.createConnection({ ...room(url, "session in"), role: "recvonly" });
    const pixels = new Uint8Array(size.width * size.height * 3);
    onFrames(receiver, (frame) => {
      if (frame.width === size.width) frame.copyTo(pixels);
      frame.close();
    });
    await receiver.connect();
    const percent = await busyPercent(receiver);
    const limitIs = "libwebrtc's time for decoding video";
    yield { name: "CPU, receiving 1280x720 at 30 fps as BGR", ...percent, unit, limitIs };
  },
};
