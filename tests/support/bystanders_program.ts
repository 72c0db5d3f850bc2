/**
 * Two clients of the library in a channel of their own, one of which sends numbered frames to the other, 30 a second: for each 100 ms
 * the program prints how many it sent and how many of those came in time. In a process of its own, so that whatever the test does
 * takes no time from them.
 *
 * @module
 */

import process from "node:process";
import { Sora, type SoraMediaTrack, SoraVideoSink } from "../../mod.ts";
import { within } from "./eventually.ts";
import { drawFrame, readNumber } from "./frame.ts";

/** One line that starts with `frames `: of 100 ms. */
export interface FrameCount {
  readonly sent: number;
  /** Of those that were sent then. */
  readonly came: number;
}

const FRAME_MS = 1_000 / 30;
const COUNT_MS = 100;

/** A frame that comes later is as good as lost. */
const PATIENCE_MS = 400;

const style = { width: 160, height: 120, turn: 0 } as const;

/** Numbers that a frame can carry. */
const NUMBERS = 4_096;

/** Connects both, and prints their counts from then on. */
export async function sendAndCount(url: string, sora: Sora): Promise<void> {
  const room = { signalingUrls: [url], channelId: "bystanders" } as const;
  const videoSource = sora.createVideoSource();
  const receiver = sora.createConnection({ ...room, role: "recvonly" });
  const { promise: track, resolve } = Promise.withResolvers<SoraMediaTrack>();
  receiver.onTrack = (one) => {
    if (one.kind === "video") resolve(one);
  };
  const sender = sora.createConnection({
    ...room,
    role: "sendonly",
    audio: false,
    videoCodecType: "VP8",
    videoSource,
    degradationPreference: "MAINTAIN_RESOLUTION",
  });
  await receiver.connect();
  await sender.connect();
  const sink = new SoraVideoSink(await within("the track", track), { depth: 32 });

  const counts: { sent: number; came: number }[] = [];
  const sentAt = new Float64Array(NUMBERS).fill(-Infinity);
  const began = performance.now();
  const slotOf = (elapsed: number) => Math.floor(elapsed / COUNT_MS);
  const countOf = (elapsed: number) => counts[slotOf(elapsed)] ??= { sent: 0, came: 0 };
  sink.onFrame = (frame) => {
    const at = sentAt[readNumber(style, frame.data())]!;
    frame.close();
    if (performance.now() - began - at <= PATIENCE_MS) countOf(at).came++;
  };
  const pixels = new Uint8Array(style.width * style.height * 3);
  let number = 0;
  let frames = 0;
  let printed = 0;
  setInterval(() => {
    const elapsed = performance.now() - began;
    if (elapsed >= frames * FRAME_MS) {
      frames = Math.floor(elapsed / FRAME_MS) + 1;
      number = (number + 1) % NUMBERS;
      drawFrame(style, number, pixels);
      sentAt[number] = elapsed;
      countOf(elapsed).sent++;
      videoSource.onCaptured(pixels, { width: style.width, height: style.height, format: "BGR" });
    }
    for (; (printed + 1) * COUNT_MS + PATIENCE_MS < elapsed; printed++) {
      const count: FrameCount = counts[printed] ?? { sent: 0, came: 0 };
      delete counts[printed];
      console.log(`frames ${JSON.stringify(count)}`);
    }
  }, 5);
}

if (import.meta.main) await sendAndCount(process.argv[2]!, new Sora());
