/**
 * A program whose device is lost while it sends and receives, as the environment tells the stand-in for its driver: the second engine
 * takes over, and the user hears of it. Its argument is the engine. It prints `taken over`.
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
import { MediaClient, nextFrame } from "./media_client.ts";
import { videoRtpOf } from "./statistics.ts";

const engine = process.argv[2] as SoraVideoCodecImplementation;
await using server = await SoraServer.start({ port: 0 });
await using sora = new Sora({
  videoCodecPreference: new SoraVideoCodecPreference({
    codecs: [{
      type: "AV1",
      encoder: engine,
      decoder: engine,
      fallbackEncoder: "INTERNAL",
      fallbackDecoder: "INTERNAL",
    }],
  }),
});
const options = { signalingUrls: [server.url], channelId: "lost" };
const frame = { width: 320, height: 240, turn: 3 };
await using sender = new MediaClient(
  { ...options, role: "sendonly", videoCodecType: "AV1" },
  { frame },
  sora,
);
await using receiver = new MediaClient({ ...options, role: "recvonly" }, {}, sora);
await sender.connect();
await receiver.connect();
const { video } = await receiver.from(sender, 1);
(await nextFrame(video)).close();

await eventually("another encoder and decoder", async () => {
  const { encoderImplementation } = await videoRtpOf(sender.connection, "outbound-rtp");
  const { decoderImplementation } = await videoRtpOf(receiver.connection, "inbound-rtp");
  return encoderImplementation === "libaom" &&
    /^(dav1d|libaom)$/.test(decoderImplementation ?? "");
});
const { framesDecoded: before = 0 } = await videoRtpOf(receiver.connection, "inbound-rtp");
await eventually("30 more frames", async () => {
  const { framesDecoded = 0 } = await videoRtpOf(receiver.connection, "inbound-rtp");
  return framesDecoded >= before + 30;
});
(await nextFrame(video)).close();

// Both connections are of one Sora, whose failures both hear of.
for (const { connection, errors } of [sender, receiver]) {
  for (const direction of ["encode", "decode"]) {
    const found = errors.filter((error): error is SoraError =>
      error instanceof SoraError && error.code === "CODEC_FAILED" &&
      error.message.startsWith(`${engine} cannot ${direction} AV1 any more: `) &&
      error.message.endsWith("; INTERNAL takes over")
    );
    assert.equal(found.length, 1, errors.map(String).join("\n"));
  }
  assert.equal(errors.length, 2);
  assert.equal(connection.counters.codecFailures, 2);
  assert.equal(connection.state, "connected");
}
console.log("taken over");
