/**
 * The frames that everybody sends: of the demo's clip, in each format.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import process from "node:process";
import { root } from "./contenders.ts";
import { type Format, VIDEO } from "./programs/program.ts";

/** Few, because they are part of the memory of who sends them. */
const COUNT = 8;
/** Where something moves. */
const FROM_S = 2;
const PIXEL_FORMATS: Readonly<Record<Format, string>> = {
  BGR: "bgr24",
  RGBA: "rgba",
  I420: "yuv420p",
  NV12: "nv12",
};

const SIZE = `${VIDEO.width}x${VIDEO.height}`;

function run(...words: readonly string[]): void {
  const env = { ...process.env, PATH: `${process.env["PATH"]}:${root}.deps/bin` };
  execFileSync("ffmpeg", ["-v", "error", "-y", ...words], { stdio: "inherit", env });
}

/**
 * Writes the files `frames.FORMAT` and returns their folder. Those of the other formats are made from that in BGR, so that the
 * pictures are the same whatever format one pushes, and what arrives can be compared with any of them.
 */
export function writeFrames(): string {
  const folder = `${root}out/peers`;
  mkdirSync(folder, { recursive: true });
  const file = (format: Format) => `${folder}/frames.${format}`;
  const raw = (format: Format) => ["-pix_fmt", PIXEL_FORMATS[format], "-f", "rawvideo"];
  const scale = `scale=${VIDEO.width}:${VIDEO.height},fps=${VIDEO.fps}`;
  const clip = ["-ss", String(FROM_S), "-i", `${root}.deps/media/bigbuckbunny.mp4`];
  run(...clip, "-vf", scale, "-frames:v", String(COUNT), ...raw("BGR"), file("BGR"));
  for (const format of ["RGBA", "I420", "NV12"] as const) {
    run("-video_size", SIZE, ...raw("BGR"), "-i", file("BGR"), ...raw(format), file(format));
  }
  return folder;
}
