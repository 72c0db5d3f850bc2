/**
 * The result files: received media and figures.
 *
 * @module
 */

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ffmpeg } from "./ffmpeg.ts";
import type { Figures } from "./figures.ts";
import { type Clip, FRAME_RATE, SAMPLE_RATE } from "./media.ts";

const SHEET_SIDE = 4;
const SHEET_FRAME_WIDTH = 320;

const RESULTS = { figures: "demo.json", film: "received.mp4", sheet: "received.png" } as const;

/** Makes the folder for the results and removes those of an earlier run, so that nobody takes them for new ones. */
export function prepareResults(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of Object.values(RESULTS)) rmSync(join(folder, name), { force: true });
}

/** Received media as raw files. */
export interface RawFiles {
  /** I420 frames without gaps, {@link FRAME_RATE} per second. */
  readonly video: string;
  /** Number of frames. */
  readonly length: number;
  /** 16-bit samples, one channel. */
  readonly audio: string;
}

/**
 * Writes `received.mp4`, `received.png` (a contact sheet) and `demo.json`.
 *
 * @param folder Where to write them; it exists.
 * @throws {Problem} ffmpeg fails.
 */
export async function writeResults(
  folder: string,
  figures: Figures,
  { width, height }: Clip,
  raw: RawFiles,
  signal: AbortSignal,
): Promise<void> {
  writeFileSync(join(folder, RESULTS.figures), JSON.stringify(figures, undefined, 2) + "\n");
  const video = [
    ...["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", `${width}x${height}`],
    ...["-r", String(FRAME_RATE), "-i", raw.video],
  ];
  const film = ffmpeg("write received.mp4", [
    ...video,
    ...["-f", "s16le", "-ar", String(SAMPLE_RATE), "-ac", "1", "-i", raw.audio],
    ...["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p"],
    ...["-c:a", "aac", "-movflags", "+faststart", join(folder, RESULTS.film)],
  ], signal);
  const every = Math.max(1, Math.floor(raw.length / SHEET_SIDE ** 2));
  const sheet = `select=not(mod(n\\,${every})),scale=${SHEET_FRAME_WIDTH}:-2,` +
    `tile=${SHEET_SIDE}x${SHEET_SIDE}`;
  const contactSheet = ffmpeg("write received.png", [
    ...video,
    ...["-vf", sheet, "-frames:v", "1", join(folder, RESULTS.sheet)],
  ], signal);
  await Promise.all([film, contactSheet]);
}
