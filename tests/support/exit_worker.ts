/**
 * A Worker that sends and receives media: it reports to its parent when media flows, and continues until it is terminated, or
 * ends as its parent requests: `throw` or `exit`.
 *
 * @module
 */

import process from "node:process";
import { parentPort, workerData } from "node:worker_threads";
import { SoraVAD } from "../../mod.ts";
import { MediaClient, nextFrame } from "./media_client.ts";

const { url, channelId } = workerData as { url: string; channelId: string };
const room = { signalingUrls: [url], channelId, videoCodecType: "VP8" } as const;
const sender = new MediaClient({ ...room, role: "sendonly" }, {
  frame: { width: 320, height: 240, turn: 0 },
  toneHz: 440,
});
const receiver = new MediaClient({ ...room, role: "recvonly" });
// Of no Sora: nothing else would close them.
const vad = new SoraVAD();
await Promise.all([sender.connect(), receiver.connect()]);
const { video, audio } = await receiver.from(sender);
const kept = await nextFrame(video);
for (let count = 0; count < 4; count++) (await nextFrame(video)).close();
video.onFrame = (frame) => frame.close();
audio.onData = () => {};
parentPort?.on("message", (how: string) => {
  if (how === "exit") process.exit();
  throw new Error(`thrown on purpose, with ${kept.width} x ${kept.height} pixels and ${vad}`);
});
parentPort?.postMessage("flowing");
