/**
 * The demo's clip in small, in memory, with each frame's number in it.
 *
 * @module
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readBarcode, writeBarcode } from "../../demo/barcode.ts";
import { ffmpeg } from "../../demo/ffmpeg.ts";
import { Clip } from "../../demo/media.ts";
import type { FrameSource } from "./frame.ts";

const file = fileURLToPath(new URL("../../.deps/media/bigbuckbunny.mp4", import.meta.url));
const SECONDS = 4;

/** Frames of the clip, I420, 30 in a second of it; after the last comes the first again. */
export class RealClip implements FrameSource {
  readonly width: number;
  readonly height: number;
  readonly #frames: readonly Uint8Array[];

  private constructor(clip: Clip) {
    this.width = clip.width;
    this.height = clip.height;
    this.#frames = Array.from({ length: clip.length }, (_, index) => {
      const frame = new Uint8Array(clip.frameBytes);
      clip.read(index, frame);
      return frame;
    });
  }

  /** Decodes the clip in a size; both sides are even. */
  static async decode(width: number, height: number): Promise<RealClip> {
    const folder = await mkdtemp(join(tmpdir(), "sora-clip-"));
    try {
      const path = join(folder, "clip.y4m");
      await ffmpeg("decode the clip", [
        ...["-t", String(SECONDS), "-i", file, "-map", "0:v:0"],
        ...["-vf", `scale=${width}:${height},setsar=1,fps=30,format=yuv420p`],
        ...["-f", "yuv4mpegpipe", path],
      ], new AbortController().signal);
      using clip = new Clip(path);
      return new RealClip(clip);
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  /** Bytes of a frame. */
  get bytes(): number {
    return this.width * this.height * 3 / 2;
  }

  draw(number: number, into: Uint8Array<ArrayBuffer>): void {
    const frame = this.#frames[number % this.#frames.length];
    if (frame === undefined) throw new RangeError(`There is no frame ${number}`);
    into.set(frame);
    writeBarcode(into, this.width, number);
  }

  /** The number in a frame that was received; `undefined` when it cannot be read. */
  numberOf(frame: Uint8Array): number | undefined {
    return readBarcode(frame, this.width);
  }
}
