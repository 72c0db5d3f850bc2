/**
 * CPU time of a codec in the library, compared with the codec's own command-line tool of the same version at the same settings.
 *
 * Both are processes that read one file and write another, and both are measured as a whole, from outside.
 *
 * @module
 */

import process from "node:process";
import { execFile } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ffmpeg } from "../demo/ffmpeg.ts";
import { type Benchmark, inTurns, type Turns } from "./measurement.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const ours = `${root}zig-out/bin/sora_ffi_codecs`;
const clip = `${root}.deps/media/bigbuckbunny.mp4`;
const [architecture, triple, loader] = process.arch === "arm64"
  ? ["arm64", "aarch64-linux-gnu", "ld-linux-aarch64.so.1"]
  : ["amd64", "x86_64-linux-gnu", "ld-linux-x86-64.so.2"];
const sysroot = `${root}.deps/sysroot/${architecture}/usr`;
const libraries = `${sysroot}/lib/${triple}`;

const [WIDTH, HEIGHT, KBPS] = [1280, 720, 1_500];
const ROUNDS = 9;
const REACH = { ratio: 1.15 } as const;

/** A tool of the sysroot, run with the sysroot's C library, which is newer than the machine's. */
function tool(name: string, options: string): string[] {
  const start = [`${libraries}/${loader}`, "--library-path", libraries, `${sysroot}/bin/${name}`];
  return [...start, ...options.split(/\s+/).filter(Boolean)];
}

const ALL = `--rt --i420 --width=${WIDTH} --height=${HEIGHT} --fps=30/1 --ivf --passes=1 --quiet
  --end-usage=cbr --target-bitrate=${KBPS} --lag-in-frames=0 --drop-frame=0 --disable-kf`;
const VPX = `${ALL} --threads=1 --buf-sz=1000 --buf-initial-sz=500 --buf-optimal-sz=600
  --min-q=2 --max-q=56 --static-thresh=1 --noise-sensitivity=0 --max-intra-rate=900`;

/** The settings of libwebrtc, and of csrc/codecs/internal for AV1, for 1280x720 on two cores. */
const encoders: Readonly<Record<string, string[]>> = {
  VP8: tool(
    "vpxenc",
    `--codec=vp8 ${VPX} --cpu-used=-6 --undershoot-pct=100 --overshoot-pct=15 --token-parts=0`,
  ),
  VP9: tool(
    "vpxenc",
    `--codec=vp9 ${VPX} --cpu-used=7 --undershoot-pct=50 --overshoot-pct=50 --aq-mode=3 --row-mt=1
     --tile-columns=0 --frame-parallel=0`,
  ),
  AV1: tool(
    "aomenc",
    `${ALL} --threads=2 --cpu-used=11 --undershoot-pct=50 --overshoot-pct=50 --buf-sz=1000
     --buf-initial-sz=600 --buf-optimal-sz=600 --min-q=10 --max-q=56 --aq-mode=3 --row-mt=1
     --tile-columns=1 --max-intra-rate=300 --enable-cdef=1 --coeff-cost-upd-freq=3
     --mode-cost-upd-freq=3 --mv-cost-upd-freq=3 --enable-tpl-model=0 --deltaq-mode=0
     --enable-order-hint=0 --enable-obmc=0 --enable-warped-motion=0 --enable-global-motion=0
     --enable-ref-frame-mvs=0 --enable-palette=0 --enable-cfl-intra=0 --enable-smooth-intra=0
     --enable-angle-delta=0 --enable-filter-intra=0 --use-intra-default-tx-only=1
     --disable-trellis-quant=1 --enable-dist-wtd-comp=0 --enable-diff-wtd-comp=0
     --enable-dual-filter=0 --enable-interintra-comp=0 --enable-interintra-wedge=0
     --enable-intra-edge-filter=0 --enable-intrabc=0 --enable-masked-comp=0
     --enable-paeth-intra=0 --enable-qm=0 --enable-rect-partitions=0 --enable-restoration=0
     --enable-smooth-interintra=0 --enable-tx64=0 --max-reference-frames=3`,
  ),
};

/** Each decoder of the library. The tools output their frames as well, to /dev/null. */
const decoders: readonly (readonly [codec: string, implementation: string, tool: string[]])[] = [
  ["VP8", "libvpx", tool("vpxdec", "--codec=vp8 --rawvideo -o /dev/null --threads=1")],
  ["VP9", "libvpx", tool("vpxdec", "--codec=vp9 --rawvideo -o /dev/null --threads=2")],
  ["AV1", "libaom", tool("aomdec", "--rawvideo -o /dev/null --threads=2")],
  ["AV1", "dav1d", tool("dav1d", "-q --threads 2 --framedelay 1 --muxer yuv -o /dev/null -i")],
];

const run = promisify(execFile);

/** CPU time of a command, in milliseconds. */
async function cpuMs(command: readonly string[]): Promise<number> {
  return Number((await run(ours, ["cpu", ...command], { cwd: root })).stdout);
}

/** Milliseconds per frame of both commands, in turns. */
async function compare(
  mine: readonly string[],
  theirs: readonly string[],
  frames: number,
): Promise<Turns> {
  const [values, limits]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    values.push(await cpuMs(mine) / frames);
    limits.push(await cpuMs(theirs) / frames);
  }
  return inTurns(values, limits);
}

/** CPU time of encoding and decoding a frame of the real clip. */
export const codecCpu: Benchmark = {
  name: "codec CPU time",
  async *run() {
    const folder = `${root}out/bench`;
    await mkdir(folder, { recursive: true });
    const raw = `${folder}/clip.yuv`;
    const size = ["-s", `${WIDTH}x${HEIGHT}`, "-pix_fmt", "yuv420p"];
    const { signal } = new AbortController();
    await ffmpeg("decode the clip", ["-i", clip, ...size, raw], signal);
    try {
      for (const [codec, theirs] of Object.entries(encoders)) {
        const [file, theirFile] = [`${folder}/${codec}.ivf`, `${folder}/${codec}-tool.ivf`];
        const args = [codec, String(WIDTH), String(HEIGHT), String(KBPS), raw, file];
        const count = Number((await run(ours, ["encode", ...args], { cwd: root })).stdout);
        const command = [...theirs, "-o", theirFile, raw];
        yield {
          name: `CPU time of encoding a 1280x720 frame in ${codec}`,
          ...await compare([ours, "encode", ...args], command, count),
          unit: "ms",
          limitIs: `${codec === "AV1" ? "aomenc" : "vpxenc"} at the same settings, in turns`,
          reach: REACH,
        };
        for (const [decoded, implementation, theirDecoder] of decoders) {
          if (decoded !== codec) continue;
          const mine = ["decode", codec, implementation, file];
          const shown = Number((await run(ours, mine, { cwd: root })).stdout);
          yield {
            name: `CPU time of decoding a 1280x720 frame in ${codec} with ${implementation}`,
            ...await compare([ours, ...mine], [...theirDecoder, file], shown),
            unit: "ms",
            limitIs: `${
              { libvpx: "vpxdec", libaom: "aomdec", dav1d: "dav1d" }[implementation]
            } with the same file, in turns`,
            reach: REACH,
          };
        }
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};
