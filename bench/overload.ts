/**
 * Frames on a machine that has too few processors, with and without priorities of threads.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { Sora } from "../mod.ts";
import { median } from "../demo/statistics.ts";
import { connectSender, onFrames, room } from "./clients.ts";
import { drawFrames, everyFrame, size } from "./frames.ts";
import { type Benchmark, delay } from "./measurement.ts";

/** Programs that do nothing else than keep a processor busy, for each processor. */
const BUSY_PROGRAMS = 2;
const PAIRS = 3;
const SETTLE_MS = 2_000;
const RUN_MS = 4_000;

/** Frames a second that arrive of 30 of 1280x720, while other programs want every processor twice. */
async function framesPerSecond(url: string, raiseThreads: boolean): Promise<number> {
  await using sora = new Sora({ raiseThreads });
  await using sender = await connectSender(sora, url, "overload");
  await using receiver = sora.createConnection({ ...room(url, "overload"), role: "recvonly" });
  let received = 0;
  onFrames(receiver, (frame) => {
    received++;
    frame.close();
  });
  await receiver.connect();
  const frames = drawFrames(8);
  const stop = everyFrame((index) => {
    sender.videoSource.onCaptured(frames[index % frames.length]!, size);
  });
  const busy = Array.from(
    { length: BUSY_PROGRAMS * availableParallelism() },
    () => spawn("sh", ["-c", "while :; do :; done"], { stdio: "ignore" }),
  );
  try {
    await delay(SETTLE_MS);
    const [before, start] = [received, performance.now()];
    await delay(RUN_MS);
    return (received - before) * 1_000 / (performance.now() - start);
  } finally {
    for (const program of busy) program.kill("SIGKILL");
    stop();
  }
}

/** What the priorities of threads are worth; without the right to them both are the same. */
export const overload: Benchmark = {
  name: "overload",
  async *run({ url }) {
    const raised: number[] = [];
    const plain: number[] = [];
    for (let pair = 0; pair < PAIRS; pair++) {
      plain.push(await framesPerSecond(url, false));
      raised.push(await framesPerSecond(url, true));
    }
    yield {
      name: `frames of 1280x720 beside ${BUSY_PROGRAMS} busy programs for each processor`,
      value: median(raised),
      unit: "frames/s",
      limit: median(plain),
      limitIs: "with raiseThreads: false",
    };
  },
};
