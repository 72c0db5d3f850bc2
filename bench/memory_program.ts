/**
 * `memory_program.ts nothing`: the runtime alone; `memory_program.ts library`: with the library, its threads and libwebrtc's factory.
 * Prints a line of JSON, and ends with its input.
 *
 * @module
 */

import process from "node:process";

if (process.argv[2] === "library") {
  const { Sora } = await import("../mod.ts");
  const sora = new Sora();
  sora.createVideoSource();
}
console.log(JSON.stringify({ ready: true }));
process.stdin.resume();
