// Runs programs of others on a vendor's stand-in, and checks what came of it.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout. */
export const root = fileURLToPath(new URL("../..", import.meta.url));
/** What setup/drivers.sh unpacked of the machine's own release. */
export const installed = join(root, ".deps/drivers/usr");
const python = join(root, ".deps/venv/bin/python");
const packages = join(root, ".deps/drivers/python");

/** Why H.265 is not tested here, or false. */
export const noH265 = !existsSync(`${installed}/include/x265.h`) &&
  "this machine's release has no x265";

/** Why a client from PyPI cannot run here, or false. */
export function missing(folder: string, name: string): string | false {
  return !existsSync(join(packages, folder)) && `${name} does not install on this machine`;
}

/** How many frames clients code. */
export const frames = 30;

/** What a stand-in counted, when it was unloaded. */
export interface Report {
  readonly vendor: string;
  readonly frames: number;
  readonly open: number;
  readonly misuse: number;
  readonly last_misuse: string;
}

/** What a client that codes has seen: `decoded` by the names of decoders. */
export interface Coded {
  readonly packets: number;
  readonly keys: number;
  readonly decoded: Readonly<
    Record<string, { readonly frames: number; readonly psnr: number; readonly sizes: string[] }>
  >;
}

/** Runs a client in Python on a vendor's stand-in; what it printed, and what the stand-in counted in the end. */
export function run<Seen>(
  vendor: string,
  client: string,
  words: readonly string[],
  options: {
    readonly environment?: Readonly<Record<string, string>>;
    /** How many times the client loads the driver: each time one report is written. */
    readonly loads?: number;
  } = {},
): { seen: Seen; report: Report } {
  const folder = mkdtempSync(join(tmpdir(), "drivers-"));
  try {
    const file = join(folder, "report");
    const program = join(root, "tests/drivers", client);
    const { status, signal, stdout, stderr } = spawnSync(python, [program, ...words], {
      env: {
        PYTHONPATH: packages,
        PYTHONDONTWRITEBYTECODE: "1",
        LD_LIBRARY_PATH: join(root, "zig-out/drivers", vendor),
        STANDIN_REPORT: file,
        ...options.environment,
      },
      encoding: "utf8",
      timeout: 100_000,
    });
    assert.deepEqual({ status, signal }, { status: 0, signal: null }, stderr);
    const reports = readFileSync(file, "utf8").trim().split("\n");
    assert.equal(reports.length, options.loads ?? 1);
    return { seen: JSON.parse(stdout) as Seen, report: JSON.parse(reports.at(-1)!) as Report };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Checks that every frame was coded and decoded as it should be, and that the driver was used rightly. */
export function checkCoded(
  seen: Coded,
  report: Report,
  /** passes: how many times the stand-in has each frame, which it encodes and may decode. */
  { vendor, passes }: { readonly vendor: string; readonly passes: number },
): void {
  assert.equal(seen.packets, frames);
  assert.equal(seen.keys, 1);
  for (const [name, decoded] of Object.entries(seen.decoded)) {
    assert.equal(decoded.frames, frames, name);
    assert.deepEqual(decoded.sizes, ["320x240"], name);
    // Two megabits for smooth gradients: what is askew, late or swapped stays below 20 dB, coding alone above 40.
    assert.ok(decoded.psnr >= 40, `${name}: ${decoded.psnr} dB`);
  }
  assert.equal(report.vendor, vendor);
  assert.equal(report.frames, passes * frames);
  assert.deepEqual([report.misuse, report.last_misuse], [0, ""]);
  assert.equal(report.open, 0);
}
