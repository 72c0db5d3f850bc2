/** Recording: writes what the first sending member sends into a file, encoded by ffmpeg, which must be installed: `record.ts out.mkv`. */
import process from "node:process";
import { type MediaWriter, writeMedia } from "../files/mod.ts";
import { Sora, SoraAudioStreamSink, type SoraMediaTrack, SoraVideoSink } from "../mod.ts";
import { openRoom, untilDone } from "./support.ts";

const [file = "recorded.mkv"] = process.argv.slice(2);
const AUDIO = { sampleRate: 48_000, channels: 2 };

let writer: MediaWriter | undefined;
/** When the first frame came: times in the file are counted from there. */
let beganMs = 0;

async function recordVideo(track: SoraMediaTrack): Promise<void> {
  let pixels: Uint8Array<ArrayBuffer> | undefined;
  let shown = "";
  for await (const received of new SoraVideoSink(track)) {
    using frame = received;
    const nowMs = performance.now();
    const { displayWidth: width, displayHeight: height } = frame;
    if (writer === undefined) {
      // The file has the size of the first frame; later ones are scaled to it.
      beganMs = nowMs;
      const form = { video: { width, height }, audio: AUDIO };
      // Encoding must keep up with real time.
      writer = await writeMedia(file, { ...form, arguments: ["-preset", "veryfast"] });
    }
    if (`${width}x${height}` !== shown) console.log(`Recording ${shown = `${width}x${height}`}`);
    pixels = frame.data("I420", { upright: true, reuse: pixels });
    await writer.writeVideo({ data: pixels, width, height, timestampMs: nowMs - beganMs });
  }
}

async function recordAudio(track: SoraMediaTrack): Promise<void> {
  let beginMs: number | undefined;
  for await (const { samples } of new SoraAudioStreamSink(track, AUDIO)) {
    if (writer === undefined) continue;
    beginMs ??= performance.now() - beganMs;
    const timestampMs = beginMs + writer.samples * 1_000 / AUDIO.sampleRate;
    await writer.writeAudio({ samples, timestampMs });
  }
}

await using room = await openRoom();
await using sora = new Sora();
await using connection = sora.createConnection({ ...room.options, role: "recvonly" });
const recordings: Promise<void>[] = [];
let member: string | undefined;
connection.onTrack = (track) => {
  member ??= track.streamId;
  if (track.streamId !== member) return;
  recordings.push(track.kind === "video" ? recordVideo(track) : recordAudio(track));
};
await connection.connect();
console.log(`Connected as ${connection.connectionId}`);
{
  await using _sender = await room.invite("sendonly");
  await untilDone(Number(process.env["SORA_SECONDS"] ?? 3));
  // This ends the sinks, and with them the loops above.
  await connection.disconnect();
  await Promise.all(recordings);
}
await writer?.close();
const { frames = 0, samples = 0 } = writer ?? {};
console.log(`Recorded ${frames} frames and ${Math.round(samples / 48)} ms of audio: ${file}`);
