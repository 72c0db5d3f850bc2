// Programs of others, unmodified and proved on hardware, on the stand-ins for its drivers: what they put up with our engines may
// expect as well. PyAV brings an FFmpeg that opens NVIDIA's libraries and, through Intel's dispatcher, VPL's runtime.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const python = join(root, ".deps/venv/bin/python");
const packages = join(root, ".deps/drivers/python");
const hasH265 = existsSync(join(root, ".deps/drivers/usr/include/x265.h"));

/** What a stand-in counted, when it was unloaded. */
interface Report {
  readonly vendor: string;
  readonly frames: number;
  readonly open: number;
  readonly misuse: number;
  readonly last_misuse: string;
}

/** What the client has seen. */
interface Seen {
  readonly packets: number;
  readonly keys: number;
  readonly decoded: Readonly<
    Record<string, { readonly frames: number; readonly psnr: number; readonly sizes: string[] }>
  >;
}

const frames = 30;

/** Runs the client on a vendor's stand-in. */
function run(vendor: string, encoder: string, decoders: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), "drivers-"));
  try {
    const file = join(folder, "report");
    const program = join(root, "tests/drivers/foreign_client.py");
    const words = [program, encoder, decoders.join(","), String(frames)];
    const { status, stdout, stderr } = spawnSync(python, words, {
      env: {
        PYTHONPATH: packages,
        PYTHONDONTWRITEBYTECODE: "1",
        LD_LIBRARY_PATH: join(root, "zig-out/drivers", vendor),
        STANDIN_REPORT: file,
      },
      encoding: "utf8",
      timeout: 60_000,
    });
    assert.equal(status, 0, stderr);
    const reports = readFileSync(file, "utf8").trim().split("\n");
    assert.equal(reports.length, 1);
    return { seen: JSON.parse(stdout) as Seen, report: JSON.parse(reports[0]!) as Report };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const codecs = { h264: "h264", hevc: "hevc", av1: "libdav1d" } as const;
const vendors = [
  { vendor: "nvidia", encoder: "nvenc", decoder: "cuvid" },
  { vendor: "vpl", encoder: "qsv", decoder: "qsv" },
] as const;

for (const { vendor, encoder, decoder } of vendors) {
  for (const [codec, software] of Object.entries(codecs)) {
    const reason = !existsSync(packages + "/av")
      ? "PyAV does not install on this machine"
      : codec === "hevc" && !hasH265
      ? "this machine's release has no x265"
      : false;
    test(
      `FFmpeg codes ${codec} on the stand-in for ${vendor}, and decodes it there and in software`,
      {
        skip: reason,
      },
      () => {
        const { seen, report } = run(vendor, `${codec}_${encoder}`, [
          software,
          `${codec}_${decoder}`,
        ]);
        assert.equal(seen.packets, frames);
        assert.equal(seen.keys, 1);
        for (const [name, decoded] of Object.entries(seen.decoded)) {
          assert.equal(decoded.frames, frames, name);
          assert.deepEqual(decoded.sizes, ["320x240"], name);
          // Two megabits for smooth gradients: what is askew, late or swapped stays below 20 dB, coding alone above 40.
          assert.ok(decoded.psnr >= 40, `${name}: ${decoded.psnr} dB`);
        }
        const [inHardware, inSoftware] = [
          seen.decoded[`${codec}_${decoder}`],
          seen.decoded[software],
        ];
        assert.equal(inHardware?.psnr, inSoftware?.psnr, "both decode the same pictures");
        assert.equal(report.vendor, vendor);
        assert.equal(report.frames, 2 * frames);
        assert.deepEqual([report.misuse, report.last_misuse], [0, ""]);
        assert.equal(report.open, 0);
      },
    );
  }
}
