/**
 * Pixel formats by the book, slowly: what the native conversions are compared with (ITU-R BT.601, limited range).
 *
 * @module
 */

import type { SoraPixelFormat } from "../../mod.ts";

/** The places of B, G and R in a pixel of a packed format, and its bytes. */
const packed: Readonly<Record<string, readonly [number, number, number, number]>> = {
  BGR: [0, 1, 2, 3],
  RGB: [2, 1, 0, 3],
  BGRA: [0, 1, 2, 4],
  RGBA: [2, 1, 0, 4],
};

/** Where a frame's samples lie in a buffer. */
export interface Layout {
  readonly format: SoraPixelFormat;
  readonly width: number;
  readonly height: number;
  /** Bytes from one row of the first plane to the next. */
  readonly stride: number;
}

const half = (value: number) => Math.ceil(value / 2);
const clamp = (value: number) => Math.min(255, Math.max(0, Math.round(value)));

/** The bytes of a row without a gap in the first plane. */
export function rowBytes(format: SoraPixelFormat, width: number): number {
  return width * (packed[format]?.[3] ?? 1);
}

/** The bytes of a whole frame: the last row ends with its last pixel. */
export function frameBytes(layout: Layout): number {
  const { format, width, height, stride } = layout;
  if (format in packed) return stride * (height - 1) + rowBytes(format, width);
  return planar(layout, width - 1, height - 1).v + 1;
}

/** The offsets of Y, U and V of a pixel in a planar format. */
function planar({ format, height, stride }: Layout, x: number, y: number) {
  const chroma = stride * height;
  const [cx, cy] = [Math.floor(x / 2), Math.floor(y / 2)];
  if (format === "NV12") {
    const u = chroma + cy * 2 * half(stride) + 2 * cx;
    return { y: y * stride + x, u, v: u + 1 };
  }
  const u = chroma + cy * half(stride) + cx;
  return { y: y * stride + x, u, v: u + half(stride) * half(height) };
}

/** Writes a BGR frame without gaps in another layout; the gaps keep what they have. */
export function encodePixels(bgr: Uint8Array, layout: Layout, into: Uint8Array): void {
  const { width, height, stride } = layout;
  const places = packed[layout.format];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const from = (row * width + column) * 3;
      const [b, g, r] = [bgr[from] ?? 0, bgr[from + 1] ?? 0, bgr[from + 2] ?? 0];
      if (places === undefined) {
        into[row * stride + column] = clamp(16 + (65.481 * r + 128.553 * g + 24.966 * b) / 255);
        if (row % 2 === 0 && column % 2 === 0) encodeChroma(bgr, layout, into, column, row);
        continue;
      }
      const at = row * stride + column * places[3];
      into[at + places[0]] = b;
      into[at + places[1]] = g;
      into[at + places[2]] = r;
      if (places[3] === 4) into[at + 3] = 255;
    }
  }
}

/** Writes U and V of a pixel and its neighbours to the right and below: those of their mean. */
function encodeChroma(
  bgr: Uint8Array,
  layout: Layout,
  into: Uint8Array,
  x: number,
  y: number,
): void {
  const { width, height } = layout;
  const sum = [0, 0, 0];
  let count = 0;
  for (let row = y; row < Math.min(y + 2, height); row++) {
    for (let column = x; column < Math.min(x + 2, width); column++) {
      for (let c = 0; c < 3; c++) sum[c]! += bgr[(row * width + column) * 3 + c] ?? 0;
      count++;
    }
  }
  const [b = 0, g = 0, r = 0] = sum.map((value) => value / count);
  const at = planar(layout, x, y);
  into[at.u] = clamp(128 + (-37.797 * r - 74.203 * g + 112 * b) / 255);
  into[at.v] = clamp(128 + (112 * r - 93.786 * g - 18.214 * b) / 255);
}

/** Reads a frame in any layout as BGR without gaps. */
export function decodePixels(from: Uint8Array, layout: Layout): Uint8Array<ArrayBuffer> {
  const { width, height, stride } = layout;
  const places = packed[layout.format];
  const bgr = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const to = (row * width + column) * 3;
      if (places !== undefined) {
        const at = row * stride + column * places[3];
        for (let c = 0; c < 3; c++) bgr[to + c] = from[at + (places[c] ?? 0)] ?? 0;
        continue;
      }
      const at = planar(layout, column, row);
      const luma = 255 / 219 * ((from[at.y] ?? 0) - 16);
      const u = ((from[at.u] ?? 0) - 128) / 112 * 255 / 2;
      const v = ((from[at.v] ?? 0) - 128) / 112 * 255 / 2;
      // By the standard 1.772, but libyuv's coefficients are signed bytes with 6 fractional bits, of which this is the largest.
      bgr[to] = clamp(luma + 448 / 255 * u);
      bgr[to + 1] = clamp(luma - 0.344136 * u - 0.714136 * v);
      bgr[to + 2] = clamp(luma + 1.402 * v);
    }
  }
  return bgr;
}
