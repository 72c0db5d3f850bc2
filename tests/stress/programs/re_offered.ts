/**
 * A client whose server offers again and again, and what it has in memory meanwhile.
 *
 *     re_offered.ts URL
 *
 * At each push of the server it prints `sample`, after collecting garbage.
 *
 * @module
 */

import process from "node:process";
import { Sora } from "../../../mod.ts";
import { type MemoryInUse, memoryInUse } from "../../support/memory_in_use.ts";
import { type Resources, resources } from "../../support/resources.ts";

/** One line that starts with `sample `. */
export interface ReOfferedSample extends Resources, MemoryInUse {}

/** Prints a line. Deno keeps the last thousand of `console.log()` for a debugger. */
const print = (line: string) => void process.stdout.write(`${line}\n`);

if (import.meta.main) {
  const [url = ""] = process.argv.slice(2);
  const sora = new Sora();
  const connection = sora.createConnection({
    signalingUrls: [url],
    channelId: "re-offers",
    role: "sendrecv",
    audio: false,
    videoSource: sora.createVideoSource(),
  });
  connection.onPush = async () => {
    const sample: ReOfferedSample = { ...await memoryInUse(), ...resources() };
    print(`sample ${JSON.stringify(sample)}`);
  };
  connection.onTrack = () => {};
  connection.onDisconnect = (code, message) => print(`ended ${code} ${message}`);
  await connection.connect();
  print("connected");
}
