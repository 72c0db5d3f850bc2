/** Tells when somebody speaks: voice activity detection on what is received. */
import { Sora, SoraAudioStreamSink, SoraVAD } from "../mod.ts";
import { openRoom, untilDone } from "./support.ts";

/** From it on, it is voice; it is libwebrtc's own. The tone of the test sender stays below. */
const THRESHOLD = 0.95;

await using room = await openRoom();
await using sora = new Sora();
await using connection = sora.createConnection({ ...room.options, role: "recvonly" });

let analysed = 0;
let highest = 0;
connection.onTrack = (track) => {
  if (track.kind !== "audio") return;
  // It remembers what it heard, so each track has its own.
  const vad = new SoraVAD();
  const sink = new SoraAudioStreamSink(track);
  let speaking = false;
  sink.onFrame = (frame) => {
    const probability = vad.analyze(frame);
    analysed++;
    highest = Math.max(highest, probability);
    if (probability >= THRESHOLD === speaking) return;
    speaking = !speaking;
    console.log(`${track.streamId} ${speaking ? "speaks" : "is silent"}`);
  };
};

await connection.connect();
console.log(`Connected as ${connection.connectionId}`);
await using _sender = await room.invite("sendonly");
await untilDone(3);
console.log(`Analysed ${analysed} times 10 ms; voice was at most ${highest.toFixed(3)} likely`);
