/** Encoded transform, receiving: looks at encoded frames before they are decoded, with Web Streams and with callbacks. */
import {
  Sora,
  SoraAudioFrameTransformer,
  SoraAudioSink,
  type SoraTransformableVideoFrame,
  SoraVideoFrameTransformer,
  SoraVideoSink,
} from "../mod.ts";
import { openRoom, untilDone } from "./support.ts";

await using room = await openRoom();
await using sora = new Sora();
await using connection = sora.createConnection({ ...room.options, role: "recvonly" });

let bytes = 0;
let videoFrames = 0;
let audioFrames = 0;
connection.onTrack = (track) => {
  if (track.kind === "video") {
    const sink = new SoraVideoSink(track);
    sink.onFrame = (frame) => {
      frame.close();
      videoFrames++;
    };
    const transformer = new SoraVideoFrameTransformer();
    track.setFrameTransformer(transformer);
    const counting = new TransformStream<SoraTransformableVideoFrame, SoraTransformableVideoFrame>({
      transform(frame, controller) {
        if (bytes === 0) console.log(`Video is ${frame.mimeType}, SSRC ${frame.ssrc}`);
        bytes += frame.getData().byteLength;
        controller.enqueue(frame);
      },
    });
    void transformer.readable.pipeThrough(counting).pipeTo(transformer.writable);
  } else {
    const sink = new SoraAudioSink(track);
    sink.onData = () => {};
    const transformer = new SoraAudioFrameTransformer();
    track.setFrameTransformer(transformer);
    transformer.onTransform = (frame) => {
      if (audioFrames++ === 0) {
        console.log(`Audio is ${frame.mimeType}, sequence number ${frame.sequenceNumber}`);
      }
      transformer.enqueue(frame);
    };
  }
};

await connection.connect();
console.log(`Connected as ${connection.connectionId}`);
await using _sender = await room.invite("sendonly");
await untilDone(3);
console.log(
  `Saw ${bytes} bytes of video in ${videoFrames} frames, and ${audioFrames} frames of audio`,
);
