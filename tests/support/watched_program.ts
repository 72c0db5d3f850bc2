/**
 * A program for watch mode, in which media flows from the beginning to the end: see `watch_test.ts`.
 *
 * @module
 */

import { readdirSync, readlinkSync } from "node:fs";
import { MediaClient, nextPicture } from "./media_client.ts";
import { resources } from "./resources.ts";

const REPORT_MS = 100;

/** Sockets, pipes and the like: Deno opens the files of its caches anew when a program changes. */
function withoutFiles(): number {
  return readdirSync("/proc/self/fd").filter((descriptor) => {
    try {
      return !readlinkSync(`/proc/self/fd/${descriptor}`).startsWith("/");
    } catch {
      // The folder that is being read.
      return false;
    }
  }).length;
}

/**
 * Sends and receives, and prints now and then how many times it was loaded and what the process holds, as JSON.
 *
 * @param url The server's.
 * @param load The number of this load.
 * @param how `wait`: it never comes to the end of its module. `throw`: it throws once media has flowed for a while.
 */
export async function run(url: string, load: number, how: string): Promise<void> {
  const room = { signalingUrls: [url], channelId: `load ${load}`, videoCodecType: "VP8" } as const;
  const media = { picture: { width: 320, height: 240, turn: 0 }, toneHz: 440 } as const;
  const sender = new MediaClient({ ...room, role: "sendonly" }, media);
  const receiver = new MediaClient({ ...room, role: "recvonly" });
  await Promise.all([sender.connect(), receiver.connect()]);
  const { video, audio } = await receiver.from(sender);
  for (let count = 0; count < 5; count++) (await nextPicture(video)).close();
  await audio.read(480);
  video.onFrame = (frame) => frame.close();
  audio.onData = () => {};
  let reports = 0;
  setInterval(() => {
    const held = { ...resources(), descriptors: withoutFiles() };
    console.log(`flowing ${load} ${JSON.stringify(held)}`);
    if (how === "throw" && ++reports === 20) throw new Error("thrown on purpose");
  }, REPORT_MS);
  if (how === "wait") await new Promise(() => {});
}
