/** Sending a file: sends a media file in real time, decoded by ffmpeg, which must be installed: `send_file.ts FILE`. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { readY4m } from "../files/mod.ts";
import { Sora } from "../mod.ts";
import { fail, openRoom, untilDone } from "./support.ts";

const [file] = process.argv.slice(2);
if (file === undefined) fail("Usage: send_file.ts FILE, where FILE is the media file to send");

/** The kinds of streams in the file, as ffprobe names them: "video", "audio". */
async function streamKinds(): Promise<readonly string[]> {
  const args = ["-v", "error", "-show_entries", "stream=codec_type", "-of", "csv=p=0"];
  const child = spawn("ffprobe", [...args, `file:${file}`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [text] = await Promise.all([
    child.stdout.setEncoding("utf8").toArray(),
    once(child, "close"),
  ]);
  return text.join("").split("\n");
}

const decoders: ChildProcess[] = [];

/** Starts ffmpeg. Its output is a stream, and it pauses while nobody reads. */
function decode(...output: readonly string[]) {
  const args = ["-v", "error", "-i", `file:${file}`, ...output, "pipe:1"];
  const child = spawn("ffmpeg", args, { stdio: ["ignore", "pipe", "inherit"] });
  child.once(
    "error",
    (error) => console.error(`Cannot start ffmpeg, which must be installed: ${error.message}`),
  );
  decoders.push(child);
  return child;
}

const there = await streamKinds();
const [hasVideo, hasAudio] = [there.includes("video"), there.includes("audio")];
if (!hasVideo && !hasAudio) {
  fail(`The file to send must have video or audio, but ffprobe finds neither in ${file}`);
}

await using room = await openRoom();
await using sora = new Sora();
const videoSource = sora.createVideoSource();
const audioSource = sora.createAudioSource({ channels: 2, sampleRate: 48_000 });
await using connection = sora.createConnection({
  ...room.options,
  role: "sendonly",
  ...(hasVideo ? { videoCodecType: "VP8", videoSource } : { video: false }),
  ...(hasAudio ? { audioSource } : { audio: false }),
});
await connection.connect();
console.log(`Connected as ${connection.connectionId}`);

/** 100 ms of samples in two channels. */
const CHUNK_SAMPLES = 9_600;
let frames = 0;
/** Samples of one channel. */
let samplesPerChannel = 0;
/** From then on ffmpeg's output is discarded. */
let ended = false;
/** Resolves with ffmpeg's first output: its start does not count towards the time. */
const begun = Promise.withResolvers<void>();

async function sendVideo(): Promise<void> {
  const video = decode("-an", "-f", "yuv4mpegpipe", "-pix_fmt", "yuv420p");
  const y4m = await readY4m(video.stdout);
  begun.resolve();
  const { width, height, frameRate } = y4m.header;
  console.log(`${width}x${height}, ${frameRate} frames per second`);
  const writer = videoSource.writable.getWriter();
  for await (const data of y4m.frames) {
    if (ended) continue;
    // The writer waits until the frame is due.
    const timestampUs = frames++ * 1_000_000 / frameRate;
    await writer.write({ data, width, height, format: "I420", timestampUs });
  }
}

async function sendAudio(): Promise<void> {
  const audio = decode("-vn", "-f", "s16le", "-ar", "48000", "-ac", "2");
  const writer = audioSource.writable.getWriter();
  /** Bytes of a sample pair that the next chunk completes. */
  let rest = new Uint8Array(0);
  for await (const chunk of audio.stdout as AsyncIterable<Uint8Array>) {
    begun.resolve();
    if (ended) continue;
    const bytes = new Uint8Array(rest.length + chunk.length);
    bytes.set(rest);
    bytes.set(chunk, rest.length);
    const whole = bytes.length - bytes.length % 4;
    rest = bytes.slice(whole);
    const samples = new Int16Array(bytes.buffer, 0, whole / 2);
    // A pipe may deliver more than a second at once, and ending must not wait that long.
    for (let at = 0; at < samples.length && !ended; at += CHUNK_SAMPLES) {
      const part = samples.subarray(at, at + CHUNK_SAMPLES);
      await writer.write(part);
      samplesPerChannel += part.length / 2;
    }
  }
}

const sent = Promise.all([hasVideo && sendVideo(), hasAudio && sendAudio()]);
await Promise.race([sent, begun.promise]);
await Promise.race([sent, untilDone(Number(process.env["SORA_SECONDS"] ?? 600))]);
ended = true;
for (const child of decoders) child.kill("SIGKILL");
await sent;
console.log(`Sent ${frames} frames and ${Math.round(samplesPerChannel / 48)} ms of audio`);
