/**
 * A program on a machine with the drivers of all engines, which the loader finds by LD_LIBRARY_PATH: who names none of them has none
 * opened. It prints `unopened`.
 *
 * @module
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { getVideoCodecCapability, Sora } from "../../mod.ts";

const LIBRARIES = /lib(cuda|nvidia-encode|nvcuvid|vpl\w*|mfx\w*|amfrt64)\.so/g;

/** The libraries of drivers that this process has opened. */
function opened(): ReadonlySet<string> {
  return new Set(readFileSync("/proc/self/maps", "utf8").match(LIBRARIES));
}

const sora = new Sora();
sora.createConnection({
  signalingUrls: ["ws://127.0.0.1:1/signaling"],
  channelId: "unopened",
  role: "sendonly",
  videoSource: sora.createVideoSource(),
});
assert.deepEqual([...opened()], []);
await sora.close();
// They are there for who asks; Intel's dispatcher closes the runtime again.
getVideoCodecCapability();
const found = opened();
for (const library of ["libcuda.so", "libvpl.so", "libamfrt64.so"]) {
  assert.ok(found.has(library), `${library} is not among ${[...found].join(", ")}`);
}
console.log("unopened");
