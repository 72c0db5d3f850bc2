/**
 * A program that sends and receives media and ends without disconnecting, as its first argument says: `exit`, `throw`, or `wait`
 * for a signal. Once media flows it prints `flowing`, and is about to end.
 *
 * @module
 */

import { writeSync } from "node:fs";
import process from "node:process";
import { flow } from "./media_client.ts";

const [how = "", url = "", channelId = ""] = process.argv.slice(2);

// Video and audio still come in while the process ends.
await flow(url, channelId);
// Not buffered: the process may be gone right after it.
writeSync(1, "flowing\n");

if (how === "exit") process.exit(7);
if (how === "throw") {
  setTimeout(() => {
    throw new Error("thrown on purpose");
  });
}
