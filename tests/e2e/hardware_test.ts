// Engines over drivers, through the embedded server, on stand-ins for the drivers (tests/drivers): a process of its own for each,
// because the loader reads LD_LIBRARY_PATH when a process starts.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Child, onDeno } from "../support/child.ts";

const drivers = fileURLToPath(new URL("../../zig-out/drivers/", import.meta.url));
const dispatcher = fileURLToPath(
  new URL("../../.deps/drivers/usr/lib/x86_64-linux-gnu", import.meta.url),
);
const skip = process.arch === "x64" ? false : "Intel has no headers for arm64";

const nvidia = ["H265", "H264", "AV1", "VP9", "VP8"] as const;
const engines = [
  {
    engine: "NVIDIA_VIDEO_CODEC_SDK",
    vendor: "NVIDIA",
    folders: [`${drivers}nvidia`],
    name: "NvCodec",
    codecs: nvidia,
  },
  {
    engine: "INTEL_VPL",
    vendor: "VPL",
    folders: [`${drivers}vpl`, dispatcher],
    name: "libvpl",
    codecs: nvidia.slice(0, 4),
  },
  {
    engine: "AMD_AMF",
    vendor: "AMF",
    folders: [`${drivers}amf`],
    name: "AMF",
    codecs: nvidia.slice(0, 4),
  },
] as const;

/** In the end nothing is open in a driver, and nothing was done wrong. */
async function assertReport(path: string): Promise<void> {
  // Bun ends a process without the ends of its libraries, where those write it that were not closed before.
  const lines = onDeno || existsSync(path) ? (await readFile(path, "utf8")).trim().split("\n") : [];
  for (const line of lines) {
    const { misuse, open } = JSON.parse(line) as { misuse: number; open: number };
    assert.deepEqual({ misuse, open }, { misuse: 0, open: 0 }, line);
  }
}

/** Runs a program of tests/support on the drivers in some folders; returns what it printed. */
async function run(
  program: string,
  args: readonly string[],
  folders: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  // The dispatcher reads the second when it is asked for runtimes.
  const found = { LD_LIBRARY_PATH: folders.join(":"), ONEVPL_SEARCH_PATH: `${drivers}vpl` };
  const url = new URL(`../support/${program}.ts`, import.meta.url);
  const folder = await mkdtemp(join(tmpdir(), "sora-hardware-"));
  const STANDIN_REPORT = join(folder, "report");
  try {
    await using child = new Child(url, args, undefined, { ...found, ...settings, STANDIN_REPORT });
    const { code } = await child.ended(100_000);
    assert.equal(code, 0, child.errors);
    if (folders.length > 0) await assertReport(STANDIN_REPORT);
    return child.lines;
  } finally {
    await rm(folder, { recursive: true });
  }
}

for (const { engine, folders, name, codecs } of engines) {
  test(`${codecs.join(", ")} by ${engine}: frames, statistics, key frames that were asked for`, {
    timeout: 120_000,
    skip,
  }, async () => {
    const lines = await run("hardware_program", [engine, name, ...codecs], folders);
    assert.deepEqual(lines.toSorted(), codecs.map((codec) => `proved ${codec}`).toSorted());
  });
}

test("a second engine takes over from a device that is lost, and onError has the reason", {
  timeout: 120_000,
  skip,
}, async () => {
  const lines = await Promise.all(engines.map(({ engine, vendor, folders, name }) =>
    // Of the encoder and of the decoder: the hundredth of each.
    run("hardware_lost_program", [engine, name], folders, {
      [`STANDIN_${vendor}_LOST_FRAME`]: "200",
    })
  ));
  assert.deepEqual(lines, engines.map(() => ["taken over"]));
});

test("three of four senders are served by a device with room for three, and the fourth hears why", {
  timeout: 120_000,
  skip,
}, async () => {
  const lines = await Promise.all(
    engines.map(({ engine, vendor, folders, name }) =>
      run("hardware_limit_program", [engine, name], folders, {
        [`STANDIN_${vendor}_SESSION_LIMIT`]: "3",
      })
    ),
  );
  assert.deepEqual(lines, engines.map(() => ["shared"]));
});

test("simulcast keeps its layers on a device that codes multiples of 64 columns and 16 lines", {
  timeout: 60_000,
  skip,
}, async () => {
  const lines = await run("hardware_layers_program", ["AMD_AMF", "AMF"], [`${drivers}amf`], {
    STANDIN_AMF_ALIGNMENT: "6416",
  });
  assert.deepEqual(lines, ["320x176,640x352,1280x720"]);
});

test("new Sora() opens no driver that no preference names", { timeout: 60_000, skip }, async () => {
  const folders = [`${drivers}nvidia`, `${drivers}vpl`, `${drivers}amf`, dispatcher];
  assert.deepEqual(await run("hardware_unopened_program", [], folders), ["unopened"]);
});

/** Where NVIDIA's driver installs its libraries, on the machine or in a container. */
const installed = [
  `/usr/lib/${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu`,
  "/usr/lib64",
  "/usr/lib",
  "/usr/local/nvidia/lib64",
];
const hasNvidia = existsSync("/dev/nvidiactl") &&
  installed.some((folder) => existsSync(`${folder}/libnvcuvid.so.1`));

test("VP8, VP9, AV1 by the machine's own NVIDIA_VIDEO_CODEC_SDK", {
  timeout: 120_000,
  skip: hasNvidia ? false : "no NVIDIA driver",
}, async () => {
  const codecs = ["VP8", "VP9", "AV1"];
  const lines = await run(
    "hardware_program",
    ["NVIDIA_VIDEO_CODEC_SDK", "NvCodec", ...codecs],
    [],
  );
  assert.deepEqual(lines.toSorted(), codecs.map((codec) => `proved ${codec}`).toSorted());
});
