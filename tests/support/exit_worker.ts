/**
 * The Worker of `exit_worker_program.ts`: tells its parent when media flows, and goes on.
 *
 * @module
 */

import { parentPort, workerData } from "node:worker_threads";
import { MediaClient, nextPicture } from "./media_client.ts";

const { url, channelId } = workerData as { url: string; channelId: string };
const room = { signalingUrls: [url], channelId, videoCodecType: "VP8" } as const;
const sender = new MediaClient({ ...room, role: "sendonly" }, {
  picture: { width: 320, height: 240, turn: 0 },
  toneHz: 440,
});
const receiver = new MediaClient({ ...room, role: "recvonly" });
await Promise.all([sender.connect(), receiver.connect()]);
const { video, audio } = await receiver.from(sender);
for (let count = 0; count < 5; count++) (await nextPicture(video)).close();
video.onFrame = (frame) => frame.close();
audio.onData = () => {};
parentPort?.postMessage("flowing");
