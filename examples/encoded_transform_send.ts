/** Changes encoded frames before they are sent: sound is enciphered, and each picture gets its number at its end. */
import { Sora, SoraAudioFrameTransformer, SoraVideoFrameTransformer } from "../mod.ts";
import { openRoom, sendTestMedia, untilDone } from "./support.ts";

/** A toy: somebody who does not know it hears noise, but it keeps nothing secret. */
const KEY = 0x5a;

await using room = await openRoom();
await using sora = new Sora();
const audioFrameTransformer = new SoraAudioFrameTransformer();
audioFrameTransformer.onTransform = (frame) => {
  frame.setData(frame.getData().map((byte) => byte ^ KEY));
  // A frame that is not enqueued is not sent.
  audioFrameTransformer.enqueue(frame);
};

let pictures = 0;
let keyFrames = 0;
const videoFrameTransformer = new SoraVideoFrameTransformer();
videoFrameTransformer.onTransform = (frame) => {
  const data = frame.getData();
  const longer = new Uint8Array(data.length + 4);
  longer.set(data);
  new DataView(longer.buffer).setUint32(data.length, pictures++);
  frame.setData(longer);
  if (frame.isKeyFrame) keyFrames++;
  if (pictures === 1) console.log(`The first is ${frame.mimeType} ${frame.width}x${frame.height}`);
  videoFrameTransformer.enqueue(frame);
};

const videoSource = sora.createVideoSource();
const audioSource = sora.createAudioSource({ channels: 1, sampleRate: 48_000 });
await using connection = sora.createConnection({
  ...room.options,
  role: "sendonly",
  videoCodecType: "VP8",
  videoSource,
  audioSource,
  audioFrameTransformer,
  videoFrameTransformer,
});
await connection.connect();
console.log(`Connected as ${connection.connectionId}`);
using _media = sendTestMedia(videoSource, audioSource);
await untilDone(3);
console.log(`Changed ${pictures} pictures, ${keyFrames} of them key frames`);
