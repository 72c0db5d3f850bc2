import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { seededRandom } from "../../base/random.ts";
import {
  MAX_FRAME_NUMBER,
  MIN_CODED_HEIGHT,
  MIN_CODED_WIDTH,
  readBarcode,
  writeBarcode,
} from "../../demo/barcode.ts";

const sizes = [[1280, 720], [300, 200], [MIN_CODED_WIDTH, MIN_CODED_HEIGHT]] as const;

function noise(bytes: number, seed: number): Uint8Array {
  const frame = new Uint8Array(bytes);
  const random = seededRandom(seed);
  for (let at = 0; at < bytes; at++) frame[at] = random() * 256;
  return frame;
}

test("readBarcode reads what writeBarcode wrote, at every size", () => {
  for (const [width, height] of sizes) {
    const frame = noise(width * height * 3 / 2, 7);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MAX_FRAME_NUMBER - 1 }), (number) => {
        writeBarcode(frame, width, number);
        assert.equal(readBarcode(frame, width), number);
      }),
      { numRuns: 50 },
    );
  }
});

test("readBarcode reads through the noise that a codec adds", () => {
  const [width, height] = sizes[0];
  const frame = new Uint8Array(width * height * 3 / 2);
  writeBarcode(frame, width, 4_321);
  const errors = noise(frame.length, 3);
  for (let at = 0; at < frame.length; at++) {
    const luma = (frame[at] ?? 0) + (errors[at] ?? 0) / 4 - 32;
    frame[at] = Math.max(0, Math.min(255, luma));
  }
  assert.equal(readBarcode(frame, width), 4_321);
});

test("readBarcode refuses plain frames and a barcode with a wrong bit", () => {
  const [width, height] = sizes[0];
  for (const luma of [0, 16, 128, 235, 255]) {
    assert.equal(readBarcode(new Uint8Array(width * height * 3 / 2).fill(luma), width), undefined);
  }
  for (let square = 0; square < 24; square++) {
    const frame = new Uint8Array(width * height * 3 / 2);
    writeBarcode(frame, width, 1_000);
    for (let row = 0; row < 16; row++) {
      const at = row * width + square * 16;
      for (let x = at; x < at + 16; x++) frame[x] = 255 - (frame[x] ?? 0);
    }
    assert.equal(readBarcode(frame, width), undefined, `square ${square}`);
  }
});

test("writeBarcode leaves the rest of the frame unmodified", () => {
  const [width, height] = sizes[0];
  const before = noise(width * height * 3 / 2, 5);
  const after = before.slice();
  writeBarcode(after, width, 99);
  const luma = width * height;
  for (let at = 0; at < after.length; at++) {
    const [row, column, scale] = at < luma
      ? [Math.floor(at / width), at % width, 1]
      : [Math.floor(((at - luma) % (luma / 4)) / (width / 2)), (at - luma) % (width / 2), 2];
    const inside = row < 16 / scale && column < 24 * 16 / scale;
    if (!inside && after[at] !== before[at]) assert.fail(`byte ${at} was changed`);
  }
});
