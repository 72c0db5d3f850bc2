/** Statistics for Prometheus: an HTTP server that exposes a connection's statistics at /metrics for Prometheus to scrape. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Sora, type SoraStats, toPrometheus } from "../mod.ts";
import { openRoom, sendTestMedia, untilDone } from "./support.ts";

await using room = await openRoom();
await using sora = new Sora();
const videoSource = sora.createVideoSource();
const audioSource = sora.createAudioSource({ channels: 1, sampleRate: 48_000 });
await using connection = sora.createConnection({
  ...room.options,
  role: "sendonly",
  videoSource,
  audioSource,
});
await connection.connect();
using _media = sendTestMedia(videoSource, audioSource);

let latest: readonly SoraStats[] = [];
const labels = { connection_id: connection.connectionId ?? "" };
const server = createServer((_request, response) => {
  response.setHeader("content-type", "text/plain; version=0.0.4");
  response.end(toPrometheus(latest, { labels }));
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
console.log(`Serving ${url}`);
const watching = (async () => {
  for await (const stats of connection.statsStream({ intervalMs: 500 })) latest = stats;
})();

await untilDone(3);
const text = await (await fetch(url)).text();
console.log(text.split("\n").filter((line) => line.includes("packetsSent{")).join("\n"));
await connection.disconnect();
await watching;
server.closeAllConnections();
server.close();
