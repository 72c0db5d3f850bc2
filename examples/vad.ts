/** Tells when somebody speaks: voice activity detection on what is received. `vad.ts FILE.wav` lets the other one say that. */
import { readFileSync } from "node:fs";
import process from "node:process";
import { decodeWav } from "../files/mod.ts";
import { Sora, SoraAudioStreamSink, SoraVAD } from "../mod.ts";
import { fail, openRoom, untilDone } from "./support.ts";

/** From it on, it is voice; it is libwebrtc's own. Tones and noise stay below. */
const THRESHOLD = 0.95;

/** Who says nothing for so long is silent; words have shorter gaps between and within them. */
const GAP_MS = 300;

/** A voice that says "front center", which `make build` fetched. */
const fetched = new URL("../.deps/media/Front_Center.wav", import.meta.url);
const [file = fetched] = process.argv.slice(2);

function readSpeech() {
  try {
    return decodeWav(readFileSync(file));
  } catch (error) {
    return fail(`Name a WAVE file with speech, or run make build: ${error}`);
  }
}

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
  let silentMs = GAP_MS;
  sink.onFrame = (frame) => {
    const probability = vad.analyze(frame);
    analysed++;
    highest = Math.max(highest, probability);
    const before = silentMs;
    // A frame is 10 ms.
    silentMs = probability >= THRESHOLD ? 0 : before + 10;
    if (silentMs === 0 && before >= GAP_MS) console.log(`${track.streamId} speaks`);
    if (silentMs >= GAP_MS && before < GAP_MS) console.log(`${track.streamId} is silent`);
  };
};

await connection.connect();
console.log(`Connected as ${connection.connectionId}`);
await using _speaker = await room.invite("sendonly", readSpeech);
await untilDone(4);
console.log(`Analysed ${analysed} times 10 ms; voice was at most ${highest.toFixed(3)} likely`);
