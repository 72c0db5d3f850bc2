// The vendors' own programs, unmodified, on the stand-ins: NVIDIA's PyNvVideoCodec, Intel's sample_encode and vpl-inspect.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { checkCoded, type Coded, frames, installed, missing, noH265, root, run } from "./client.ts";

const noPyAv = missing("av", "PyAV, which decodes,");
const noPyNvVideoCodec = missing("PyNvVideoCodec", "PyNvVideoCodec");

for (const [codec, decoder] of [["h264", "h264"], ["hevc", "hevc"], ["av1", "libdav1d"]] as const) {
  test(`NVIDIA's own client codes ${codec} on the stand-in, and others decode it`, {
    skip: noPyNvVideoCodec || noPyAv || (codec === "hevc" && noH265),
  }, () => {
    const { seen, report } = run<Coded>("nvidia", "nvidia_client.py", [
      codec,
      decoder,
      String(frames),
      // The first time it only asks for the version.
    ], { loads: 2 });
    checkCoded(seen, report, { vendor: "nvidia", passes: 1 });
  });
}

// Where the dispatcher is, next to the stand-in that it shall find.
const libraries = existsSync(join(installed, "lib"))
  ? readdirSync(join(installed, "lib")).map((triple) => join(installed, "lib", triple))
  : [];
const path = [join(root, "zig-out/drivers/vpl"), ...libraries].join(":");

/** Why a program of Intel's cannot run here, or false. */
function unusable(name: string): string | false {
  const program = join(installed, "bin", name);
  if (!existsSync(program)) return `this machine's release has no ${name}`;
  const { stderr, status } = spawnSync(program, ["-?"], {
    env: { LD_LIBRARY_PATH: path },
    encoding: "utf8",
    timeout: 30_000,
  });
  // The loader's answer when a library is missing.
  return status === 127 && `${name} does not start here: ${stderr.trim()}`;
}

for (const [codec, format] of [["h264", "h264"], ["h265", "hevc"], ["av1", "obu"]] as const) {
  test(`Intel's sample_encode codes ${codec} on the stand-in, and others decode it`, {
    skip: unusable("sample_encode") || noPyAv || (codec === "h265" && noH265),
  }, () => {
    const { seen, report } = run<Coded>("vpl", "intel_client.py", [
      join(installed, "bin/sample_encode"),
      codec,
      format,
      String(frames),
    ], { environment: { LD_LIBRARY_PATH: path, STANDIN_VPL_SOFTWARE: "1" } });
    checkCoded(seen, report, { vendor: "vpl", passes: 1 });
  });
}

test("Intel's vpl-inspect lists the stand-in as a device with its codecs", {
  skip: unusable("vpl-inspect"),
}, () => {
  const { status, stdout } = spawnSync(join(installed, "bin/vpl-inspect"), [], {
    env: { LD_LIBRARY_PATH: path },
    encoding: "utf8",
    timeout: 30_000,
  });
  assert.equal(status, 0);
  assert.match(stdout, /^Implementation #0: Stand-in for VPL$/m);
  assert.doesNotMatch(stdout, /^Implementation #1/m);
  assert.match(stdout, /^ *Impl: MFX_IMPL_TYPE_HARDWARE$/m);
  const [, decoders, encoders] = stdout.split(/^ *mfx(?:De|En)coderDescription:$/m);
  const codecs = (description = "") =>
    [...description.matchAll(/^ *CodecID: (\w+) *$/gm)].map(([, name]) => name).sort();
  const h265 = noH265 ? [] : ["HEVC"];
  assert.deepEqual(codecs(decoders), ["AV1", "AVC", ...h265, "VP9"]);
  assert.deepEqual(codecs(encoders), ["AV1", "AVC", ...h265, "VP9"]);
});
