/**
 * The frames that everybody sends: of the demo's clip, in each format.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
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

/** Writes the files `frames.FORMAT` and returns their folder. */
export function writeFrames(): string {
  const folder = `${root}out/peers`;
  mkdirSync(folder, { recursive: true });
  const env = { ...process.env, PATH: `${process.env["PATH"]}:${root}.deps/bin` };
  for (const [format, name] of Object.entries(PIXEL_FORMATS)) {
    const file = `${folder}/frames.${format}`;
    if (existsSync(file)) continue;
    const words = `-v error -y -ss ${FROM_S} -i ${root}.deps/media/bigbuckbunny.mp4`.split(" ");
    const scale = `scale=${VIDEO.width}:${VIDEO.height},fps=${VIDEO.fps}`;
    const output = ["-vf", scale, "-frames:v", String(COUNT), "-pix_fmt", name, "-f", "rawvideo"];
    execFileSync("ffmpeg", [...words, ...output, file], { stdio: "inherit", env });
  }
  return folder;
}
