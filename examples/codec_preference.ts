/** Engine preference: sends with the engine that the argument names, INTERNAL by default. */
import process from "node:process";
import {
  createVideoCodecPreferenceFromImplementation,
  getVideoCodecCapability,
  Sora,
  SoraVideoCodecImplementation,
} from "../mod.ts";
import { fail, openRoom, sendTestMedia, untilDone } from "./support.ts";

// For example: codec_preference.ts NVIDIA_VIDEO_CODEC_SDK
const wanted = process.argv[2] ?? "INTERNAL";
const engines = Object.values(SoraVideoCodecImplementation);
const engine = engines.find((name) => name === wanted);
if (engine === undefined) fail(`The engine must be one of ${engines.join(", ")}, not "${wanted}"`);
// CISCO_OPENH264 needs the path of Cisco's OpenH264 library.
const { SORA_OPENH264: openh264 } = process.env;
const files = openh264 ? { openh264 } : {};
const capability = getVideoCodecCapability(files);
const absent = capability.unavailable.find(({ name }) => name === engine);
if (absent !== undefined) fail(`${engine} is not available: ${absent.reason}`);
const videoCodecPreference = createVideoCodecPreferenceFromImplementation(capability, engine);
const codec = videoCodecPreference.codecs.find(({ encoder }) => encoder !== undefined)?.type;
if (codec === undefined) {
  fail(
    `${engine} cannot encode any codec on this machine; codecs.ts lists what each engine can do`,
  );
}
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
  console.log(`${codec} by ${stats.encoderImplementation}: ${stats.framesEncoded} frames`);
}
