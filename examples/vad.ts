/** Voice activity detection: prints when a member begins and stops speaking. `vad.ts FILE.wav` makes the other member play that file. */
import { readFileSync } from "node:fs";
import process from "node:process";
import { decodeWav } from "../files/mod.ts";
import { Sora, SoraAudioStreamSink, SoraVAD } from "../mod.ts";
import { fail, openRoom, untilDone } from "./support.ts";

/** The probability from which on it counts as voice, as in libwebrtc. Tones and noise stay below it. */
const THRESHOLD = 0.95;

/** How long a pause has to be to count as silence; the gaps between and within words are shorter. */
const GAP_MS = 300;

/** A voice saying "front center", which `make build` fetched. */
const fetched = new URL("../.deps/media/Front_Center.wav", import.meta.url);
const [file = fetched] = process.argv.slice(2);

function readSpeech() {
  try {
    return decodeWav(readFileSync(file));
  } catch (error) {
    return fail(
      `Cannot read speech from ${file}; pass a WAVE file, or run \`make build\`: ${error}`,
    );
  }
}

await using room = await openRoom();
await using sora = new Sora();
await using connection = sora.createConnection({ ...room.options, role: "recvonly" });

let analysed = 0;
let highest = 0;
connection.onTrack = (track) => {
  if (track.kind !== "audio") return;
  // It keeps state, so each track needs its own.
  const vad = new SoraVAD();
  const sink = new SoraAudioStreamSink(track);
  let silentMs = GAP_MS;
  sink.onFrame = (frame) => {
    const probability = vad.analyze(frame);
    analysed++;
    highest = Math.max(highest, probability);
    const before = silentMs;
    // A frame holds 10 ms.
    silentMs = probability >= THRESHOLD ? 0 : before + 10;
    if (silentMs === 0 && before >= GAP_MS) console.log(`${track.streamId} speaks`);
    if (silentMs >= GAP_MS && before < GAP_MS) console.log(`${track.streamId} is silent`);
  };
};

await connection.connect();
console.log(`Connected as ${connection.connectionId}`);
await using _speaker = await room.invite("sendonly", readSpeech);
await untilDone(4);
console.log(
  `Analyzed ${analysed} blocks of 10 ms; the highest probability of voice was ${
    highest.toFixed(3)
  }`,
);
