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
    sink.onFrame = (frame) => {
      using picture = frame;
      // The pixels are converted only when they are asked for; here, once.
      if (pictures === 0) {
        const bytes = picture.data("BGR").length;
        console.log(`The first picture: ${picture.width}x${picture.height}, ${bytes} bytes of BGR`);
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
