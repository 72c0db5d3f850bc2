/**
 * A moving test picture without ffmpeg: colour bars, a ramp of greys, a clock, and a box that bounces.
 *
 * @module
 */

import type { Size } from "../pattern.ts";

type Colour = readonly [y: number, u: number, v: number];

/** Bars of 75 % (SMPTE EG 1) from white to blue, in limited range (BT.601). */
export const BARS: readonly Colour[] = [
  [180, 128, 128],
  [162, 44, 142],
  [131, 156, 44],
  [112, 72, 58],
  [84, 184, 198],
  [65, 100, 212],
  [35, 212, 114],
];
const BLACK = 16;
const WHITE = 235;
const GREY = 128;

/** Of seven times five dots each, a row in each number; the leftmost dot is its highest bit. */
const GLYPHS: Readonly<Record<string, readonly number[]>> = {
  "0": [14, 17, 19, 21, 25, 17, 14],
  "1": [4, 12, 4, 4, 4, 4, 14],
  "2": [14, 17, 1, 2, 4, 8, 31],
  "3": [31, 2, 4, 2, 1, 17, 14],
  "4": [2, 6, 10, 18, 31, 2, 2],
  "5": [31, 16, 30, 1, 1, 17, 14],
  "6": [6, 8, 16, 30, 17, 17, 14],
  "7": [31, 1, 2, 4, 8, 8, 8],
  "8": [14, 17, 17, 14, 17, 17, 14],
  "9": [14, 17, 17, 15, 1, 2, 12],
  ":": [0, 4, 4, 0, 4, 4, 0],
  ".": [0, 0, 0, 0, 0, 12, 12],
};
const NO_GLYPH: readonly number[] = [];
const GLYPH_WIDTH = 5;
const GLYPH_HEIGHT = 7;
/** Glyphs with the gap between them, in dots. */
const PITCH = GLYPH_WIDTH + 1;

/** In a smaller picture nothing moves. */
const MIN_WIDTH = 64;
const MIN_HEIGHT = 36;

const even = (value: number) => Math.max(2, Math.floor(value / 2) * 2);

/** Goes from 0 to `range` and back, without end. */
function bounce(distance: number, range: number): number {
  if (range <= 0) return 0;
  const place = distance % (2 * range);
  return place < range ? place : 2 * range - place;
}

/** A part of the picture, of even numbers. */
interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A plane of a picture. */
interface Plane {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Bytes of a row. */
  readonly stride: number;
  /** Pixels of the picture in each direction for one of its samples. */
  readonly scale: number;
}

function planesOf(data: Uint8Array<ArrayBuffer>, { width, height }: Size): readonly Plane[] {
  const [w, h] = [Math.ceil(width / 2), Math.ceil(height / 2)];
  const chroma = width * height;
  return [
    { bytes: data.subarray(0, chroma), stride: width, scale: 1 },
    { bytes: data.subarray(chroma, chroma + w * h), stride: w, scale: 2 },
    { bytes: data.subarray(chroma + w * h), stride: w, scale: 2 },
  ];
}

/** Draws into one buffer; only what moves is drawn anew. */
export class TestPicture {
  /** The picture as I420, rows without gaps; {@link draw} changes it. */
  readonly data: Uint8Array<ArrayBuffer>;
  readonly #size: Size;
  readonly #planes: readonly Plane[];
  /** The planes of what does not move. */
  readonly #background: readonly Plane[];
  readonly #box: number;
  readonly #flash: Rectangle;
  readonly #dot: number;
  #moved: Rectangle | undefined;

  constructor(size: Size) {
    const { width, height } = this.#size = size;
    this.data = new Uint8Array(
      width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2),
    );
    this.#planes = planesOf(this.data, size);
    this.#box = even(Math.min(width, height) / 6);
    const side = even(Math.min(width, height) / 10);
    this.#flash = { x: even(side / 2), y: even(side / 2), width: side, height: side };
    // The clock takes half the width.
    this.#dot = Math.max(1, Math.floor(width / 2 / ("00:00:00.0".length * PITCH)));
    this.#paint();
    this.#background = planesOf(this.data.slice(), size);
  }

  /** The place of the box in a frame. */
  boxOf(frame: number): Rectangle {
    const { width, height } = this.#size;
    const step = Math.max(2, even(width / 160));
    const side = this.#box;
    return {
      x: even(bounce(frame * step, width - side - 2)),
      y: even(bounce(frame * step, Math.floor(height * 3 / 4) - side - 2)),
      width: side,
      height: side,
    };
  }

  /**
   * Draws a frame.
   *
   * @param clock Digits, colons and points.
   * @param flash Whether the corner is white, as it is while the tone is heard.
   */
  draw(frame: number, clock: string, flash: boolean): Uint8Array<ArrayBuffer> {
    const { width, height } = this.#size;
    if (width < MIN_WIDTH || height < MIN_HEIGHT) return this.data;
    if (this.#moved !== undefined) this.#restore(this.#moved);
    const box = this.boxOf(frame);
    this.#fill(box, [WHITE, GREY, GREY]);
    this.#moved = box;
    this.#fill(this.#flash, [flash ? WHITE : BLACK, GREY, GREY]);
    this.#write(clock);
    return this.data;
  }

  /** Bars above, a ramp below. */
  #paint(): void {
    const { width, height } = this.#size;
    const bars = even(height * 3 / 4);
    this.#fill({ x: 0, y: 0, width, height }, [BLACK, GREY, GREY]);
    for (const [i, colour] of BARS.entries()) {
      const x = Math.round(i * width / BARS.length / 2) * 2;
      const end = i + 1 === BARS.length ? width : Math.round((i + 1) * width / BARS.length / 2) * 2;
      this.#fill({ x, y: 0, width: end - x, height: bars }, colour);
    }
    for (let x = 0; x < width; x++) {
      const level = BLACK + Math.floor((WHITE - BLACK) * x / width);
      for (let y = bars; y < height; y++) this.data[y * width + x] = level;
    }
  }

  #fill({ x, y, width, height }: Rectangle, colour: Colour): void {
    for (let i = 0; i < this.#planes.length; i++) {
      const { bytes, stride, scale } = this.#planes[i]!;
      const [left, right] = [x / scale, Math.ceil((x + width) / scale)];
      for (let row = y / scale; row < Math.ceil((y + height) / scale); row++) {
        bytes.fill(colour[i]!, row * stride + left, row * stride + right);
      }
    }
  }

  #restore({ x, y, width, height }: Rectangle): void {
    for (let i = 0; i < this.#planes.length; i++) {
      const { bytes, stride, scale } = this.#planes[i]!;
      const { bytes: background } = this.#background[i]!;
      for (let row = y / scale; row < (y + height) / scale; row++) {
        const start = row * stride + x / scale;
        for (let at = start; at < start + width / scale; at++) bytes[at] = background[at]!;
      }
    }
  }

  /** Writes in the middle, on black. */
  #write(text: string): void {
    const { width, height } = this.#size;
    const dot = this.#dot;
    const [textWidth, textHeight] = [text.length * PITCH * dot, GLYPH_HEIGHT * dot];
    const x = even((width - textWidth) / 2);
    const y = even((height - textHeight) / 2);
    const panel = {
      x: Math.max(0, x - 2 * dot),
      y: Math.max(0, y - 2 * dot),
      width: even(textWidth + 3 * dot),
      height: even(textHeight + 4 * dot),
    };
    if (panel.x + panel.width > width || panel.y + panel.height > height) return;
    this.#fill({ ...panel, x: panel.x - panel.x % 2, y: panel.y - panel.y % 2 }, [
      BLACK,
      GREY,
      GREY,
    ]);
    for (let i = 0; i < text.length; i++) {
      const glyph = GLYPHS[text[i]!] ?? NO_GLYPH;
      for (let row = 0; row < glyph.length; row++) {
        for (let column = 0; column < GLYPH_WIDTH; column++) {
          if ((glyph[row]! >> (GLYPH_WIDTH - 1 - column) & 1) === 0) continue;
          this.#dots(x + (i * PITCH + column) * dot, y + row * dot);
        }
      }
    }
  }

  #dots(x: number, y: number): void {
    const { width } = this.#size;
    for (let row = y; row < y + this.#dot; row++) {
      this.data.fill(WHITE, row * width + x, row * width + x + this.#dot);
    }
  }
}
