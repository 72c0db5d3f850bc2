/**
 * A program that proves codecs by an engine over a driver, which the loader finds by LD_LIBRARY_PATH: its arguments are the engine,
 * its name in the statistics, and codecs. It prints `proved ` and each codec.
 *
 * @module
 */

import process from "node:process";
import {
  getVideoCodecCapability,
  type SoraVideoCodecImplementation,
  type SoraVideoCodecName,
  SoraVideoCodecPreference,
} from "../../mod.ts";

const [, , engine, name = "", ...codecs] = process.argv;
const implementation = engine as SoraVideoCodecImplementation;
// The loader has read it already; the ffmpeg that makes the frames finds its own libraries.
delete process.env["LD_LIBRARY_PATH"];
const { proveCodec } = await import("./codec_scene.ts");

const found = getVideoCodecCapability();
const capability = found.find(implementation);
if (capability === undefined) throw new Error(JSON.stringify(found.unavailable));
for (const codec of codecs as SoraVideoCodecName[]) {
  const able = capability.codecs.find(({ type }) => type === codec);
  const encoder = able?.encoder ? implementation : "INTERNAL";
  const videoCodecPreference = new SoraVideoCodecPreference({
    codecs: [{ type: codec, encoder, decoder: implementation }],
  });
  await proveCodec({
    codec,
    sora: { videoCodecPreference },
    encoder: able?.encoder ? name : "libvpx",
    decoder: name,
    brief: true,
  });
  console.log(`proved ${codec}`);
}
