/**
 * The picture that benchmarks send.
 *
 * @module
 */

import type { Size } from "./measurement.ts";

/** Its size. */
export const size = { width: 1280, height: 720 } as const;

/** Pictures in a second, in milliseconds for each. */
export const FRAME_MS = 1_000 / 30;

/** Radius of the disc that moves over the pictures. */
const RADIUS = 120;

/** Some BGR pictures, easy to encode: a disc moves over a shaded ground, so that libwebrtc has no reason to send less. */
export function drawPictures(
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

/** Calls `send` 30 times a second, on time on average, until the result is called. */
export function everyFrame(send: (index: number) => void): () => void {
  const start = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.floor((performance.now() - start) / FRAME_MS);
    if (due < sent) return;
    // What could not be sent in time is left out.
    sent = due + 1;
    send(due);
  }, 2);
  return () => clearInterval(timer);
}
