// Programs of others, unmodified and proved on hardware, on the stand-ins for its drivers: what they put up with our engines may
// expect as well. PyAV brings an FFmpeg that opens NVIDIA's libraries, AMD's runtime and, through Intel's dispatcher, VPL's.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { checkCoded, type Coded, frames, missing, noH265, root, run } from "./client.ts";

const codecs = { h264: "h264", hevc: "hevc", av1: "libdav1d" } as const;
const vendors = [
  { vendor: "nvidia", library: "libcuda.so.1", encoder: "nvenc", decoder: "cuvid", first: 1 },
  { vendor: "vpl", library: "libvplstandin.so", encoder: "qsv", decoder: "qsv", first: 1 },
  // FFmpeg goes on after CreateContext, the third call of an encoder and of a decoder, has failed, and crashes: they fail apart.
  {
    vendor: "amf",
    library: "libamfrt64.so.1",
    encoder: "amf",
    decoder: "amf",
    first: 4,
    apart: true,
  },
] as const;
const noClient = missing("av", "PyAV");

/** What came of encoding and decoding three frames, an error's name or the number of pictures, and what it left open. */
type Attempt = readonly [came: number | string, left: number];

/** What the failing client has seen. */
interface Failures {
  readonly plain: Attempt;
  /** Of the driver, while all goes well. */
  readonly calls: number;
  readonly sweep: readonly {
    readonly call: number;
    readonly came: number | string;
    readonly faults: number;
    readonly left: number;
  }[];
  readonly fourth: string;
  readonly left: number;
  readonly lost: Attempt;
  readonly again: Attempt;
  readonly absent: Attempt;
}

/** Checks what came of one fault in each of some calls. */
function checkSweep({ plain, calls, sweep }: Failures, first: number, last: number): void {
  assert.deepEqual(plain, [3, 0]);
  assert.ok(calls > last, `${calls} calls`);
  assert.equal(sweep.length, last - first + 1);
  for (const { call, came, faults, left } of sweep) {
    // A call that gives something back never fails.
    assert.ok(faults <= 1, `${faults} faults with call ${call}`);
    assert.ok(faults === 1 || came === 3, `call ${call} did not fail, and ${came} came of it`);
    assert.equal(left, 0, `left open with call ${call}`);
  }
  assert.ok(
    sweep.filter(({ came }) => typeof came === "string").length >= 3,
    "what opens a device, a codec and a session cannot be done without",
  );
}

test(
  "FFmpeg outlives each failure of a decoder of the stand-in for amf",
  { skip: noClient },
  () => {
    // Its calls from the 25th on leave a frame behind that cannot be moved to the machine's memory.
    const first = 4, last = 24;
    const { seen } = run<Failures>("amf", "failing_client.py", [
      join(root, "zig-out/drivers/amf/libamfrt64.so.1"),
      "h264_amf",
      "h264_amf",
      String(first),
      String(last),
      "decoding",
    ]);
    checkSweep(seen, first, last);
    assert.match(String(seen.absent[0]), /Error$/, "there is no device");
  },
);

for (const { vendor, library, encoder, decoder, first, ...rest } of vendors) {
  test(`FFmpeg outlives each failure that the stand-in for ${vendor} can be told to have`, {
    skip: noClient,
  }, () => {
    const last = 30;
    const { seen } = run<Failures>(vendor, "failing_client.py", [
      join(root, "zig-out/drivers", vendor, library),
      `h264_${encoder}`,
      "apart" in rest ? "h264" : `h264_${decoder}`,
      String(first),
      String(last),
    ]);
    checkSweep(seen, first, last);
    assert.match(seen.fourth, /Error$/, "three sessions are the limit");
    assert.equal(seen.left, 0);
    assert.match(String(seen.lost[0]), /Error$/, "the device is lost with the second frame");
    assert.equal(seen.lost[1], 0);
    assert.deepEqual(seen.again, [3, 0]);
    assert.match(String(seen.absent[0]), /Error$/, "there is no device");
    assert.equal(seen.absent[1], 0);
  });

  for (const [codec, software] of Object.entries(codecs)) {
    test(
      `FFmpeg codes ${codec} on the stand-in for ${vendor}, which others decode`,
      {
        skip: noClient || (codec === "hevc" && noH265),
      },
      () => {
        const { seen, report } = run<Coded>(vendor, "foreign_client.py", [
          `${codec}_${encoder}`,
          `${software},${codec}_${decoder}`,
          String(frames),
        ]);
        checkCoded(seen, report, { vendor, passes: 2 });
        const values = Object.values(seen.decoded).map(({ psnr }) => psnr);
        assert.equal(new Set(values).size, 1, "all decode the same pictures");
      },
    );
  }
}
