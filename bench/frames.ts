/**
 * The frames that benchmarks send.
 *
 * @module
 */

import type { SoraPixelFormat } from "../mod.ts";
import { encodePixels, frameBytes, rowBytes } from "../tests/support/pixels.ts";
import type { Size } from "./measurement.ts";

/** Their size by default. */
export const size = { width: 1280, height: 720 } as const;

/** Milliseconds per frame. */
export const FRAME_MS = 1_000 / 30;

/** Radius of the disc that moves across the frames. */
const RADIUS = 120;

/** Draws BGR frames that are easy to encode, a disc moving over a gradient, so that libwebrtc keeps size and frame rate. */
export function drawFrames(
  count: number,
  { width, height }: Size = size,
): Uint8Array<ArrayBuffer>[] {
  return Array.from({ length: count }, (_, index) => {
    const pixels = new Uint8Array(width * height * 3);
    const [cx, cy] = [width * (index + 0.5) / count, height / 2];
    for (let y = 0, at = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const inside = (x - cx) ** 2 + (y - cy) ** 2 < RADIUS ** 2;
        pixels[at++] = inside ? 40 : 64 + x * 128 / width;
        pixels[at++] = inside ? 60 : 64 + y * 128 / height;
        pixels[at++] = inside ? 220 : 96;
      }
    }
    return pixels;
  });
}

/** The same frames in another format. */
export function framesAs(
  format: SoraPixelFormat,
  frames: readonly Uint8Array[],
  { width, height }: Size,
): Uint8Array[] {
  const layout = { format, width, height, stride: rowBytes(format, width) };
  return frames.map((bgr) => {
    const pixels = new Uint8Array(frameBytes(layout));
    encodePixels(bgr, layout, pixels);
    return pixels;
  });
}

/** Calls `send` 30 times per second, or as `frameMs` says, on time on average, until the returned function is called. */
export function everyFrame(send: (index: number) => void, frameMs = FRAME_MS): () => void {
  const start = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.floor((performance.now() - start) / frameMs);
    if (due < sent) return;
    // Frames that are too late are left out.
    sent = due + 1;
    send(due);
  }, 2);
  return () => clearInterval(timer);
}
