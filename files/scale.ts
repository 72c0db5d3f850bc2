/**
 * Frames of one size out of frames of any size.
 *
 * @module
 */

/** A size in pixels. */
export interface FrameSize {
  readonly width: number;
  readonly height: number;
}

/** Bytes of I420, rows without gaps. */
export function i420Bytes({ width, height }: FrameSize): number {
  return width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2);
}

/** The planes of I420: where each begins, its size, and the value of black. */
function planesOf({ width, height }: FrameSize) {
  const [w, h] = [Math.ceil(width / 2), Math.ceil(height / 2)];
  return [
    { at: 0, width, height, black: 16 },
    { at: width * height, width: w, height: h, black: 128 },
    { at: width * height + w * h, width: w, height: h, black: 128 },
  ] as const;
}

/** Scales frames to one size, proportions kept, with black beside them (bilinear). Its buffer is used again and again. */
export class Scaler {
  readonly #size: FrameSize;
  readonly #data: Uint8Array<ArrayBuffer>;

  constructor(size: FrameSize) {
    this.#size = size;
    this.#data = new Uint8Array(i420Bytes(size));
  }

  /** The frame in the size, valid until the next call. */
  scale(data: Uint8Array<ArrayBuffer>, from: FrameSize): Uint8Array<ArrayBuffer> {
    const to = this.#size;
    const ratio = Math.min(to.width / from.width, to.height / from.height);
    const sources = planesOf(from);
    for (const [i, plane] of planesOf(to).entries()) {
      const source = sources[i]!;
      const width = Math.min(plane.width, Math.round(source.width * ratio));
      const height = Math.min(plane.height, Math.round(source.height * ratio));
      const left = Math.floor((plane.width - width) / 2);
      const top = Math.floor((plane.height - height) / 2);
      const end = plane.at + plane.width * plane.height;
      if (width < plane.width || height < plane.height) this.#data.fill(plane.black, plane.at, end);
      scalePlane(
        data.subarray(source.at, source.at + source.width * source.height),
        source,
        this.#data.subarray(plane.at + top * plane.width + left, end),
        { width, height },
        plane.width,
      );
    }
    return this.#data;
  }
}

/** Scales a plane into one of rows of `stride` bytes. Places are in 1/256 of a pixel. */
function scalePlane(
  from: Uint8Array,
  { width, height }: FrameSize,
  to: Uint8Array,
  size: FrameSize,
  stride: number,
): void {
  const [stepX, stepY] = [width * 256 / size.width, height * 256 / size.height];
  for (let row = 0; row < size.height; row++) {
    const y = Math.min((height - 1) * 256, Math.max(0, Math.floor((row + 0.5) * stepY - 128)));
    const above = (y >> 8) * width;
    const below = Math.min(height - 1, (y >> 8) + 1) * width;
    const fy = y & 255;
    for (let column = 0; column < size.width; column++) {
      const x = Math.min((width - 1) * 256, Math.max(0, Math.floor((column + 0.5) * stepX - 128)));
      const left = x >> 8;
      const right = Math.min(width - 1, left + 1);
      const fx = x & 255;
      const upper = from[above + left]! * (256 - fx) + from[above + right]! * fx;
      const lower = from[below + left]! * (256 - fx) + from[below + right]! * fx;
      to[row * stride + column] = (upper * (256 - fy) + lower * fy + 32_768) >> 16;
    }
  }
}
