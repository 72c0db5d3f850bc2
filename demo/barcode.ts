/**
 * The number of a frame, coded as black and white blocks into its luma, so that the receiver can tell which frame of the
 * sender a decoded picture is.
 *
 * @module
 */

/** Side of a block in pixels: a whole macroblock, so that no codec blurs it. */
const BLOCK = 16;
const NUMBER_BITS = 16;
const CHECK_BITS = 8;
const BITS = NUMBER_BITS + CHECK_BITS;
const BLACK = 32;
const WHITE = 224;
const GREY = 128;
/** A block whose mean is nearer to grey than this is neither black nor white. */
const MARGIN = 32;

/** The smallest picture that the code fits into. */
export const MIN_CODED_WIDTH = 8 * BLOCK;
/** The smallest picture that the code fits into. */
export const MIN_CODED_HEIGHT = Math.ceil(BITS / 8) * BLOCK;
/** Frame numbers are below this. */
export const MAX_FRAME_NUMBER = 1 << NUMBER_BITS;

/** CRC-8 (polynomial 0x07) of both bytes; the start value keeps plain black and plain white from being valid. */
function check(number: number): number {
  let crc = 0x5a;
  for (const byte of [number >> 8, number & 0xff]) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc & 0x80 ? 0x107 : 0);
  }
  return crc;
}

function columnsOf(width: number): number {
  return Math.min(BITS, Math.floor(width / BLOCK));
}

/**
 * Writes a frame's number into the upper left corner of an I420 picture.
 *
 * @param picture An I420 picture without gaps.
 * @param width Its width in pixels, even, at least {@link MIN_CODED_WIDTH}.
 */
export function writeBarcode(picture: Uint8Array, width: number, number: number): void {
  const code = (number << CHECK_BITS) | check(number);
  const columns = columnsOf(width);
  const half = BLOCK / 2;
  const chroma = [picture.length * 2 / 3, picture.length * 5 / 6];
  for (let bit = 0; bit < BITS; bit++) {
    const x = (bit % columns) * BLOCK;
    const y = Math.floor(bit / columns) * BLOCK;
    const luma = (code >> (BITS - 1 - bit)) & 1 ? WHITE : BLACK;
    for (let row = y; row < y + BLOCK; row++) {
      picture.fill(luma, row * width + x, row * width + x + BLOCK);
    }
    for (const plane of chroma) {
      for (let row = 0; row < half; row++) {
        const at = plane + (y / 2 + row) * (width / 2) + x / 2;
        picture.fill(GREY, at, at + half);
      }
    }
  }
}

/**
 * Reads what {@link writeBarcode} wrote.
 *
 * @returns The frame's number; `undefined` when the code is damaged.
 */
export function readBarcode(picture: Uint8Array, width: number): number | undefined {
  const columns = columnsOf(width);
  const inset = BLOCK / 4;
  const side = BLOCK / 2;
  let code = 0;
  for (let bit = 0; bit < BITS; bit++) {
    const x = (bit % columns) * BLOCK + inset;
    const y = Math.floor(bit / columns) * BLOCK + inset;
    let sum = 0;
    for (let row = y; row < y + side; row++) {
      for (let at = row * width + x; at < row * width + x + side; at++) sum += picture[at] ?? 0;
    }
    const contrast = sum / (side * side) - GREY;
    if (Math.abs(contrast) < MARGIN) return undefined;
    code = (code << 1) | (contrast > 0 ? 1 : 0);
  }
  const number = code >> CHECK_BITS;
  return check(number) === (code & 0xff) ? number : undefined;
}
