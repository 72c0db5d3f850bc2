/** Sending a file: sends a media file in real time, decoded by ffmpeg, which must be installed: `send_file.ts FILE`. */
import process from "node:process";
import { readMedia } from "../files/mod.ts";
import { Sora } from "../mod.ts";
import { fail, openRoom, untilDone } from "./support.ts";

const [file] = process.argv.slice(2);
if (file === undefined) fail("Usage: send_file.ts FILE, where FILE is the media file to send");

await using media = await readMedia(file).catch((error) => fail(error.message));
const { video, audio } = media;

await using room = await openRoom();
await using sora = new Sora();
const videoSource = video && sora.createVideoSource();
const audioSource = audio && sora.createAudioSource(audio);
await using connection = sora.createConnection({
  ...room.options,
  role: "sendonly",
  ...(videoSource === undefined ? { video: false } : { videoCodecType: "VP8", videoSource }),
  ...(audioSource === undefined ? { audio: false } : { audioSource }),
});
await connection.connect();
console.log(`Connected as ${connection.connectionId}`);
if (video) console.log(`${video.width}x${video.height}, ${video.frameRate} frames per second`);

let frames = 0;
let audioMs = 0;

async function send(): Promise<void> {
  const videoWriter = videoSource?.writable.getWriter();
  const audioWriter = audioSource?.writable.getWriter();
  for await (const item of media) {
    // The writers wait until the item is due; then its buffer may be used again.
    if (item.kind === "video") {
      const { data, width, height } = item;
      const timestampUs = item.timestampMs * 1_000;
      await videoWriter?.write({ data, width, height, format: "I420", timestampUs });
      frames++;
    } else {
      await audioWriter?.write(item.samples);
      audioMs += item.samples.length / item.channels * 1_000 / item.sampleRate;
    }
  }
}

const sent = send();
await Promise.race([sent, untilDone(Number(process.env["SORA_SECONDS"] ?? 600))]);
await media[Symbol.asyncDispose]();
await sent;
console.log(`Sent ${frames} frames and ${Math.round(audioMs)} ms of audio`);
