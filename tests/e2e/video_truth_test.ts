import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { SoraPixelFormat } from "../../mod.ts";
import { drawBand, readBand } from "../support/band_frame.ts";
import { within } from "../support/eventually.ts";
import { psnr } from "../support/frame.ts";
import { encodePixels, frameBytes, rowBytes } from "../support/pixels.ts";
import { rowsHere } from "../support/smoke.ts";
import { VideoScene } from "../support/video_scene.ts";

const sizes = [
  [64, 48],
  [65, 49],
  [127, 96],
  [160, 121],
  [175, 143],
  [321, 241],
  [639, 360],
  [1_280, 720],
] as const;
const formats: readonly SoraPixelFormat[] = ["BGR", "RGB", "BGRA", "RGBA", "I420", "NV12"];
/** Bytes between rows; odd ones too. */
const gaps = [0, 7, 32];
/** Bytes before the frame in its buffer. */
const OFFSET = 3;
const GOOD_DB = 30;
/** The encoder learns in this time how much it may send. */
const WARM_UP_US = 1_000_000;
const LIMIT_MS = 25_000;

let scene: VideoScene;
before(async () => {
  scene = await VideoScene.open();
});
after(() => scene[Symbol.asyncDispose]());

/** A frame to send. */
interface Sent {
  readonly bgr: Uint8Array;
  readonly data: Uint8Array<ArrayBuffer>;
  readonly options: { readonly format: SoraPixelFormat; readonly stride?: number };
}

/** Frames with the numbers from 0, every format and gap in turn; of a large size each format once. */
function frames(width: number, height: number): Sent[] {
  const layouts = formats.flatMap((format, index) =>
    (width > 1_000 ? [gaps[index % gaps.length] ?? 0] : gaps).map((gap) => ({ format, gap }))
  );
  return [...layouts, ...layouts].map(({ format, gap }, number) => {
    const bgr = drawBand(width, height, number);
    const layout = { width, height, format, stride: rowBytes(format, width) + gap };
    const bytes = frameBytes(layout);
    const data = new Uint8Array(new ArrayBuffer(OFFSET + bytes), OFFSET, bytes);
    encodePixels(bgr, layout, data);
    return { bgr, data, options: gap === 0 ? { format } : { format, stride: layout.stride } };
  });
}

for (const [width, height] of rowsHere("bun", sizes, ([width]) => width === 175)) {
  test(`${width}x${height}: every frame arrives as sent, in order, in whichever layout`, async () => {
    const all = frames(width, height);
    /** Counts the frames that the source took. */
    let taken = 0;
    let number = 0;
    const timer = setInterval(() => {
      number = (number + 1) % all.length;
      const { data, options } = all[number]!;
      if (scene.source.onCaptured(data, { width, height, ...options })) taken++;
    }, width > 1_000 ? 150 : 40);

    const numbers: number[] = [];
    const seen = new Set<number>();
    let warmFromUs: number | undefined;
    let takenBefore = 0;
    const end = performance.now() + LIMIT_MS;
    try {
      while (seen.size < all.length && performance.now() < end) {
        const { value } = await within("a frame", scene.sink[Symbol.asyncIterator]().next());
        assert.ok(value !== undefined);
        using frame = value;
        // The last of the size before may still come.
        if (frame.width !== width || frame.height !== height) continue;
        warmFromUs ??= frame.timestampUs + WARM_UP_US;
        if (frame.timestampUs < warmFromUs) {
          takenBefore = taken;
          continue;
        }
        const pixels = frame.data();
        const got = readBand(width, height, pixels);
        const sent = all[got];
        assert.ok(sent !== undefined, `no frame has the number ${got}`);
        const quality = psnr(pixels, sent.bgr);
        assert.ok(
          quality >= GOOD_DB,
          `${JSON.stringify(sent.options)} after ${numbers.length}: ${quality.toFixed(1)} dB`,
        );
        numbers.push(got);
        seen.add(got);
      }
    } finally {
      clearInterval(timer);
    }
    assert.equal(seen.size, all.length, `of ${numbers.length} frames, ${taken} were taken`);
    const steps = numbers.slice(1).map((value, i) =>
      (value - (numbers[i] ?? 0) + all.length) % all.length
    );
    assert.ok(steps.every((step) => step > 0 && step <= all.length / 2), `in order: ${numbers}`);
    const lost = taken - takenBefore - numbers.length;
    assert.ok(lost <= numbers.length, `${lost} were lost and ${numbers.length} came`);
  });
}
