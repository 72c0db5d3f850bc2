/**
 * A program that connects once for each of its arguments, one after the other: options as JSON. Prints `connected`, or the
 * error's code.
 *
 * @module
 */

import process from "node:process";
import { Sora, SoraError } from "../../mod.ts";

await using sora = new Sora();
for (const options of process.argv.slice(2)) {
  await using connection = sora.createConnection({
    role: "recvonly",
    channelId: "tls",
    ...JSON.parse(options),
  });
  try {
    await connection.connect();
    console.log("connected");
  } catch (error) {
    console.log(error instanceof SoraError ? error.code : error);
  }
}
