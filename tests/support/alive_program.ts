/**
 * A program with one connection and nothing else that would keep its process alive. `closed`: it connects and disconnects.
 * `open`: it connects, and disconnects when a timer fires that does not itself keep the process alive.
 *
 * @module
 */

import process from "node:process";
import { setTimeout as startTimer } from "node:timers";
import { Sora } from "../../mod.ts";

const OPEN_MS = 1_000;
const [how = "", url = "", channelId = ""] = process.argv.slice(2);

const sora = new Sora();
const connection = sora.createConnection({ signalingUrls: [url], channelId, role: "recvonly" });
await connection.connect();
console.log("connected");
const close = async () => {
  await connection.disconnect();
  console.log("disconnected");
};
if (how === "closed") await close();
else startTimer(() => void close(), OPEN_MS).unref();
