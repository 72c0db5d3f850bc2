/** Receives what others send, and tells how much came. */
import { Sora, SoraAudioSink, SoraVideoSink } from "../mod.ts";
import { openRoom, untilDone } from "./support.ts";

await using room = await openRoom();
await using sora = new Sora();
await using connection = sora.createConnection({ ...room.options, role: "recvonly" });

let pictures = 0;
let soundMs = 0;
connection.onTrack = (track) => {
  console.log(`A track of ${track.kind} from ${track.streamId}`);
  if (track.kind === "video") {
    const sink = new SoraVideoSink(track);
    let pixels = new Uint8Array(0);
    sink.onFrame = (frame) => {
      using picture = frame;
      const { width, height } = picture;
      // One buffer for all pictures of a size: a fresh one for each costs more than its pixels.
      if (pixels.length !== width * height * 3) pixels = new Uint8Array(width * height * 3);
      const bytes = picture.copyTo(pixels, { format: "BGR" });
      if (pictures === 0) {
        console.log(`The first picture: ${width}x${height}, ${bytes} bytes of BGR`);
      }
      pictures++;
    };
  } else {
    const sink = new SoraAudioSink(track, { sampleRate: 16_000, channels: 1 });
    sink.onData = (samples, { sampleRate }) => {
      soundMs += samples.length * 1_000 / sampleRate;
    };
  }
};
connection.onRemoveTrack = (track) => console.log(`No more ${track.kind} from ${track.streamId}`);

await connection.connect();
console.log(`Connected as ${connection.connectionId}`);
await using _sender = await room.invite("sendonly");
await untilDone(3);
console.log(`Received ${pictures} pictures and ${Math.round(soundMs)} ms of sound`);
