/**
 * A program whose device is lost while it sends and receives, as the environment tells the stand-in for its driver: the second engine
 * takes over within half a second of the media, and the user hears of it. Its arguments are the engine and its name in the
 * statistics. It prints `taken over`.
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
import { FrameExchange } from "./frame_exchange.ts";
import { RealClip } from "./real_clip.ts";
import { videoRtpOf } from "./statistics.ts";
import { connectEnds } from "./video_scene.ts";

const engine = process.argv[2] as SoraVideoCodecImplementation;
const name = process.argv[3] ?? "";
// The loader has read it already; the ffmpeg that makes the frames finds its own libraries.
delete process.env["LD_LIBRARY_PATH"];
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
const clip = await RealClip.decode(640, 360);
const ends = await connectEnds(server, sora, "lost", {
  videoCodecType: "AV1",
  videoBitRate: 2_500,
});
const { sender, receiver } = ends;
const clients = [sender, receiver].map((connection) => {
  const errors: unknown[] = [];
  connection.onError = (error) => errors.push(error);
  return { connection, errors };
});
// Whatever is shown is right, also right after the loss.
const exchange = new FrameExchange(ends, clip, 28);
const receiving = exchange.receive();

/** Who encodes and decodes, by their names in the statistics. */
async function implementations(): Promise<readonly (string | undefined)[]> {
  const { encoderImplementation } = await videoRtpOf(sender, "outbound-rtp");
  const { decoderImplementation } = await videoRtpOf(receiver, "inbound-rtp");
  return [encoderImplementation, decoderImplementation];
}

/** Sends until a condition holds, and then so many frames more. */
async function sendUntil(what: string, condition: () => Promise<boolean>, more: number) {
  await eventually(what, async () => {
    await exchange.send();
    return await condition();
  }, 60_000);
  for (let count = 0; count < more; count++) await exchange.send();
}

await sendUntil("frames by the device", async () => {
  const [encoder, decoder] = await implementations();
  return encoder === name && decoder === name;
}, 0);
await sendUntil("another encoder and decoder", async () => {
  const [encoder, decoder] = await implementations();
  return encoder === "libaom" && /^(dav1d|libaom)$/.test(decoder ?? "");
}, 30);
assert.ok(exchange.largestStep <= 500 / 33, `${exchange.largestStep} frames were missing`);
ends.sink.close();
await receiving;

// Both connections are of one Sora, whose failures both hear of.
for (const { connection, errors } of clients) {
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
