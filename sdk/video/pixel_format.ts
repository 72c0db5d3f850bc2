/**
 * Pixel formats, and the size of frames in bytes.
 *
 * @module
 */

import { type NativeFunctions, VideoFormat } from "../../ffi/mod.ts";
import { checkInteger, checkOneOf } from "../../base/checks.ts";

/**
 * Pixel formats, named by the order of the bytes in memory. `I420`: a plane Y, then U and V with half the width and height,
 * rounded up. `NV12`: a plane Y, then a plane of U and V alternating.
 */
export type SoraPixelFormat = "BGR" | "RGB" | "BGRA" | "RGBA" | "I420" | "NV12";

const names = ["BGR", "RGB", "BGRA", "RGBA", "I420", "NV12"] as const satisfies SoraPixelFormat[];

/** Bytes per pixel in the first plane. */
const pixelBytes: Readonly<Record<SoraPixelFormat, number>> = {
  BGR: 3,
  RGB: 3,
  BGRA: 4,
  RGBA: 4,
  I420: 1,
  NV12: 1,
};

/** Degrees, clockwise (W3C WebCodecs, `VideoFrame.rotation`). */
export type SoraVideoRotation = 0 | 90 | 180 | 270;

const rotations = [0, 90, 180, 270] as const satisfies SoraVideoRotation[];

/** Checks a rotation. */
export function checkRotation(value: unknown, path: string): SoraVideoRotation {
  return checkOneOf(value, path, rotations);
}

/** The shortest side of a frame to send: encoders produce nothing for one pixel. */
export const MIN_SENT_SIDE = 2;
/** The longest side of a frame in pixels. */
export const MAX_SIDE = 16_384;
const MAX_STRIDE = MAX_SIDE * 8;

/** Layout of the pixels of a frame in a buffer. */
export interface PixelLayout {
  /** Default `BGR`. */
  readonly format?: SoraPixelFormat | undefined;
  /**
   * Bytes from one row of the first plane to the next. Default: the rows follow each other without a gap. The last row ends
   * with its last pixel, so a part of a larger frame, up to its very corner, is a `subarray` with that frame's stride.
   */
  readonly stride?: number | undefined;
}

/** A checked {@link PixelLayout} and the resulting size. */
export interface FrameSize {
  /** `sora_video_format`. */
  readonly format: number;
  /** 0: without gaps. */
  readonly stride: number;
  /** Bytes of the whole frame. */
  readonly bytes: number;
}

/** Sizes of frames in a layout. The last one is kept: asking the native library takes some 15 µs where its code is not in a cache. */
export class FrameSizes {
  #functions: NativeFunctions | undefined;
  #name: SoraPixelFormat = "BGR";
  #width = 0;
  #height = 0;
  #last: FrameSize = { format: 0, stride: 0, bytes: 0 };

  /**
   * Checks a layout and computes the bytes of a frame in it.
   *
   * @throws {TypeError} If the format is unknown.
   * @throws {RangeError} If the stride is too short or too long.
   */
  of(
    functions: NativeFunctions,
    layout: PixelLayout,
    width: number,
    height: number,
    path: string,
  ): FrameSize {
    const name = layout.format === undefined
      ? "BGR"
      : checkOneOf(layout.format, `${path}.format`, names);
    const stride = layout.stride === undefined
      ? 0
      : checkInteger(layout.stride, `${path}.stride`, pixelBytes[name] * width, MAX_STRIDE);
    if (
      name === this.#name && width === this.#width && height === this.#height &&
      stride === this.#last.stride && functions === this.#functions
    ) return this.#last;
    const format = VideoFormat[name];
    const bytes = functions.sora_video_frame_size(format, width, height, stride);
    this.#functions = functions;
    this.#name = name;
    this.#width = width;
    this.#height = height;
    return this.#last = { format, stride, bytes };
  }
}

/** The error of a buffer that does not fit a frame. */
export function wrongBuffer(
  name: string,
  given: number,
  expected: number,
  width: number,
  height: number,
  layout: PixelLayout,
): RangeError {
  const stride = layout.stride === undefined ? "" : ` with a stride of ${layout.stride}`;
  return new RangeError(
    `${name} has ${given} bytes, but a ${layout.format ?? "BGR"} frame of ` +
      `${width}x${height}${stride} has ${expected}`,
  );
}
