/**
 * Test frames that can be recognized: four coloured quarters, and the frame's number in black and white squares.
 *
 * @module
 */

/** Bits of the number that a frame carries. */
const BITS = 12;
const BITS_PER_ROW = 6;

/** Colours of the quarters, in the order of the bytes in memory: B, G, R. */
const quarters = [[200, 60, 40], [40, 190, 70], [60, 40, 210], [30, 180, 200]] as const;

/** The size of a frame, and which colours come first: each sender has its own turn. */
export interface FrameStyle {
  /** Pixels; even. */
  readonly width: number;
  /** Pixels; even. */
  readonly height: number;
  /** Which of the four colours is at the top left, 0 to 3. */
  readonly turn: number;
}

/** Frames of one size that are not made of quarters. */
export interface FrameSource {
  /** Pixels; even. */
  readonly width: number;
  /** Pixels; even. */
  readonly height: number;
  /** Makes the frame with a number, as I420. */
  draw(number: number, into: Uint8Array<ArrayBuffer>): void;
}

/** The colour of a quarter: 0 top left, 1 top right, 2 bottom left, 3 bottom right. */
export function quarterColour(style: FrameStyle, quarter: number): readonly number[] {
  return quarters[(quarter + style.turn) % 4] ?? quarters[0];
}

function fill(
  pixels: Uint8Array,
  width: number,
  [x0, y0, x1, y1]: readonly [number, number, number, number],
  colour: readonly number[],
): void {
  for (let y = y0; y < y1; y++) {
    for (let x = x0; x < x1; x++) {
      const at = (y * width + x) * 3;
      pixels[at] = colour[0] ?? 0;
      pixels[at + 1] = colour[1] ?? 0;
      pixels[at + 2] = colour[2] ?? 0;
    }
  }
}

/** The square of a bit, in the middle of the frame. */
function bitSquare({ width, height }: FrameStyle, bit: number) {
  const side = Math.floor(Math.min(width, height) / 8 / 2) * 2;
  const x = (width - BITS_PER_ROW * side) / 2 + (bit % BITS_PER_ROW) * side;
  const y = height / 2 + (Math.floor(bit / BITS_PER_ROW) - 1) * side;
  return [x, y, x + side, y + side] as const;
}

/** Draws a frame as BGR. */
export function drawFrame(
  style: FrameStyle,
  number: number,
  into?: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const { width, height } = style;
  const pixels = into ?? new Uint8Array(width * height * 3);
  for (let quarter = 0; quarter < 4; quarter++) {
    const x = (quarter % 2) * width / 2;
    const y = Math.floor(quarter / 2) * height / 2;
    fill(pixels, width, [x, y, x + width / 2, y + height / 2], quarterColour(style, quarter));
  }
  for (let bit = 0; bit < BITS; bit++) {
    const level = (number >> bit) & 1 ? 235 : 20;
    fill(pixels, width, bitSquare(style, bit), [level, level, level]);
  }
  return pixels;
}

/** Turns a BGR frame clockwise by 0, 90, 180 or 270 degrees; width and height are those before. */
export function turnFrame(
  pixels: Uint8Array,
  width: number,
  height: number,
  degrees: number,
): Uint8Array<ArrayBuffer> {
  const turned = new Uint8Array(pixels.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let at = y * width + x;
      if (degrees === 90) at = x * height + height - 1 - y;
      else if (degrees === 180) at = (height - 1 - y) * width + width - 1 - x;
      else if (degrees === 270) at = (width - 1 - x) * height + y;
      for (let c = 0; c < 3; c++) turned[at * 3 + c] = pixels[(y * width + x) * 3 + c] ?? 0;
    }
  }
  return turned;
}

/** The mean colour of a square around a point, as B, G, R. */
export function colourAt(
  pixels: Uint8Array,
  width: number,
  x: number,
  y: number,
  radius = 4,
): number[] {
  const sum = [0, 0, 0];
  for (let dy = -radius; dy < radius; dy++) {
    for (let dx = -radius; dx < radius; dx++) {
      const at = ((y + dy) * width + x + dx) * 3;
      for (let c = 0; c < 3; c++) sum[c]! += pixels[at + c] ?? 0;
    }
  }
  return sum.map((value) => value / (4 * radius * radius));
}

/** The number that a received frame carries. */
export function readNumber(style: FrameStyle, pixels: Uint8Array): number {
  let number = 0;
  for (let bit = 0; bit < BITS; bit++) {
    const [x0, y0, x1, y1] = bitSquare(style, bit);
    const [level = 0] = colourAt(pixels, style.width, (x0 + x1) / 2, (y0 + y1) / 2, 2);
    if (level > 128) number |= 1 << bit;
  }
  return number;
}

/** Peak signal to noise ratio in dB. */
export function psnr(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] ?? 0) - (b[i] ?? 0)) ** 2;
  return sum === 0 ? Infinity : 10 * Math.log10(255 ** 2 * a.length / sum);
}
