/**
 * Frames side by side in one image.
 *
 * @module
 */

import { writeFile } from "node:fs/promises";
import { encodePng } from "../../files/mod.ts";

/** The most frames on a sheet. */
export const MAX_TILES = 400;
/** The width of a frame on a sheet of several; a single one keeps its size. */
const TILE_WIDTH = 320;
const GAP = 4;
const BYTES = 3;

/** A frame in RGB. */
interface Tile {
  readonly rgb: Uint8Array<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}

/** A smaller image: each pixel is the mean of those that it stands for. */
function shrink({ rgb, width, height }: Tile, to: number): Tile {
  if (to >= width) return { rgb: rgb.slice(), width, height };
  const toHeight = Math.max(1, Math.round(height * to / width));
  const small = new Uint8Array(to * toHeight * BYTES);
  for (let y = 0; y < toHeight; y++) {
    const [top, bottom] = [
      Math.floor(y * height / toHeight),
      Math.ceil((y + 1) * height / toHeight),
    ];
    for (let x = 0; x < to; x++) {
      const [left, right] = [Math.floor(x * width / to), Math.ceil((x + 1) * width / to)];
      for (let c = 0; c < BYTES; c++) {
        let sum = 0;
        for (let row = top; row < bottom; row++) {
          for (let column = left; column < right; column++) {
            sum += rgb[(row * width + column) * BYTES + c]!;
          }
        }
        small[(y * to + x) * BYTES + c] = Math.round(sum / ((bottom - top) * (right - left)));
      }
    }
  }
  return { rgb: small, width: to, height: toHeight };
}

/** A sheet of frames, in rows from the left. */
export class ContactSheet {
  readonly #columns: number;
  readonly #isSingle: boolean;
  readonly #tiles: Tile[] = [];

  /** @param count How many frames there will be at most. */
  constructor(count: number) {
    this.#columns = Math.ceil(Math.sqrt(count));
    this.#isSingle = count === 1;
  }

  /** Adds a frame in RGB, which is copied. */
  add(rgb: Uint8Array<ArrayBuffer>, width: number, height: number): void {
    this.#tiles.push(shrink({ rgb, width, height }, this.#isSingle ? width : TILE_WIDTH));
  }

  /** The sheet as an image. */
  render(): Tile {
    const columns = Math.min(this.#columns, this.#tiles.length);
    const rows = Math.ceil(this.#tiles.length / columns);
    const cellWidth = Math.max(...this.#tiles.map(({ width }) => width));
    const cellHeight = Math.max(...this.#tiles.map(({ height }) => height));
    const width = columns * (cellWidth + GAP) - GAP;
    const height = rows * (cellHeight + GAP) - GAP;
    const rgb = new Uint8Array(width * height * BYTES);
    for (const [i, tile] of this.#tiles.entries()) {
      const left = i % columns * (cellWidth + GAP);
      const top = Math.floor(i / columns) * (cellHeight + GAP);
      for (let row = 0; row < tile.height; row++) {
        const line = tile.rgb.subarray(row * tile.width * BYTES, (row + 1) * tile.width * BYTES);
        rgb.set(line, ((top + row) * width + left) * BYTES);
      }
    }
    return { rgb, width, height };
  }

  /** Writes the sheet as PNG. */
  async write(path: string): Promise<void> {
    const { rgb, ...size } = this.render();
    await writeFile(path, encodePng(rgb, size));
  }
}
