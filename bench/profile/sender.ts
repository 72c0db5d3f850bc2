/**
 * A program that sends video and audio until it is killed: `sender.ts URL CHANNEL`.
 *
 * @module
 */

import process from "node:process";
import { Sora } from "../../mod.ts";
import { room } from "../clients.ts";
import { drawFrames, FRAME_MS, size } from "../frames.ts";

const [url = "", channelId = ""] = process.argv.slice(2);
const sora = new Sora();
const videoSource = sora.createVideoSource();
const audioSource = sora.createAudioSource({ sampleRate: 48_000, channels: 1 });
const connection = sora.createConnection({
  ...room(url, channelId),
  role: "sendonly",
  degradationPreference: "MAINTAIN_RESOLUTION",
  videoSource,
  audioSource,
});
await connection.connect();
const frames = drawFrames(8);
// A tone, because silence costs less.
const samples = Int16Array.from(
  { length: 1_600 },
  (_, i) => 8_000 * Math.sin(i * 2 * Math.PI * 30 / 1_600),
);
const start = performance.now();
// One timer a frame: a profile would show more of them.
const next = (index: number) => {
  const frame = frames[index % frames.length];
  if (frame !== undefined) videoSource.onCaptured(frame, size);
  audioSource.onData(samples);
  setTimeout(next, Math.max(0, start + (index + 1) * FRAME_MS - performance.now()), index + 1);
};
next(0);
console.log(JSON.stringify({ ready: true }));
