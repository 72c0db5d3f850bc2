/**
 * A program that sends and receives media and ends in the way it is told, without disconnecting: `exit`, `throw`, or `wait` for
 * a signal. Once media flows it prints `flowing`, and is about to end.
 *
 * @module
 */

import { writeSync } from "node:fs";
import process from "node:process";
import { MediaClient, nextPicture } from "./media_client.ts";

const [how = "", url = "", channelId = ""] = process.argv.slice(2);

const room = { signalingUrls: [url], channelId, videoCodecType: "VP8" } as const;
const sender = new MediaClient({ ...room, role: "sendonly" }, {
  picture: { width: 320, height: 240, turn: 0 },
  toneHz: 440,
});
const receiver = new MediaClient({ ...room, role: "recvonly" });
await Promise.all([sender.connect(), receiver.connect()]);
const { video, audio } = await receiver.from(sender);
for (let count = 0; count < 5; count++) (await nextPicture(video)).close();
await audio.read(480);
// Both go on: frames and sound come in while the process ends.
video.onFrame = (frame) => frame.close();
audio.onData = () => {};
// Not buffered: the process may be gone right after it.
writeSync(1, "flowing\n");

if (how === "exit") process.exit(7);
if (how === "throw") {
  setTimeout(() => {
    throw new Error("thrown on purpose");
  });
}
