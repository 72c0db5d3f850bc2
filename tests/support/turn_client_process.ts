/**
 * A client as a separate process: connects to the signaling URL of its first argument, disconnects and ends.
 *
 * @module
 */

import process from "node:process";
import { Sora } from "../../mod.ts";

await using sora = new Sora();
await using connection = sora.createConnection({
  signalingUrls: [process.argv[2] ?? ""],
  channelId: "turn",
  role: "recvonly",
});
await connection.connect();
