/** Sends a media file in real time; ffmpeg, which must be installed, decodes it: `send_file.ts FILE`. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { readY4m } from "../files/mod.ts";
import { Sora } from "../mod.ts";
import { fail, openRoom, untilDone } from "./support.ts";

const [file] = process.argv.slice(2);
if (file === undefined) fail("Name the file to send: send_file.ts FILE");

/** What is in the file, in the words of ffprobe: "video", "audio". */
async function kinds(): Promise<readonly string[]> {
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

/** Starts ffmpeg; what it writes comes as a stream, and it waits when nobody reads. */
function decode(...output: readonly string[]) {
  const args = ["-v", "error", "-i", `file:${file}`, ...output, "pipe:1"];
  const child = spawn("ffmpeg", args, { stdio: ["ignore", "pipe", "inherit"] });
  child.once("error", (error) => console.error(`ffmpeg cannot be started: ${error.message}`));
  decoders.push(child);
  return child;
}

const there = await kinds();
const [hasVideo, hasAudio] = [there.includes("video"), there.includes("audio")];
if (!hasVideo && !hasAudio) fail(`There is neither video nor audio in ${file}`);

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

/** Samples of 100 ms in two channels. */
const PIECE = 9_600;
let pictures = 0;
let sounds = 0;
/** What still comes is left out. */
let ended = false;
/** Resolves with the first that ffmpeg gives: starting it is not part of the time. */
const begun = Promise.withResolvers<void>();

async function sendPictures(): Promise<void> {
  const video = decode("-an", "-f", "yuv4mpegpipe", "-pix_fmt", "yuv420p");
  const { header, frames } = await readY4m(video.stdout);
  begun.resolve();
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
  const audio = decode("-vn", "-f", "s16le", "-ar", "48000", "-ac", "2");
  const writer = audioSource.writable.getWriter();
  /** Bytes of a frame that the next piece completes. */
  let rest = new Uint8Array(0);
  for await (const piece of audio.stdout as AsyncIterable<Uint8Array>) {
    begun.resolve();
    if (ended) continue;
    const bytes = new Uint8Array(rest.length + piece.length);
    bytes.set(rest);
    bytes.set(piece, rest.length);
    const whole = bytes.length - bytes.length % 4;
    rest = bytes.slice(whole);
    const samples = new Int16Array(bytes.buffer, 0, whole / 2);
    // A pipe may give more than a second at once, and the end is not to wait for that.
    for (let at = 0; at < samples.length && !ended; at += PIECE) {
      const part = samples.subarray(at, at + PIECE);
      await writer.write(part);
      sounds += part.length / 2;
    }
  }
}

const sent = Promise.all([hasVideo && sendPictures(), hasAudio && sendSound()]);
await Promise.race([sent, begun.promise]);
await Promise.race([sent, untilDone(Number(process.env["SORA_SECONDS"] ?? 600))]);
ended = true;
for (const child of decoders) child.kill("SIGKILL");
await sent;
console.log(`Sent ${pictures} pictures and ${Math.round(sounds / 48)} ms of sound`);
