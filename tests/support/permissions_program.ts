/**
 * Connects, sends a picture and ends, for a test of what a runtime must permit. Its argument is the signaling URL.
 *
 * @module
 */

import process from "node:process";
import { Sora } from "../../mod.ts";

await using sora = new Sora();
const videoSource = sora.createVideoSource();
await using connection = sora.createConnection({
  signalingUrls: [process.argv[2] ?? ""],
  role: "sendonly",
  channelId: "permissions",
  videoSource,
});
await connection.connect();
videoSource.onCaptured(new Uint8Array(32 * 32 * 3), { width: 32, height: 32 });
const stats = await connection.getStats();
console.log(stats.find(({ type }) => type === "transport")?.type);
