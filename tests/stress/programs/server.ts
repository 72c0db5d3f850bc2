/**
 * A server that says what it holds: prints `listening` with its URL, and after each SIGUSR2 `memory` with the resident memory in kB,
 * once garbage is collected and what was freed is given back.
 *
 * @module
 */

import process from "node:process";
import { SoraServer } from "../../../sfu/mod.ts";
import { residentKb } from "../../support/trim_memory.ts";

const server = await SoraServer.start({ port: 0 });
process.on("SIGUSR2", async () => {
  console.log(`memory ${await residentKb()}`);
});
console.log(`listening ${server.url}`);
