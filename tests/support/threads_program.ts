/**
 * A program that sends and receives audio and video, and prints a line of JSON: its threads, of each its name, policy, nice value and
 * real-time priority, as the system has them, and what the log says of them. Its argument: whether `raiseThreads` is given, and how.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import {
  enableLibwebrtcLog,
  Sora,
  SoraAudioSink,
  SoraLoggingSeverity,
  SoraVideoSink,
} from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { eventually } from "./eventually.ts";

/** The fields of `/proc/PID/task/TID/stat` behind the name (proc(5)). */
const NICE = 16;
const REAL_TIME = 37;
const POLICY = 38;

function threads() {
  return readdirSync("/proc/self/task").map((id) => {
    const stat = readFileSync(`/proc/self/task/${id}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ").map(Number);
    return {
      main: Number(id) === process.pid,
      name: stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")")),
      policy: fields[POLICY],
      nice: fields[NICE],
      realTime: fields[REAL_TIME],
    };
  });
}

let logged: string | undefined;
enableLibwebrtcLog(SoraLoggingSeverity.INFO, (line) => {
  logged ??= /Priorities of threads: (.*)/.exec(line)?.[1];
});
const [given] = process.argv.slice(2);
await using server = await SoraServer.start({ port: 0 });
await using sora = new Sora(given === undefined ? {} : { raiseThreads: given === "true" });
const videoSource = sora.createVideoSource();
const audioSource = sora.createAudioSource({ sampleRate: 48_000, channels: 1 });
const room = { signalingUrls: [server.url], channelId: "threads" };
await using sender = sora.createConnection({ ...room, role: "sendonly", audioSource, videoSource });
await using receiver = sora.createConnection({ ...room, role: "recvonly" });
let frames = 0;
receiver.onTrack = (track) => {
  if (track.kind === "audio") return void new SoraAudioSink(track);
  new SoraVideoSink(track).onFrame = (frame) => {
    frames++;
    frame.close();
  };
};
await Promise.all([sender.connect(), receiver.connect()]);
const frame = new Uint8Array(160 * 120 * 3);
const block = new Int16Array(480);
const timer = setInterval(() => {
  videoSource.onCaptured(frame, { width: 160, height: 120 });
  audioSource.onData(block);
}, 10);
await eventually("frames", () => frames >= 3);
console.log(JSON.stringify({ threads: threads(), logged }));
clearInterval(timer);
