/** Statistics: sends a test pattern and a tone, and prints statistics every second. */
import { Sora, type SoraStats } from "../mod.ts";
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
});

/** One line about what is sent, from W3C webrtc-stats: `type` determines which properties an entry has. */
function describe(stats: readonly SoraStats[]): string {
  const parts: string[] = [];
  for (const one of stats) {
    if (one.type === "outbound-rtp" && one.kind === "video") {
      if (one.frameWidth === undefined) continue; // nothing is encoded yet
      parts.push(
        `video ${one.frameWidth}x${one.frameHeight}, ${one.framesPerSecond ?? 0} frames/s ` +
          `by ${one.encoderImplementation}, ${one.bytesSent} bytes`,
      );
    } else if (one.type === "outbound-rtp") {
      parts.push(`audio ${one.bytesSent} bytes`);
    } else if (one.type === "candidate-pair" && one.nominated) {
      parts.push(`round trip ${((one.currentRoundTripTime ?? 0) * 1_000).toFixed(1)} ms`);
    }
  }
  return parts.join("; ");
}

await connection.connect();
console.log(`Connected as ${connection.connectionId}`);
using _media = sendTestMedia(videoSource, audioSource);
await using _receiver = await room.invite("recvonly");
const printed = (async () => {
  // Ends with the connection.
  for await (const stats of connection.statsStream({ intervalMs: 1_000 })) {
    console.log(describe(stats));
  }
})();
await untilDone(4);
await connection.disconnect();
await printed;
