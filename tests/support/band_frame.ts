/**
 * Test frames of any size: colours that change slowly from side to side, with a number in black and white across the middle.
 *
 * @module
 */

const BITS = 8;

/** Numbers that a frame can carry. */
export const BAND_NUMBERS = 2 ** BITS;

/** Draws a frame as BGR. */
export function drawBand(width: number, height: number, number: number): Uint8Array<ArrayBuffer> {
  const pixels = new Uint8Array(width * height * 3);
  const [top, bottom] = [Math.floor(height * 3 / 8), Math.floor(height * 5 / 8)];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 3;
      if (y >= top && y < bottom) {
        const bit = Math.floor(x * BITS / width);
        pixels.fill((number >> bit) & 1 ? 220 : 30, at, at + 3);
        continue;
      }
      pixels[at] = 40 + Math.round(150 * x / width);
      pixels[at + 1] = 60 + Math.round(120 * y / height);
      pixels[at + 2] = 200 - Math.round(120 * x / width);
    }
  }
  return pixels;
}

/** The number in a received frame: the middle of each block. */
export function readBand(width: number, height: number, pixels: Uint8Array): number {
  let number = 0;
  for (let bit = 0; bit < BITS; bit++) {
    const x = Math.floor((bit + 0.5) * width / BITS);
    if ((pixels[(Math.floor(height / 2) * width + x) * 3] ?? 0) > 125) number |= 1 << bit;
  }
  return number;
}
