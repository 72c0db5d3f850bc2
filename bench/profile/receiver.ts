/**
 * A program that receives the video and audio of a channel, as BGR, until it is killed: `receiver.ts URL CHANNEL`.
 *
 * @module
 */

import process from "node:process";
import { Sora, SoraAudioStreamSink, SoraVideoSink } from "../../mod.ts";

const [url = "", channelId = ""] = process.argv.slice(2);
const sora = new Sora();
const connection = sora.createConnection({ signalingUrls: [url], channelId, role: "recvonly" });
let pixels = new Uint8Array();
connection.onTrack = (track) => {
  if (track.kind === "audio") {
    new SoraAudioStreamSink(track).onFrame = () => {};
    return;
  }
  new SoraVideoSink(track).onFrame = (frame) => {
    const bytes = frame.width * frame.height * 3;
    if (pixels.length !== bytes) pixels = new Uint8Array(bytes);
    frame.copyTo(pixels);
    frame.close();
  };
};
await connection.connect();
console.log(JSON.stringify({ ready: true }));
