/**
 * A program that sends 30 pictures a second, and sound, until it is ended: `publisher.ts URL CHANNEL WIDTH HEIGHT`.
 *
 * @module
 */

import process from "node:process";
import { Sora } from "../mod.ts";
import { drawPictures, everyFrame } from "./picture.ts";

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
  // The size is what is measured.
  degradationPreference: "MAINTAIN_RESOLUTION",
  videoSource,
  audioSource,
});
await connection.connect();
const pictures = drawPictures(8, size);
const sound = new Int16Array(1_600);
everyFrame((index) => {
  const picture = pictures[index % pictures.length];
  if (picture !== undefined) videoSource.onCaptured(picture, size);
  audioSource.onData(sound);
});
console.log("sending");
