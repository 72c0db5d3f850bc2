/** Sending and receiving: sends a test pattern and a tone, and receives what others send. */
import { Sora, SoraAudioSink, SoraVideoSink } from "../mod.ts";
import { openRoom, sendTestMedia, untilDone } from "./support.ts";

await using room = await openRoom();
await using sora = new Sora();
const videoSource = sora.createVideoSource();
const audioSource = sora.createAudioSource({ channels: 1, sampleRate: 48_000 });
await using connection = sora.createConnection({
  ...room.options,
  role: "sendrecv",
  videoSource,
  audioSource,
});

let frames = 0;
let loudest = 0;
connection.onTrack = async (track) => {
  console.log(`Receiving ${track.kind} from ${track.streamId}`);
  if (track.kind === "video") {
    for await (const received of new SoraVideoSink(track)) {
      using _frame = received;
      frames++;
    }
  } else {
    const sink = new SoraAudioSink(track);
    for (let read = await sink.read(480); !sink.ended; read = await sink.read(480)) {
      for (const sample of read.data) loudest = Math.max(loudest, Math.abs(sample));
    }
  }
};

await connection.connect();
console.log(`Connected as ${connection.connectionId}`);
using _media = sendTestMedia(videoSource, audioSource);
await using _other = await room.invite("sendrecv");
await untilDone(3);
console.log(`Received ${frames} frames; the loudest sample was ${loudest} of 32767`);
