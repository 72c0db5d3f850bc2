/** Records the first member that sends; ffmpeg, which must be installed, encodes it: `record.ts out.mkv`. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { Writable } from "node:stream";
import { wavSamples, y4mFrame, type Y4mHeader, y4mHeader } from "../files/mod.ts";
import { Sora, SoraAudioStreamSink, type SoraMediaTrack, SoraVideoSink } from "../mod.ts";
import { openRoom, untilDone } from "./support.ts";

const [file = "recorded.mkv"] = process.argv.slice(2);
const FRAME_RATE = 30;

function ffmpeg(...args: readonly string[]): ChildProcess & { readonly stdin: Writable } {
  const child = spawn("ffmpeg", ["-v", "error", "-y", ...args], {
    stdio: ["pipe", "inherit", "inherit"],
  });
  child.once("error", (error) => console.error(`ffmpeg cannot be started: ${error.message}`));
  // It may end before all is written.
  child.stdin.on("error", () => {});
  return child;
}

/** Ends the input and waits for ffmpeg's end. */
async function finish(child: ReturnType<typeof ffmpeg>): Promise<void> {
  const closed = once(child, "close");
  child.stdin.end();
  await closed;
}

const folder = await mkdtemp(join(tmpdir(), "record-"));
const [videoFile, audioFile] = [join(folder, "video.mkv"), join(folder, "audio.mka")];
let pictures = 0;
let samples = 0;
let video: ReturnType<typeof ffmpeg> | undefined;
let audio: ReturnType<typeof ffmpeg> | undefined;

async function recordVideo(track: SoraMediaTrack): Promise<void> {
  let header: Y4mHeader | undefined;
  let start = 0;
  for await (const frame of new SoraVideoSink(track)) {
    using picture = frame;
    const { width, height } = picture;
    if (header === undefined) {
      header = { width, height, frameRate: FRAME_RATE };
      start = performance.now();
      video = ffmpeg("-f", "yuv4mpegpipe", "-i", "pipe:0", "-c:v", "libx264", videoFile);
      video.stdin.write(y4mHeader(header));
      console.log(`Recording ${width}x${height}`);
    }
    // A stream of this kind has one size and one rate: pictures are repeated or left out to keep to it.
    if (width !== header.width || height !== header.height) continue;
    const due = Math.floor((performance.now() - start) * FRAME_RATE / 1_000) + 1;
    const data = y4mFrame(header, picture.data("I420"));
    for (; pictures < due; pictures++) {
      if (video?.stdin.write(data) === false) await once(video.stdin, "drain");
    }
  }
}

async function recordAudio(track: SoraMediaTrack): Promise<void> {
  audio = ffmpeg("-f", "s16le", "-ar", "48000", "-ac", "2", "-i", "pipe:0", audioFile);
  for await (const frame of new SoraAudioStreamSink(track, { sampleRate: 48_000, channels: 2 })) {
    samples += frame.samplesPerChannel;
    if (!audio.stdin.write(wavSamples(frame.samples))) await once(audio.stdin, "drain");
  }
}

{
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
  await using _sender = await room.invite("sendonly");
  await untilDone(Number(process.env["SORA_SECONDS"] ?? 3));
  // With the connection the sinks end, and with them the loops above.
  await connection.disconnect();
  await Promise.all(recordings);
}

const parts = [video, audio].filter((part) => part !== undefined);
await Promise.all(parts.map(finish));
const inputs = [video && videoFile, audio && audioFile].filter((name) => name !== undefined);
if (inputs.length > 0) {
  await finish(ffmpeg(...inputs.flatMap((name) => ["-i", name]), "-c", "copy", `file:${file}`));
}
await rm(folder, { recursive: true });
console.log(`Recorded ${pictures} pictures and ${Math.round(samples / 48)} ms of sound: ${file}`);
