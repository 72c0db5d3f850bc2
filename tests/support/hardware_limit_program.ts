/**
 * A program with four senders on a device that has room for three encoders, as the environment tells the stand-in for its driver:
 * three go on, and the fourth hears why it does not, until one leaves. Its arguments are the engine and its name in the statistics.
 * It prints `shared`.
 *
 * @module
 */

import assert from "node:assert/strict";
import process from "node:process";
import {
  Sora,
  SoraError,
  type SoraVideoCodecImplementation,
  SoraVideoCodecPreference,
} from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { eventually } from "./eventually.ts";
import { MediaClient } from "./media_client.ts";
import { videoRtpOf } from "./statistics.ts";

const [, , engine, name] = process.argv;
await using server = await SoraServer.start({ port: 0 });
const videoCodecPreference = new SoraVideoCodecPreference({
  codecs: [{ type: "H264", encoder: engine as SoraVideoCodecImplementation }],
});
// Each has failures of its own, and has asked the device before it is full.
const soras = Array.from({ length: 4 }, () => new Sora({ videoCodecPreference }));
const senders = soras.map((sora, index) =>
  new MediaClient(
    {
      signalingUrls: [server.url],
      channelId: `sender ${index}`,
      role: "sendonly",
      videoCodecType: "H264",
    },
    { frame: { width: 320, height: 240, turn: 3 } },
    sora,
  )
);
const encoded = async (sender: MediaClient) =>
  (await videoRtpOf(sender.connection, "outbound-rtp")).framesEncoded ?? 0;

const [first, second, third, fourth] = senders as [
  MediaClient,
  MediaClient,
  MediaClient,
  MediaClient,
];
const served = [first, second, third];
for (const sender of served) {
  await sender.connect();
  await eventually("frames of one that is served", async () => await encoded(sender) > 0);
  const { encoderImplementation } = await videoRtpOf(sender.connection, "outbound-rtp");
  assert.equal(encoderImplementation, name);
}
await fourth.connect();
await eventually("the reason", () => fourth.errors.length > 0);
const [error] = fourth.errors;
assert.ok(error instanceof SoraError, String(error));
assert.equal(error.code, "CODEC_FAILED");
assert.match(
  error.message,
  new RegExp(`^${engine} cannot encode H264 any more: [\\w:]+: -?\\d+ \\(`),
);
assert.equal(await encoded(fourth), 0);

for (const sender of served) {
  const before = await encoded(sender);
  await eventually("30 more frames", async () => await encoded(sender) >= before + 30);
  assert.deepEqual(sender.errors, []);
}
await first.disconnect();
await eventually("frames in the place of one that left", async () => await encoded(fourth) > 0);
assert.equal(fourth.errors.length, 1);
for (const sender of senders) await sender[Symbol.asyncDispose]();
for (const sora of soras) await sora.close();
console.log("shared");
