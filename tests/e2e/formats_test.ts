import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import type { SoraPixelFormat, SoraVideoFrame } from "../../mod.ts";
import { drawBand, readBand } from "../support/band_frame.ts";
import { nextFrame } from "../support/media_client.ts";
import { psnr } from "../support/frame.ts";
import { decodePixels, encodePixels, frameBytes, rowBytes } from "../support/pixels.ts";
import { VideoScene } from "../support/video_scene.ts";

const formats: readonly SoraPixelFormat[] = ["BGR", "RGB", "BGRA", "RGBA", "I420", "NV12"];
/** Bytes between rows; odd ones too. */
const gaps = [0, 7, 32];
const sizes = [[176, 144], [65, 49], [33, 18], [18, 33]] as const;
const CANARY = 0xa5;
const INTERVAL_MS = 33;
/** So many frames come before one is looked at. */
const WARM_UP = 15;

let scene: VideoScene;
/** A received frame of each size, held until the end. */
const frames: SoraVideoFrame[] = [];

/** Sends one frame again and again, and gives the one that comes after the encoder has warmed up. */
async function transmit(width: number, height: number, send: () => void): Promise<SoraVideoFrame> {
  const timer = setInterval(send, INTERVAL_MS);
  const wanted = (frame: SoraVideoFrame) => frame.width === width && frame.height === height;
  try {
    for (let count = 0; count < WARM_UP; count++) (await nextFrame(scene.sink, wanted)).close();
    return await nextFrame(scene.sink, wanted);
  } finally {
    clearInterval(timer);
  }
}

before(async () => {
  scene = await VideoScene.open();
  for (const [width, height] of sizes) {
    const data = drawBand(width, height, 0b0101_1010);
    frames.push(
      await transmit(width, height, () => scene.source.onCaptured(data, { width, height })),
    );
  }
});

after(async () => {
  for (const frame of frames) frame.close();
  await scene[Symbol.asyncDispose]();
});

/** A layout of a frame, with so many bytes between rows. */
function layoutOf({ width, height }: SoraVideoFrame, format: SoraPixelFormat, gap: number) {
  return { width, height, format, stride: rowBytes(format, width) + gap };
}

/** For each byte of a frame in memory, whether it is one of its samples: those that drawing black and white both set. */
function samples(layout: ReturnType<typeof layoutOf>): boolean[] {
  const bgr = new Uint8Array(layout.width * layout.height * 3);
  const [zeros, ones] = [0, 255].map((value) => {
    const bytes = new Uint8Array(frameBytes(layout)).fill(value);
    encodePixels(bgr, layout, bytes);
    return bytes;
  });
  return Array.from(zeros ?? [], (byte, at) => byte === ones?.[at]);
}

for (const format of formats) {
  test(`copyTo and data give ${format} as a conversion by the book, within 2 levels`, () => {
    for (const frame of frames) {
      const i420 = frame.data("I420");
      const reference = decodePixels(i420, layoutOf(frame, "I420", 0));
      const tight = layoutOf(frame, format, 0);
      const whole = frame.data(format);
      assert.equal(whole.byteLength, frameBytes(tight));
      assert.deepEqual(frame.data(format, { untilClose: true }), whole);
      const pixels = decodePixels(whole, tight);
      // Planes are the same samples; the others are computed.
      const allowed = format === "I420" || format === "NV12" ? 0 : 2;
      const most = pixels.reduce(
        (most, value, at) => Math.max(most, Math.abs(value - (reference[at] ?? 0))),
        0,
      );
      assert.ok(most <= allowed, `${most} levels at ${frame.width}x${frame.height}`);
      if (rowBytes(format, 1) === 4) {
        assert.ok(whole.every((value, at) => at % 4 !== 3 || value === 255), "opaque");
      }
      for (const gap of gaps) {
        const layout = layoutOf(frame, format, gap);
        const buffer = new Uint8Array(frameBytes(layout));
        assert.equal(frame.copyTo(buffer, { format, stride: layout.stride }), buffer.length);
        assert.deepEqual(decodePixels(buffer, layout), pixels);
      }
    }
  });
}

/** Where a frame lies in a buffer: bytes before it and behind it, and between its rows. */
const placement = {
  format: fc.constantFrom(...formats),
  gap: fc.nat(40),
  offset: fc.nat(17),
  behind: fc.nat(9),
  /** Which part of the bytes is missing. */
  missing: fc.double({ min: 0, max: 1, noNaN: true }),
};

test("copyTo: bytes around the frame stay, and what is too short is refused with the numbers", () => {
  const property = fc.property(
    fc.record({ ...placement, frame: fc.constantFrom(...frames.keys()) }),
    ({ format, gap, offset, behind, missing, frame: index }) => {
      const frame = frames[index]!;
      const layout = layoutOf(frame, format, gap);
      const bytes = frameBytes(layout);
      const options = { format, ...(gap === 0 ? {} : { stride: layout.stride }) };
      const buffer = new Uint8Array(offset + bytes + behind).fill(CANARY);
      const short = bytes - 1 - Math.floor(missing * (bytes - 1));
      assert.throws(() => frame.copyTo(new Uint8Array(buffer.buffer, offset, short), options), {
        name: "RangeError",
        message: new RegExp(`^buffer has ${short} bytes, but a ${format} .* has ${bytes}$`),
      });
      assert.ok(buffer.every((byte) => byte === CANARY), "nothing was written");
      assert.equal(frame.copyTo(new Uint8Array(buffer.buffer, offset), options), bytes);
      assert.deepEqual(
        decodePixels(buffer.subarray(offset, offset + bytes), layout),
        decodePixels(frame.data(format), layoutOf(frame, format, 0)),
      );
      const own = samples(layout);
      const foreign = buffer.filter((_, at) => own[at - offset] !== true);
      assert.equal(foreign.length, offset + behind + own.filter((sample) => !sample).length);
      assert.ok(foreign.every((byte) => byte === CANARY), "bytes around it and between its rows");
    },
  );
  fc.assert(property, { numRuns: 150 });
});

test("onCaptured: any size, stride and offset is taken, and a wrong length is refused with the numbers", () => {
  const property = fc.property(
    fc.record({
      ...placement,
      width: fc.integer({ min: 2, max: 90 }),
      height: fc.integer({ min: 2, max: 90 }),
    }),
    ({ format, gap, offset, behind, missing, width, height }) => {
      const layout = { width, height, format, stride: rowBytes(format, width) + gap };
      const bytes = frameBytes(layout);
      const options = { width, height, format, ...(gap === 0 ? {} : { stride: layout.stride }) };
      const buffer = new Uint8Array(offset + bytes + behind).fill(CANARY);
      const refused = (given: number) =>
        assert.throws(
          () => scene.source.onCaptured(new Uint8Array(buffer.buffer, offset, given), options),
          {
            name: "RangeError",
            message: new RegExp(
              `^data has ${given} bytes, but a ${format} frame of ${width}x${height}.* has ${bytes}$`,
            ),
          },
        );
      refused(bytes - 1 - Math.floor(missing * (bytes - 1)));
      scene.source.onCaptured(new Uint8Array(buffer.buffer, offset, bytes), options);
      if (behind === 0) return;
      // With a stride it may be a part of something larger.
      if (gap === 0) refused(bytes + behind);
      else scene.source.onCaptured(new Uint8Array(buffer.buffer, offset), options);
      assert.ok(buffer.every((byte) => byte === CANARY), "the frame stays as it was");
    },
  );
  fc.assert(property, { numRuns: 300 });
});

test("a part of a larger frame, to its last corner, is sent and received in place", async () => {
  const [width, height, number] = [160, 128, 0b1100_0101];
  const canvas = { width: 200, height: 150 };
  const start = ((canvas.height - height) * canvas.width + canvas.width - width) * 3;
  const stride = canvas.width * 3;
  const band = drawBand(width, height, number);
  const large = new Uint8Array(canvas.width * canvas.height * 3).fill(CANARY);
  encodePixels(band, { width, height, format: "BGR", stride }, large.subarray(start));
  const corner = large.subarray(start);
  assert.equal(corner.length, stride * (height - 1) + width * 3);

  using frame = await transmit(
    width,
    height,
    () => scene.source.onCaptured(corner, { width, height, stride }),
  );
  const pixels = frame.data();
  assert.equal(readBand(width, height, pixels), number);
  assert.ok(psnr(pixels, band) >= 30);

  const shown = new Uint8Array(large.length).fill(CANARY);
  assert.equal(frame.copyTo(shown.subarray(start), { stride }), corner.length);
  const expected = new Uint8Array(large.length).fill(CANARY);
  encodePixels(pixels, { width, height, format: "BGR", stride }, expected.subarray(start));
  assert.deepEqual(shown, expected);
});

test("copyTo and data refuse a short buffer and wrong options", () => {
  const frame = frames[0]!;
  const bytes = 176 * 144 * 3;
  assert.throws(() => frame.copyTo(new Uint8Array(bytes - 1)), {
    name: "RangeError",
    message: `buffer has ${bytes - 1} bytes, but a BGR frame of 176x144 has ${bytes}`,
  });
  const wrong: [RegExp, () => unknown][] = [
    [/^options\.format /, () => frame.copyTo(new Uint8Array(bytes), { format: "GRAY" as never })],
    [/^options\.stride /, () => frame.copyTo(new Uint8Array(bytes), { stride: 527 })],
    [/^options\.upright /, () => frame.copyTo(new Uint8Array(bytes), { upright: 1 as never })],
    [/^buffer must be a Uint8Array/, () => frame.copyTo(new Float32Array(bytes) as never)],
    [/^data\.format /, () => frame.data("GRAY" as never)],
    [/^data\.upright /, () => frame.data("BGR", { upright: 1 as never })],
    [/^options\.turned /, () => frame.data("BGR", { turned: true } as never)],
  ];
  for (const [message, call] of wrong) {
    assert.throws(call, { name: /^(Type|Range)Error$/, message });
  }
});
