import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { rowsHere } from "../support/smoke.ts";

/** A run takes 12 s; the rest is for decoding and comparing on a busy machine. */
const LIMIT_MS = 28_000;
const bun = "bun" in process.versions;
const runtimeArguments = bun ? [] : ["run", "-A", "--no-check"];
const program = fileURLToPath(new URL("../../demo/main.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "sora-ffi-test-"));
after(() => rmSync(folder, { recursive: true }));

interface Run {
  readonly code: number | string | null | undefined;
  readonly output: string;
  readonly errors: string;
}

/** Runs the demo on this runtime; it writes its temporary files below `folder` only. */
function demo(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Run> {
  return new Promise((resolve) => {
    execFile(process.execPath, [...runtimeArguments, program, ...args], {
      cwd: folder,
      env: { ...process.env, NO_COLOR: "1", TMPDIR: folder, ...env },
      timeout: LIMIT_MS,
      killSignal: "SIGKILL",
    }, (error, output, errors) => resolve({ code: error ? error.code : 0, output, errors }));
  });
}

test("the demo measures a run and writes what it received", async () => {
  const { code, output, errors } = await demo(["--seconds", "8", "--strict"]);
  // A busy machine may miss the limits.
  assert.ok(code === 0 || (code === 1 && errors.startsWith("Missed: ")), errors);
  const figures = JSON.parse(readFileSync(join(folder, "out/demo.json"), "utf8"));
  assert.deepEqual(Object.keys(figures), [
    ...["runtime", "framesSent", "framesReceived", "fps", "latencyMsP50", "latencyMsP95", "psnrDb"],
    ...["audioCorrelation", "connectMs", "firstFrameMs", "bitRateKbps", "codec"],
    ...["encoderImplementation", "decoderImplementation"],
  ]);
  assert.equal(figures.runtime, bun ? "bun" : "deno");
  assert.ok(figures.framesReceived > 100 && figures.psnrDb > 20, JSON.stringify(figures));
  assert.ok(figures.audioCorrelation >= 0.5, JSON.stringify(figures));
  assert.deepEqual([figures.codec, figures.decoderImplementation], ["VP8", "libvpx"]);
  assert.match(output, /100 % {2}sent \d+, received \d+ frames\n/);
  assert.match(output, /PSNR +\d+\.\d dB +≥ 30 dB/);
  for (const name of ["received.mp4", "received.png"]) {
    assert.ok(statSync(join(folder, "out", name)).size > 10_000, name);
  }
  assert.deepEqual(readdirSync(folder), ["out"], "the temporary folder is gone");
});

const codecs = rowsHere("bun", ["VP8", "H264"], (codec) => codec === "VP8");

test(
  "the demo sends H264 with the OpenH264 that it finds",
  { skip: !codecs.includes("H264") },
  async () => {
    const { code, errors } = await demo(["--seconds", "8", "--codec", "H264", "--strict"]);
    assert.ok(code === 0 || (code === 1 && errors.startsWith("Missed: ")), errors);
    const figures = JSON.parse(readFileSync(join(folder, "out/demo.json"), "utf8"));
    const { codec, encoderImplementation, decoderImplementation } = figures;
    assert.deepEqual([codec, encoderImplementation, decoderImplementation], [
      "H264",
      "OpenH264",
      "OpenH264",
    ]);
    assert.ok(figures.framesReceived > 100 && figures.psnrDb > 20, JSON.stringify(figures));
  },
);

test("the demo reports a mistake in one sentence, and leaves nothing behind", async () => {
  const text = join(folder, "text.mp4");
  writeFileSync(text, "This is not a film.");
  const wrong: [readonly string[], Readonly<Record<string, string>>, RegExp][] = [
    [["--seconds", "many"], {}, /^--seconds must be an integer from 8 to 60, not "many"\n$/],
    [["--speed"], {}, /--speed/],
    [
      ["--input", join(folder, "none.mp4")],
      {},
      /^--input must name a file, and there is none at .*none\.mp4\n$/,
    ],
    [["--input", text], {}, /^ffmpeg could not decode the video of .*text\.mp4: .+\n$/],
    [
      ["--codec", "H264", "--openh264", text],
      {},
      /openh264: .*text\.mp4 cannot be opened: .+\n$/,
    ],
    [[], { PATH: folder }, /^ffmpeg is not installed: .*apt-get install ffmpeg`\n$/],
  ];
  for (const [args, env, message] of wrong) {
    const { code, errors } = await demo(args, env);
    assert.equal(code, 1, errors);
    assert.match(errors, message);
  }
  rmSync(text);
  assert.deepEqual(readdirSync(folder), ["out"]);
});

test("the demo's --help lists its options", async () => {
  const { code, output } = await demo(["--help"]);
  assert.equal(code, 0);
  for (const name of ["input", "seconds", "codec", "openh264", "bit-rate", "out", "strict"]) {
    assert.match(output, new RegExp(`^ +--${name} `, "m"));
  }
});
