/**
 * The SDK as its user runs it: connects, sends and receives, disconnects. Prints what came.
 *
 * @module
 */

import process from "node:process";
import { Sora, SoraAudioSink, SoraVideoSink } from "../../mod.ts";

const [url = ""] = process.argv.slice(2);
const room = { signalingUrls: [url], channelId: "permissions" };
const size = { width: 320, height: 240 };

await using sora = new Sora();
using videoSource = sora.createVideoSource();
using audioSource = sora.createAudioSource({ sampleRate: 48_000, channels: 1 });
await using sender = sora.createConnection({ ...room, role: "sendonly", videoSource, audioSource });
await using receiver = sora.createConnection({ ...room, role: "recvonly" });

const video = Promise.withResolvers<string>();
const audio = Promise.withResolvers<string>();
receiver.onTrack = (track) => {
  if (track.kind === "video") {
    const sink = new SoraVideoSink(track);
    sink.onFrame = (frame) => {
      video.resolve(`${frame.width} x ${frame.height}, ${frame.data().byteLength} bytes`);
      frame.close();
    };
  } else {
    const sink = new SoraAudioSink(track);
    sink.onData = (_, { sampleRate, channels }) => audio.resolve(`${sampleRate} Hz, ${channels}`);
  }
};
await Promise.all([sender.connect(), receiver.connect()]);

const grey = new Uint8Array(size.width * size.height * 3).fill(128);
const silence = new Int16Array(480);
const sending = setInterval(() => {
  videoSource.onCaptured(grey, size);
  audioSource.onData(silence);
}, 10);
console.log(`video: ${await video.promise}`);
console.log(`audio: ${await audio.promise}`);
clearInterval(sending);
const stats = await receiver.getStats();
console.log(`statistics: ${stats.some(({ type }) => type === "inbound-rtp")}`);
