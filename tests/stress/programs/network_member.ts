/**
 * A member that sends and receives video: it prints when each frame was sent and came, by the machine's clock, which all processes share.
 *
 *     network_member.ts OPTIONS
 *
 * OPTIONS are those of a connection, as JSON.
 *
 * @module
 */

import process from "node:process";
import { Sora, type SoraConnectionOptions, SoraVideoSink } from "../../../mod.ts";

const FRAME_MS = 1_000 / 30;
const SIZE = { width: 320, height: 180, format: "I420" } as const;

const options = JSON.parse(process.argv[2]!) as Partial<SoraConnectionOptions>;
const sora = new Sora();
const videoSource = sora.createVideoSource();
const connection = sora.createConnection({
  channelId: "network",
  role: "sendrecv",
  videoCodecType: "VP8",
  audio: false,
  ...options,
  signalingUrls: options.signalingUrls!,
  videoSource,
});
connection.onTrack = (track) => {
  if (track.kind !== "video") return;
  new SoraVideoSink(track).onFrame = (frame) => {
    frame.close();
    console.log(`frame ${Date.now()}`);
  };
};
connection.onSwitched = () => console.log("switched");
connection.onReconnecting = ({ code }) => console.log(`reconnecting ${code}`);
connection.onReconnected = () => console.log(`reconnected ${Date.now()}`);
connection.onDisconnect = (code, message) => console.log(`disconnected ${code} ${message}`);
connection.onError = (error) => console.log(`error ${error}`);

const began = performance.now();
await connection.connect();
console.log(`connected ${performance.now() - began}`);

const pixels = new Uint8Array(SIZE.width * SIZE.height * 3 / 2);
const start = performance.now();
let frames = 0;
setInterval(() => {
  const elapsed = performance.now() - start;
  if (elapsed < frames * FRAME_MS) return;
  frames = Math.floor(elapsed / FRAME_MS) + 1;
  // A bar that moves: each frame differs, and costs the encoder something.
  pixels.fill(96, 0, SIZE.width * SIZE.height);
  for (let y = 0; y < SIZE.height; y++) {
    const at = y * SIZE.width + (frames * 4) % (SIZE.width - 16);
    pixels.fill(200, at, at + 16);
  }
  videoSource.onCaptured(pixels, SIZE);
  console.log(`sent ${Date.now()}`);
}, 5);
