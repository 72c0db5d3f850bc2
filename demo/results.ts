/**
 * Writes what was received where people can look at it.
 *
 * @module
 */

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ffmpeg } from "./ffmpeg.ts";
import type { Figures } from "./figures.ts";
import { type Clip, FRAME_RATE, SAMPLE_RATE } from "./media.ts";

const SHEET_SIDE = 4;
const SHEET_PICTURE_WIDTH = 320;

const RESULTS = { figures: "demo.json", film: "received.mp4", sheet: "received.png" } as const;

/** Makes the folder for the results, without those of an earlier run: nobody shall take them for new ones. */
export function prepareResults(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of Object.values(RESULTS)) rmSync(join(folder, name), { force: true });
}

/** Received media as raw files. */
export interface RawFiles {
  /** I420 pictures without gaps, {@link FRAME_RATE} in a second. */
  readonly pictures: string;
  /** How many. */
  readonly length: number;
  /** 16-bit samples, one channel. */
  readonly sound: string;
}

/**
 * Writes `received.mp4`, `received.png` (a contact sheet) and `demo.json`.
 *
 * @param folder That gets them; it exists.
 * @throws {Problem} When ffmpeg fails.
 */
export async function writeResults(
  folder: string,
  figures: Figures,
  { width, height }: Clip,
  raw: RawFiles,
  signal: AbortSignal,
): Promise<void> {
  writeFileSync(join(folder, RESULTS.figures), JSON.stringify(figures, undefined, 2) + "\n");
  const pictures = [
    ...["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", `${width}x${height}`],
    ...["-r", String(FRAME_RATE), "-i", raw.pictures],
  ];
  await ffmpeg("write received.mp4", [
    ...pictures,
    ...["-f", "s16le", "-ar", String(SAMPLE_RATE), "-ac", "1", "-i", raw.sound],
    ...["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p"],
    ...["-c:a", "aac", "-movflags", "+faststart", join(folder, RESULTS.film)],
  ], signal);
  const every = Math.max(1, Math.floor(raw.length / SHEET_SIDE ** 2));
  const sheet = `select=not(mod(n\\,${every})),scale=${SHEET_PICTURE_WIDTH}:-2,` +
    `tile=${SHEET_SIDE}x${SHEET_SIDE}`;
  await ffmpeg("write received.png", [
    ...pictures,
    ...["-vf", sheet, "-frames:v", "1", join(folder, RESULTS.sheet)],
  ], signal);
}
