/** A program that connects and reports to whatever OpenTelemetry there is, until SIGTERM: `otel_program.ts URL`. */

import process from "node:process";
import { Sora } from "../../mod.ts";
import { openTelemetry } from "../../opentelemetry/mod.ts";

const [url = ""] = process.argv.slice(2);
const sora = new Sora({ telemetry: openTelemetry() });
const connection = sora.createConnection({
  signalingUrls: [url],
  channelId: "lobby",
  role: "recvonly",
});
await connection.connect();
console.log("connected");
await new Promise<void>((resolve) => process.once("SIGTERM", () => resolve()));
await sora.close();
