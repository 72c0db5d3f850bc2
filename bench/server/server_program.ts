/**
 * A server with room for many: prints its URL, and the number of native objects for each line that it reads, once garbage is
 * collected. Ends with its standard input.
 *
 * @module
 */

import process from "node:process";
import { createInterface } from "node:readline";
import { openRealm } from "../../ffi/mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { collectGarbage } from "../../tests/support/resources.ts";

const server = await SoraServer.start({
  port: 0,
  maxConnections: 4_000,
  maxChannelConnections: 2_000,
});
console.log(JSON.stringify({ url: server.url }));
const input = createInterface(process.stdin);
input.on("line", () => {
  collectGarbage();
  console.log(JSON.stringify({ objects: openRealm().functions.sora_live_objects() }));
});
input.on("close", () => process.exit(0));
