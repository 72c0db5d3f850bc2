/**
 * A program that sends three simulcast layers of AV1 by an engine over a driver, whose stand-in codes multiples of 64 columns and 16
 * lines alone as the environment tells it. Its arguments are the engine and its name in the statistics. It prints the sizes.
 *
 * @module
 */

import assert from "node:assert/strict";
import process from "node:process";
import {
  Sora,
  type SoraOutboundRtpStats,
  type SoraVideoCodecImplementation,
  SoraVideoCodecPreference,
} from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { eventually } from "./eventually.ts";
import { MediaClient } from "./media_client.ts";

const [, , engine, name = ""] = process.argv;
await using server = await SoraServer.start({ port: 0 });
await using sora = new Sora({
  videoCodecPreference: new SoraVideoCodecPreference({
    codecs: [{ type: "AV1", encoder: engine as SoraVideoCodecImplementation }],
  }),
});
await using sender = new MediaClient(
  {
    signalingUrls: [server.url],
    channelId: "layers",
    role: "sendonly",
    videoCodecType: "AV1",
    videoBitRate: 3_000,
    simulcast: true,
    audio: false,
  },
  { frame: { width: 1280, height: 720, turn: 3 } },
  sora,
);
await sender.connect();
const layers = await eventually("three layers", async () => {
  const sent = (await sender.connection.getStats())
    .filter((stats): stats is SoraOutboundRtpStats => stats.type === "outbound-rtp")
    .filter(({ framesEncoded = 0 }) => framesEncoded > 5);
  return sent.length === 3 && sent.toSorted((a, b) => `${a.rid}` < `${b.rid}` ? -1 : 1);
}, 30_000);
for (const { encoderImplementation } of layers) {
  assert.match(`${encoderImplementation}`, RegExp(name));
}
console.log(layers.map(({ frameWidth, frameHeight }) => `${frameWidth}x${frameHeight}`).join());
