/** Recording: writes what the first sending member sends into a file, encoded by ffmpeg, which must be installed: `record.ts out.mkv`. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
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
  child.once(
    "error",
    (error) => console.error(`Cannot start ffmpeg, which must be installed: ${error.message}`),
  );
  // It may end before everything is written.
  child.stdin.on("error", () => {});
  return child;
}

/** Ends ffmpeg's input and waits until it exits. */
async function finish(child: ReturnType<typeof ffmpeg>): Promise<void> {
  const closed = once(child, "close");
  child.stdin.end();
  await closed;
}

const folder = await mkdtemp(join(tmpdir(), "record-"));
const audioFile = join(folder, "audio.mka");
/** Video files, in order; a new one begins where the frame size changes. */
const videoFiles: string[] = [];
let frames = 0;
let samples = 0;
/** When the first frame and the first audio arrived, rarely at the same moment. */
let videoMs = Infinity;
let audioMs = Infinity;

async function write(child: ReturnType<typeof ffmpeg>, data: Uint8Array): Promise<void> {
  if (!child.stdin.write(data)) await once(child.stdin, "drain");
}

/** Starts the next video file: its frames have the size in `header` and are scaled to that of the first file. */
async function startVideo(header: Y4mHeader, first: Y4mHeader): Promise<ReturnType<typeof ffmpeg>> {
  const file = join(folder, `video${videoFiles.length}.mkv`);
  videoFiles.push(file);
  const size = `scale=${first.width}:${first.height},setsar=1`;
  const input = ["-f", "yuv4mpegpipe", "-i", "pipe:0"];
  const child = ffmpeg(...input, "-vf", size, "-c:v", "libx264", "-pix_fmt", "yuv420p", file);
  await write(child, y4mHeader(header));
  console.log(`Recording ${header.width}x${header.height}`);
  return child;
}

async function recordVideo(track: SoraMediaTrack): Promise<void> {
  let first: Y4mHeader | undefined;
  let header: Y4mHeader | undefined;
  let child: ReturnType<typeof ffmpeg> | undefined;
  let pixels: Uint8Array<ArrayBuffer> | undefined;
  for await (const received of new SoraVideoSink(track)) {
    using frame = received;
    const nowMs = performance.now();
    const { width, height } = frame;
    if (child === undefined || header?.width !== width || header.height !== height) {
      if (child !== undefined) await finish(child);
      header = { width, height, frameRate: FRAME_RATE };
      first ??= header;
      child = await startVideo(header, first);
    }
    videoMs = Math.min(videoMs, nowMs);
    // YUV4MPEG2 has a fixed frame rate: frames are repeated or left out to match it.
    const due = Math.floor((nowMs - videoMs) * FRAME_RATE / 1_000) + 1;
    pixels = frame.data("I420", { reuse: pixels });
    const data = y4mFrame(header, pixels);
    for (; frames < due; frames++) await write(child, data);
  }
  if (child !== undefined) await finish(child);
}

async function recordAudio(track: SoraMediaTrack): Promise<void> {
  const child = ffmpeg("-f", "s16le", "-ar", "48000", "-ac", "2", "-i", "pipe:0", audioFile);
  for await (const frame of new SoraAudioStreamSink(track, { sampleRate: 48_000, channels: 2 })) {
    audioMs = Math.min(audioMs, performance.now());
    samples += frame.samplesPerChannel;
    await write(child, wavSamples(frame.samples));
  }
  await finish(child);
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
  // This ends the sinks, and with them the loops above.
  await connection.disconnect();
  await Promise.all(recordings);
}

// In the file, video and audio begin as far apart as they arrived.
const startMs = Math.min(videoMs, audioMs);
const offset = (partMs: number) => ["-itsoffset", String((partMs - startMs) / 1_000)];
const inputs: string[] = [];
if (frames > 0) {
  const list = join(folder, "videos.txt");
  await writeFile(list, videoFiles.map((name) => `file '${basename(name)}'\n`).join(""));
  inputs.push(...offset(videoMs), "-f", "concat", "-safe", "0", "-i", list);
}
if (samples > 0) inputs.push(...offset(audioMs), "-i", audioFile);
if (inputs.length > 0) await finish(ffmpeg(...inputs, "-c", "copy", `file:${file}`));
await rm(folder, { recursive: true });
console.log(`Recorded ${frames} frames and ${Math.round(samples / 48)} ms of audio: ${file}`);
