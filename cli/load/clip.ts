/**
 * A clip that is kept in memory and sent again and again: reading and decoding cost nothing while a load test runs.
 *
 * @module
 */

import { createReadStream } from "node:fs";
import { readY4m } from "../../files/mod.ts";
import type { SoraVideoSource } from "../../mod.ts";
import { UsageError } from "../command.ts";
import { Pattern } from "../pattern.ts";
import type { LoadPlan } from "./plan.ts";

/** The most of a clip that is kept; the rest is left out. */
const MAX_BYTES = 512 * 1024 * 1024;

/** The picture that is sent. */
export interface Clip {
  readonly fps: number;
  capture(source: SoraVideoSource, index: number): void;
}

async function readClip(path: string): Promise<Clip> {
  try {
    const { header, frames } = await readY4m(createReadStream(path));
    const kept: Uint8Array<ArrayBuffer>[] = [];
    let bytes = 0;
    for await (const frame of frames) {
      bytes += frame.byteLength;
      if (bytes > MAX_BYTES) break;
      kept.push(frame);
    }
    if (kept.length === 0) throw new Error("it has no frames");
    const { width, height, frameRate } = header;
    return {
      fps: frameRate,
      capture: (source, index) =>
        void source.onCaptured(kept[index % kept.length]!, { width, height, format: "I420" }),
    };
  } catch (error) {
    throw new UsageError(
      `--clip must be a YUV4MPEG2 file (ffmpeg -i clip.mp4 -pix_fmt yuv420p clip.y4m): ${
        (error as Error).message
      }`,
      { cause: error },
    );
  }
}

/**
 * Opens what a plan sends.
 *
 * @throws {UsageError} The clip cannot be read.
 */
export async function openClip({ clip, size, fps }: LoadPlan): Promise<Clip> {
  if (clip !== undefined) return await readClip(clip);
  const pattern = new Pattern(size);
  return { fps, capture: (source, index) => pattern.capture(source, index) };
}
