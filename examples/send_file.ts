/** Sends a media file in real time; ffmpeg, which must be installed, decodes it: `send_file.ts FILE`. */
import { spawn } from "node:child_process";
import process from "node:process";
import { readY4m } from "../files/mod.ts";
import { Sora } from "../mod.ts";
import { openRoom, untilDone } from "./support.ts";

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error("Name the file to send: send_file.ts FILE");

/** Starts ffmpeg; what it writes comes as a stream, and it waits when nobody reads. */
function decode(...output: readonly string[]) {
  const args = ["-v", "error", "-i", `file:${file}`, ...output, "pipe:1"];
  const child = spawn("ffmpeg", args, { stdio: ["ignore", "pipe", "inherit"] });
  child.once("error", (error) => console.error(`ffmpeg cannot be started: ${error.message}`));
  return child;
}

await using room = await openRoom();
await using sora = new Sora();
const videoSource = sora.createVideoSource();
const audioSource = sora.createAudioSource({ channels: 2, sampleRate: 48_000 });
await using connection = sora.createConnection({
  ...room.options,
  role: "sendonly",
  videoCodecType: "VP8",
  videoSource,
  audioSource,
});
await connection.connect();
console.log(`Connected as ${connection.connectionId}`);

const video = decode("-an", "-f", "yuv4mpegpipe", "-pix_fmt", "yuv420p");
const audio = decode("-vn", "-f", "s16le", "-ar", "48000", "-ac", "2");
let pictures = 0;
let sounds = 0;
/** What still comes is left out. */
let ended = false;

async function sendPictures(): Promise<void> {
  const { header, frames } = await readY4m(video.stdout);
  const { width, height, frameRate } = header;
  console.log(`${width}x${height}, ${frameRate} pictures a second`);
  const writer = videoSource.writable.getWriter();
  for await (const data of frames) {
    if (ended) continue;
    // The stream waits until the time of a picture has come.
    const timestampUs = pictures++ * 1_000_000 / frameRate;
    await writer.write({ data, width, height, format: "I420", timestampUs });
  }
}

async function sendSound(): Promise<void> {
  const writer = audioSource.writable.getWriter();
  /** Bytes of a frame that the next piece completes. */
  let rest = new Uint8Array(0);
  for await (const piece of audio.stdout as AsyncIterable<Uint8Array>) {
    if (ended) continue;
    const bytes = new Uint8Array(rest.length + piece.length);
    bytes.set(rest);
    bytes.set(piece, rest.length);
    const whole = bytes.length - bytes.length % 4;
    rest = bytes.slice(whole);
    sounds += whole / 4;
    await writer.write(new Int16Array(bytes.buffer, 0, whole / 2));
  }
}

const sent = Promise.all([sendPictures(), sendSound()]);
await Promise.race([sent, untilDone(Number(process.env["SORA_SECONDS"] ?? 600))]);
ended = true;
video.kill("SIGKILL");
audio.kill("SIGKILL");
await sent;
console.log(`Sent ${pictures} pictures and ${Math.round(sounds / 48)} ms of sound`);
