/**
 * Engine choice: sends with Intel's engine, else NVIDIA's, else AMD's, else the one inside the library, whichever this machine has
 * first.
 * Anything that the chosen engine cannot do is left to the one inside the library, which also takes over if the device fails
 * while it sends.
 */
import {
  createVideoCodecPreferenceFromImplementation,
  getVideoCodecCapability,
  Sora,
  SoraVideoCodecImplementation,
} from "../mod.ts";
import { openRoom, sendTestMedia, untilDone } from "./support.ts";

const { INTEL_VPL, NVIDIA_VIDEO_CODEC_SDK, AMD_AMF, INTERNAL } = SoraVideoCodecImplementation;
const hardware: readonly SoraVideoCodecImplementation[] = [
  INTEL_VPL,
  NVIDIA_VIDEO_CODEC_SDK,
  AMD_AMF,
];

const capability = getVideoCodecCapability();
for (const { name, reason } of capability.unavailable) {
  if (hardware.includes(name)) console.log(`Not ${name}: ${reason}`);
}
// An engine that can do nothing on this machine is not found.
const engine = hardware.find((name) => capability.find(name) !== undefined) ?? INTERNAL;
console.log(`Chosen: ${engine}`);

const videoCodecPreference = createVideoCodecPreferenceFromImplementation(capability, INTERNAL);
videoCodecPreference.merge(createVideoCodecPreferenceFromImplementation(capability, engine));
// Each codec may have engines of its own: here the second ones, as far as the engine inside the library has the codec.
for (const codec of videoCodecPreference.codecs) {
  const internal = capability.find(INTERNAL)?.codecs.find(({ type }) => type === codec.type);
  if (codec.encoder === engine && engine !== INTERNAL && internal?.encoder) {
    codec.fallbackEncoder = INTERNAL;
  }
  if (codec.decoder === engine && engine !== INTERNAL && internal?.decoder) {
    codec.fallbackDecoder = INTERNAL;
  }
}
// The first codec that the chosen engine encodes.
const videoCodecType =
  videoCodecPreference.codecs.find(({ encoder }) => encoder === engine)?.type ?? "VP8";

await using room = await openRoom();
await using sora = new Sora({ videoCodecPreference });
const videoSource = sora.createVideoSource();
await using connection = sora.createConnection({
  ...room.options,
  role: "sendonly",
  audio: false,
  videoCodecType,
  videoSource,
});
connection.onError = (error) => console.error(error);
await connection.connect();
using _media = sendTestMedia(videoSource, undefined);
await untilDone(2);
for (const stats of await connection.getStats()) {
  if (stats.type !== "outbound-rtp") continue;
  console.log(`${videoCodecType} by ${stats.encoderImplementation}: ${stats.framesEncoded} frames`);
}
