/**
 * PNG images (RFC 2083), for a frame that is to be looked at.
 *
 * @module
 */

import { crc32, deflateSync } from "node:zlib";
import { checkInteger, checkObject, wrongType } from "../base/checks.ts";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const BYTES = 3;
const MAX_SIDE = 16_384;

/** Length, type, data, checksum. */
function chunk(type: string, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(data.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; i++) bytes[4 + i] = type.charCodeAt(i);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

/**
 * Encodes an image as PNG.
 *
 * @example
 * ```ts
 * import { encodePng } from "sora-ffi/files";
 *
 * const red = new Uint8Array(2 * 2 * 3).map((_, i) => i % 3 === 0 ? 255 : 0);
 * const png = encodePng(red, { width: 2, height: 2 });
 * console.log(new TextDecoder().decode(png.subarray(1, 4))); // PNG
 * ```
 *
 * @param rgb Red, green and blue of each pixel, a byte each, rows without gaps.
 * @throws {TypeError} An argument is of the wrong kind.
 * @throws {RangeError} A number is outside its limits, or `rgb` has another length than the size requires.
 */
export function encodePng(
  rgb: Uint8Array,
  size: { readonly width: number; readonly height: number },
): Uint8Array<ArrayBuffer> {
  if (!(rgb instanceof Uint8Array)) throw wrongType("rgb", "a Uint8Array", rgb);
  const from = checkObject(size, "size", ["width", "height"], ["width", "height"]);
  const width = checkInteger(from.width, "size.width", 1, MAX_SIDE);
  const height = checkInteger(from.height, "size.height", 1, MAX_SIDE);
  if (rgb.length !== width * height * BYTES) {
    throw new RangeError(
      `rgb must have ${width * height * BYTES} bytes (${width}x${height}), not ${rgb.length}`,
    );
  }
  // Each row begins with a byte 0: it is not filtered.
  const rows = new Uint8Array(height * (1 + width * BYTES));
  for (let row = 0; row < height; row++) {
    const line = rgb.subarray(row * width * BYTES, (row + 1) * width * BYTES);
    rows.set(line, row * (1 + width * BYTES) + 1);
  }
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  // 8 bits per sample, RGB.
  header.set([8, 2], 8);
  const parts = [
    new Uint8Array(SIGNATURE),
    chunk("IHDR", header),
    chunk("IDAT", new Uint8Array(deflateSync(rows))),
    chunk("IEND", new Uint8Array(0)),
  ];
  const png = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    png.set(part, at);
    at += part.length;
  }
  return png;
}
