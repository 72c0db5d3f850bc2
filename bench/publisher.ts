/**
 * A program that sends 30 frames per second and audio until it is killed: `publisher.ts URL CHANNEL WIDTH HEIGHT`.
 *
 * @module
 */

import process from "node:process";
import { Sora } from "../mod.ts";
import { drawFrames, everyFrame } from "./frames.ts";

const [url = "", channelId = "", width, height] = process.argv.slice(2);
const size = { width: Number(width), height: Number(height) };
const sora = new Sora();
const videoSource = sora.createVideoSource();
const audioSource = sora.createAudioSource({ sampleRate: 48_000, channels: 1 });
const connection = sora.createConnection({
  signalingUrls: [url],
  channelId,
  role: "sendonly",
  videoCodecType: "VP8",
  videoBitRate: 2_000,
  // The benchmarks measure frames of this size.
  degradationPreference: "MAINTAIN_RESOLUTION",
  videoSource,
  audioSource,
});
await connection.connect();
const frames = drawFrames(8, size);
const samples = new Int16Array(1_600);
everyFrame((index) => {
  const frame = frames[index % frames.length];
  if (frame !== undefined) videoSource.onCaptured(frame, size);
  audioSource.onData(samples);
});
console.log("sending");
