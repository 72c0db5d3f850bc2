/**
 * A program that prints why `new Sora` refuses an engine, as JSON: its arguments are the engine, `encoder` or `decoder`, and a codec.
 *
 * @module
 */

import process from "node:process";
import {
  Sora,
  SoraError,
  type SoraVideoCodecImplementation,
  type SoraVideoCodecName,
  SoraVideoCodecPreference,
} from "../../mod.ts";

const [, , engine, direction, codec] = process.argv;
const implementation = engine as SoraVideoCodecImplementation;
try {
  await using _sora = new Sora({
    videoCodecPreference: new SoraVideoCodecPreference({
      codecs: [{
        type: codec as SoraVideoCodecName,
        encoder: direction === "encoder" ? implementation : undefined,
        decoder: direction === "decoder" ? implementation : undefined,
      }],
    }),
  });
  console.log(JSON.stringify({ code: "", message: "" }));
} catch (error) {
  if (!(error instanceof SoraError)) throw error;
  console.log(JSON.stringify({ code: error.code, message: error.message }));
}
