/**
 * A barcode in the corner of a frame: its number as black and white squares, so that the receiver knows which of the sender's
 * frames it has decoded.
 *
 * @module
 */

/** Side of a square in pixels: a whole macroblock, so that no codec blurs it. */
const SQUARE = 16;
const NUMBER_BITS = 16;
const CHECK_BITS = 8;
const BITS = NUMBER_BITS + CHECK_BITS;
const BLACK = 32;
const WHITE = 224;
const GREY = 128;
/** A square whose mean is closer to grey than this is neither black nor white. */
const MARGIN = 32;

/** Width of the smallest frame that the barcode fits into. */
export const MIN_CODED_WIDTH = 8 * SQUARE;
/** Height of the smallest frame that the barcode fits into. */
export const MIN_CODED_HEIGHT = Math.ceil(BITS / 8) * SQUARE;
/** Frame numbers are below this. */
export const MAX_FRAME_NUMBER = 1 << NUMBER_BITS;

/** CRC-8 (polynomial 0x07) of both bytes; its initial value makes plain black and plain white invalid. */
function check(number: number): number {
  let crc = 0x5a;
  for (const byte of [number >> 8, number & 0xff]) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc & 0x80 ? 0x107 : 0);
  }
  return crc;
}

function columnsOf(width: number): number {
  return Math.min(BITS, Math.floor(width / SQUARE));
}

/**
 * Writes a frame's number into its upper left corner.
 *
 * @param frame An I420 frame without gaps.
 * @param width Its width in pixels, even, at least {@link MIN_CODED_WIDTH}.
 */
export function writeBarcode(frame: Uint8Array, width: number, number: number): void {
  const code = (number << CHECK_BITS) | check(number);
  const columns = columnsOf(width);
  const half = SQUARE / 2;
  const chroma = [frame.length * 2 / 3, frame.length * 5 / 6];
  for (let bit = 0; bit < BITS; bit++) {
    const x = (bit % columns) * SQUARE;
    const y = Math.floor(bit / columns) * SQUARE;
    const luma = (code >> (BITS - 1 - bit)) & 1 ? WHITE : BLACK;
    for (let row = y; row < y + SQUARE; row++) {
      frame.fill(luma, row * width + x, row * width + x + SQUARE);
    }
    for (const plane of chroma) {
      for (let row = 0; row < half; row++) {
        const at = plane + (y / 2 + row) * (width / 2) + x / 2;
        frame.fill(GREY, at, at + half);
      }
    }
  }
}

/**
 * Reads what {@link writeBarcode} wrote.
 *
 * @returns The frame's number; `undefined` when the barcode is damaged.
 */
export function readBarcode(frame: Uint8Array, width: number): number | undefined {
  const columns = columnsOf(width);
  const inset = SQUARE / 4;
  const side = SQUARE / 2;
  let code = 0;
  for (let bit = 0; bit < BITS; bit++) {
    const x = (bit % columns) * SQUARE + inset;
    const y = Math.floor(bit / columns) * SQUARE + inset;
    let sum = 0;
    for (let row = y; row < y + side; row++) {
      for (let at = row * width + x; at < row * width + x + side; at++) sum += frame[at] ?? 0;
    }
    const contrast = sum / (side * side) - GREY;
    if (Math.abs(contrast) < MARGIN) return undefined;
    code = (code << 1) | (contrast > 0 ? 1 : 0);
  }
  const number = code >> CHECK_BITS;
  return check(number) === (code & 0xff) ? number : undefined;
}
