/**
 * A program that prints `dav1d ` with the version of it that can be opened in its process, if any, and proves AV1 with the
 * decoder that its argument names: that one must be the one that is used.
 *
 * @module
 */

import process from "node:process";
import { getVideoCodecCapability, SoraVideoCodecPreference } from "../../mod.ts";

const [, , decoder = ""] = process.argv;
// The loader has read it already; the ffmpeg that makes the frames finds its own libraries.
delete process.env["LD_LIBRARY_PATH"];
const { proveCodec } = await import("./codec_scene.ts");

console.log(`dav1d ${getVideoCodecCapability().find("INTERNAL")?.parameters["dav1d"] ?? ""}`);
const videoCodecPreference = new SoraVideoCodecPreference({
  codecs: [{ type: "AV1", encoder: "INTERNAL", decoder: "INTERNAL" }],
});
await proveCodec({ codec: "AV1", sora: { videoCodecPreference }, encoder: "libaom", decoder });
