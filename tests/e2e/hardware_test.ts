// Engines over drivers, through the embedded server, on stand-ins for the drivers (tests/drivers): a process of its own for each,
// because the loader reads LD_LIBRARY_PATH when a process starts.
import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Child } from "../support/child.ts";
import { rowsHere } from "../support/smoke.ts";

const program = new URL("../support/hardware_program.ts", import.meta.url);
const drivers = fileURLToPath(new URL("../../zig-out/drivers/", import.meta.url));
const dispatcher = fileURLToPath(
  new URL("../../.deps/drivers/usr/lib/x86_64-linux-gnu", import.meta.url),
);

const nvidia = ["H265", "H264", "AV1", "VP9", "VP8"] as const;
const engines = [
  {
    engine: "NVIDIA_VIDEO_CODEC_SDK",
    folders: [`${drivers}nvidia`],
    name: "NvCodec",
    codecs: nvidia,
  },
  {
    engine: "INTEL_VPL",
    folders: [`${drivers}vpl`, dispatcher],
    name: "libvpl",
    codecs: nvidia.slice(0, 4),
  },
];

for (const { engine, folders, name, codecs } of engines) {
  const here = rowsHere("deno", codecs, (codec) => codec === "H265");
  test(`${here.join(", ")} by ${engine}: frames, statistics, key frames that were asked for`, {
    timeout: 120_000,
    skip: process.arch === "x64" ? false : "Intel has no headers for arm64",
  }, async () => {
    // The dispatcher reads the second when it is asked for runtimes.
    const env = { LD_LIBRARY_PATH: folders.join(":"), ONEVPL_SEARCH_PATH: folders[0]! };
    await using child = new Child(program, [engine, name, ...here], undefined, env);
    const { code } = await child.ended(110_000);
    assert.equal(code, 0, child.errors);
    assert.deepEqual(child.lines, here.map((codec) => `proved ${codec}`));
  });
}

test("a second engine takes over from a device that is lost, and onError has the reason", {
  timeout: 60_000,
  skip: process.arch === "x64" ? false : "Intel has no headers for arm64",
}, async () => {
  const lost = new URL("../support/hardware_lost_program.ts", import.meta.url);
  const env = { LD_LIBRARY_PATH: `${drivers}nvidia`, STANDIN_NVIDIA_LOST_FRAME: "100" };
  await using child = new Child(lost, ["NVIDIA_VIDEO_CODEC_SDK"], undefined, env);
  const { code } = await child.ended(50_000);
  assert.equal(code, 0, child.errors);
  assert.deepEqual(child.lines, ["taken over"]);
});
