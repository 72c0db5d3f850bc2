/** Chooses who encodes and decodes: an engine by its name, INTERNAL if none is given, and sends with it. */
import process from "node:process";
import {
  createVideoCodecPreferenceFromImplementation,
  getVideoCodecCapability,
  Sora,
  SoraVideoCodecImplementation,
} from "../mod.ts";
import { fail, openRoom, sendTestMedia, untilDone } from "./support.ts";

// For instance: codec_preference.ts NVIDIA_VIDEO_CODEC_SDK
const wanted = process.argv[2] ?? "INTERNAL";
const engine = Object.values(SoraVideoCodecImplementation).find((name) => name === wanted);
if (engine === undefined) fail(`${wanted} is not an engine; see codecs.ts`);
// CISCO_OPENH264 needs the file of Cisco's OpenH264.
const { SORA_OPENH264: openh264 } = process.env;
const files = openh264 ? { openh264 } : {};
const capability = getVideoCodecCapability(files);
const absent = capability.unavailable.find(({ name }) => name === engine);
if (absent !== undefined) fail(`${engine} is not available: ${absent.reason}`);
const videoCodecPreference = createVideoCodecPreferenceFromImplementation(capability, engine);
const codec = videoCodecPreference.codecs.find(({ encoder }) => encoder !== undefined)?.type;
if (codec === undefined) fail(`${engine} can encode nothing on this machine`);
console.log(JSON.stringify(videoCodecPreference));

await using room = await openRoom();
await using sora = new Sora({ ...files, videoCodecPreference });
const videoSource = sora.createVideoSource();
await using connection = sora.createConnection({
  ...room.options,
  role: "sendonly",
  audio: false,
  videoCodecType: codec,
  videoSource,
});
await connection.connect();
using _media = sendTestMedia(videoSource, undefined);
await untilDone(3);
for (const stats of await connection.getStats()) {
  if (stats.type !== "outbound-rtp") continue;
  console.log(`${codec} by ${stats.encoderImplementation}: ${stats.framesEncoded} pictures`);
}
