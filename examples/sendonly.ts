/** Sending only: sends a test pattern and a tone, and prints how much was sent. */
import { Sora } from "../mod.ts";
import { openRoom, sendTestMedia, untilDone } from "./support.ts";

await using room = await openRoom();
await using sora = new Sora();
const videoSource = sora.createVideoSource();
const audioSource = sora.createAudioSource({ channels: 1, sampleRate: 48_000 });
await using connection = sora.createConnection({
  ...room.options,
  role: "sendonly",
  videoSource,
  audioSource,
  videoCodecType: "VP8",
  videoBitRate: 1_000,
});

await connection.connect();
console.log(`Connected as ${connection.connectionId}`);
// Your own program calls videoSource.onCaptured() and audioSource.onData() with its frames and samples.
using _media = sendTestMedia(videoSource, audioSource);
await untilDone(3);

for (const stats of await connection.getStats()) {
  if (stats.type === "outbound-rtp") {
    console.log(`Sent ${stats.kind}: ${stats.packetsSent} packets, ${stats.bytesSent} bytes`);
  }
}
