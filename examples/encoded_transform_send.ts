/**
 * Encoded transform, sending: changes encoded frames before they are sent, and changes them back where they are received. Audio
 * is scrambled, and each video frame gets its number appended.
 */
import {
  Sora,
  SoraAudioFrameTransformer,
  SoraAudioSink,
  SoraVideoFrameTransformer,
  SoraVideoSink,
} from "../mod.ts";
import { openRoom, sendTestMedia, untilDone } from "./support.ts";

/** A toy: without it the audio is noise, but it keeps nothing secret. */
const KEY = 0x5a;
const NUMBER_BYTES = 4;

await using room = await openRoom();
await using sora = new Sora();

const scrambling = new SoraAudioFrameTransformer();
scrambling.onTransform = (frame) => {
  frame.setData(frame.getData().map((byte) => byte ^ KEY));
  // A frame that is not enqueued is not sent.
  scrambling.enqueue(frame);
};

let sent = 0;
let keyFrames = 0;
const numbering = new SoraVideoFrameTransformer();
numbering.onTransform = (frame) => {
  const data = frame.getData();
  const longer = new Uint8Array(data.length + NUMBER_BYTES);
  longer.set(data);
  new DataView(longer.buffer).setUint32(data.length, ++sent);
  frame.setData(longer);
  if (frame.isKeyFrame) keyFrames++;
  if (sent === 1) {
    console.log(`The first frame is ${frame.mimeType} ${frame.width}x${frame.height}`);
  }
  numbering.enqueue(frame);
};

const videoSource = sora.createVideoSource();
const audioSource = sora.createAudioSource({ channels: 1, sampleRate: 48_000 });
await using sender = sora.createConnection({
  ...room.options,
  role: "sendonly",
  videoCodecType: "VP8",
  videoSource,
  audioSource,
  audioFrameTransformer: scrambling,
  videoFrameTransformer: numbering,
});

await using receiver = sora.createConnection({ ...room.options, role: "recvonly" });
let lastNumber = 0;
let decoded = 0;
let loudest = 0;
receiver.onTrack = (track) => {
  // On a real server, other members of the channel did not change their frames.
  if (track.streamId !== sender.connectionId) return;
  if (track.kind === "video") {
    const unnumbering = new SoraVideoFrameTransformer();
    unnumbering.onTransform = (frame) => {
      const data = frame.getData();
      const end = data.length - NUMBER_BYTES;
      lastNumber = new DataView(data.buffer, data.byteOffset).getUint32(end);
      frame.setData(data.subarray(0, end));
      unnumbering.enqueue(frame);
    };
    track.setFrameTransformer(unnumbering);
    new SoraVideoSink(track).onFrame = (frame) => {
      frame.close();
      decoded++;
    };
  } else {
    const unscrambling = new SoraAudioFrameTransformer();
    unscrambling.onTransform = (frame) => {
      frame.setData(frame.getData().map((byte) => byte ^ KEY));
      unscrambling.enqueue(frame);
    };
    track.setFrameTransformer(unscrambling);
    new SoraAudioSink(track).onData = (samples) => {
      for (const sample of samples) loudest = Math.max(loudest, Math.abs(sample));
    };
  }
};

await sender.connect();
await receiver.connect();
console.log(`Sending as ${sender.connectionId}, receiving as ${receiver.connectionId}`);
using _media = sendTestMedia(videoSource, audioSource);
await untilDone(3);
console.log(`Changed ${sent} video frames, ${keyFrames} of them key frames`);
console.log(`Decoded ${decoded} frames; the last number was ${lastNumber}`);
console.log(`The loudest sample received was ${loudest} of 32767`);
