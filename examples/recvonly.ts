/** Receiving only: receives what others send, and prints how much arrived. */
import { Sora, SoraAudioSink, SoraVideoSink } from "../mod.ts";
import { openRoom, untilDone } from "./support.ts";

await using room = await openRoom();
await using sora = new Sora();
await using connection = sora.createConnection({ ...room.options, role: "recvonly" });

let frames = 0;
let audioMs = 0;
connection.onTrack = (track) => {
  console.log(`Receiving ${track.kind} from ${track.streamId}`);
  if (track.kind === "video") {
    const sink = new SoraVideoSink(track);
    let pixels = new Uint8Array(0);
    sink.onFrame = (received) => {
      using frame = received;
      const { width, height } = frame;
      // One buffer for all frames of a size: allocating one for each costs more than copying its pixels.
      if (pixels.length !== width * height * 3) pixels = new Uint8Array(width * height * 3);
      const bytes = frame.copyTo(pixels, { format: "BGR" });
      if (frames === 0) {
        console.log(`The first frame: ${width}x${height}, ${bytes} bytes of BGR`);
      }
      frames++;
    };
  } else {
    const sink = new SoraAudioSink(track, { sampleRate: 16_000, channels: 1 });
    sink.onData = (samples, { sampleRate }) => {
      audioMs += samples.length * 1_000 / sampleRate;
    };
  }
};
connection.onRemoveTrack = (track) => console.log(`No more ${track.kind} from ${track.streamId}`);

await connection.connect();
console.log(`Connected as ${connection.connectionId}`);
await using _sender = await room.invite("sendonly");
await untilDone(3);
console.log(`Received ${frames} frames and ${Math.round(audioMs)} ms of audio`);
