// Drivers that are absent, too old, without a device, of somebody else or lost: new Sora says so, and why. A process of its own for
// each, because the loader reads LD_LIBRARY_PATH when a process starts, and a driver is loaded once in a process.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Child } from "../support/child.ts";

const program = new URL("../support/hardware_refusal_program.ts", import.meta.url);
const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const nvidia = at("zig-out/drivers/nvidia"), vpl = at("zig-out/drivers/vpl");
const amf = at("zig-out/drivers/amf");
const dispatcher = at(".deps/drivers/usr/lib/x86_64-linux-gnu");

/** A folder with these files: the target of a link, or nothing, which no loader takes for a library. */
function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "drivers-"));
  for (const [name, target] of Object.entries(files)) {
    if (target === "") writeFileSync(join(folder, name), "");
    else symlinkSync(target, join(folder, name));
  }
  return folder;
}

interface Case {
  readonly what: string;
  /** Of a folder that is put in front of all others. */
  readonly files?: Readonly<Record<string, string>>;
  readonly folders?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly direction?: "encoder" | "decoder";
  readonly codec?: string;
  /** What the message says behind "… cannot encode H264: ". */
  readonly reason: string;
}

const NVIDIA: readonly Case[] = [
  {
    what: "no driver",
    files: { "libcuda.so.1": "" },
    reason: "there is no NVIDIA driver: the library cuda could not be opened",
  },
  {
    what: "a library of somebody else",
    files: { "libcuda.so.1": join(vpl, "libvplstandin.so") },
    reason: "the NVIDIA driver is too old: its library cuda lacks functions of CUDA 4.0",
  },
  {
    what: "a driver without a device",
    folders: [nvidia],
    env: { STANDIN_NVIDIA_ABSENT: "1" },
    reason: "cuInit: 100 (no device)",
  },
  {
    what: "a driver that encodes by version 12.0",
    folders: [nvidia],
    env: { STANDIN_NVIDIA_VERSION: "1200" },
    reason: "the NVIDIA driver is too old: it encodes by version 12.0 of its interface, " +
      "and needed is 12.1 (driver 530.41 and later)",
  },
  {
    what: "a driver without the library that encodes, as in a container",
    files: { "libnvidia-encode.so.1": "" },
    folders: [nvidia],
    reason: "the driver's library nvidia-encode could not be opened",
  },
  {
    what: "a driver without the library that decodes, as in a container",
    files: { "libnvcuvid.so.1": "" },
    folders: [nvidia],
    direction: "decoder",
    reason: "the driver's library nvcuvid could not be opened",
  },
  {
    what: "a driver without both",
    files: { "libnvidia-encode.so.1": "", "libnvcuvid.so.1": "" },
    folders: [nvidia],
    direction: "decoder",
    reason: "the driver's library nvidia-encode could not be opened; " +
      "the driver's library nvcuvid could not be opened",
  },
  {
    what: "a device that is lost while it is opened",
    folders: [nvidia],
    // Behind the calls that ask for the version.
    env: { STANDIN_NVIDIA_LOST_AT: "3" },
    reason: "cuInit: 700 (an illegal address)",
  },
  {
    what: "a device that does not encode the codec",
    folders: [nvidia],
    codec: "VP9",
    env: { STANDIN_NVIDIA_WITHOUT: "2" },
    reason: "the device encodes AV1, H264 alone",
  },
];

const VPL: readonly Case[] = [
  {
    what: "no dispatcher",
    files: { "libvpl.so.2": "" },
    reason: "there is no VPL dispatcher: the library vpl could not be opened",
  },
  {
    what: "a library of somebody else",
    files: { "libvpl.so.2": join(nvidia, "libcuda.so.1") },
    reason: "the library vpl is no dispatcher of VPL 2.0 or later",
  },
  {
    what: "a dispatcher without a runtime",
    folders: [dispatcher],
    reason: "there is no Intel device with a VPL runtime: the dispatcher finds none",
  },
  {
    what: "a runtime without a device",
    folders: [vpl, dispatcher],
    env: { STANDIN_VPL_ABSENT: "1" },
    reason: "there is no Intel device with a VPL runtime: the dispatcher finds none",
  },
  {
    what: "a runtime in software",
    folders: [vpl, dispatcher],
    env: { STANDIN_VPL_SOFTWARE: "1" },
    reason: "there is no Intel device with a VPL runtime: the dispatcher finds none",
  },
  {
    what: "a runtime of API 1.35",
    folders: [vpl, dispatcher],
    env: { STANDIN_VPL_VERSION: "135" },
    reason: "the VPL runtime is too old: its API is 1.35, and needed is 2.0 " +
      "(Intel's runtime for devices from 2020 on)",
  },
  {
    what: "a device that is lost while it is opened",
    folders: [vpl, dispatcher],
    env: { STANDIN_VPL_LOST_AT: "4" },
    reason: "MFXCreateSession: -17 (the device failed)",
  },
  {
    what: "a device that does not encode the codec",
    folders: [vpl, dispatcher],
    codec: "VP9",
    env: { STANDIN_VPL_WITHOUT: String(2 + 32) },
    reason: "the device encodes AV1, H264 alone",
  },
];

const AMF: readonly Case[] = [
  {
    what: "no runtime",
    files: { "libamfrt64.so.1": "" },
    reason: "there is no AMF runtime: the library amfrt64 could not be opened",
  },
  {
    what: "a library of somebody else",
    files: { "libamfrt64.so.1": join(nvidia, "libcuda.so.1") },
    reason: "the library amfrt64 is no AMF runtime: it lacks its functions",
  },
  {
    what: "a runtime without a device",
    folders: [amf],
    env: { STANDIN_AMF_ABSENT: "1" },
    reason: "there is no AMD device that the AMF runtime can use: " +
      "AMFContext1::InitVulkan: 45 (Vulkan failed)",
  },
  {
    what: "a runtime of version 1.3",
    folders: [amf],
    env: { STANDIN_AMF_VERSION: "103" },
    reason: "the AMF runtime is too old: its version is 1.3.0.0, and needed is 1.4.18.0",
  },
  {
    what: "a device that is lost while it is opened",
    folders: [amf],
    env: { STANDIN_AMF_LOST_AT: "4" },
    reason: "there is no AMD device that the AMF runtime can use: " +
      "AMFContext1::InitVulkan: 17 (no device)",
  },
  {
    what: "a device that does not encode the codec",
    folders: [amf],
    codec: "VP9",
    env: { STANDIN_AMF_WITHOUT: "2" },
    reason: "the device encodes AV1, H264 alone",
  },
];

const engines = { NVIDIA_VIDEO_CODEC_SDK: NVIDIA, INTEL_VPL: VPL, AMD_AMF: AMF };

for (const [engine, cases] of Object.entries(engines)) {
  test(`new Sora says why ${engine} does not serve`, {
    timeout: 120_000,
    skip: process.arch === "x64" ? false : "Intel has no headers for arm64",
  }, async () => {
    for (
      const { what, files, folders = [], env, direction = "encoder", codec = "H264", reason }
        of cases
    ) {
      const own = files ? folderOf(files) : undefined;
      try {
        const paths = own ? [own, ...folders] : folders;
        await using child = new Child(program, [engine, direction, codec], undefined, {
          LD_LIBRARY_PATH: paths.join(":"),
          // The dispatcher reads it when it is asked for runtimes.
          ONEVPL_SEARCH_PATH: folders[0] ?? "",
          ...env,
        });
        const { code } = await child.ended(30_000);
        assert.equal(code, 0, `${what}: ${child.errors}`);
        const verb = direction === "encoder" ? "encode" : "decode";
        assert.deepEqual(JSON.parse(child.lines[0] ?? ""), {
          code: "UNSUPPORTED",
          message:
            `The requested codecs are not available: ${engine} cannot ${verb} ${codec}: ${reason}`,
        }, what);
      } finally {
        if (own) rmSync(own, { recursive: true });
      }
    }
  });
}
