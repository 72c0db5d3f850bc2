import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { SoraVideoFrame, SoraVideoRotation } from "../../mod.ts";
import { eventually, pause, within } from "../support/eventually.ts";
import { nextFrame } from "../support/media_client.ts";
import { drawFrame, psnr, readNumber, turnFrame } from "../support/frame.ts";
import { decodePixels, rowBytes } from "../support/pixels.ts";
import { VideoScene } from "../support/video_scene.ts";

const GOOD_DB = 30;
const size = { width: 176, height: 144 };
const style = { ...size, turn: 2 };
const INTERVAL_MS = 33;

let scene: VideoScene;
before(async () => {
  scene = await VideoScene.open();
});
after(() => scene[Symbol.asyncDispose]());

/** Sends frame after frame, numbered, while `body` runs. */
async function whileSending<T>(
  send: (pixels: Uint8Array<ArrayBuffer>) => unknown,
  body: () => Promise<T>,
): Promise<T> {
  let number = 0;
  const timer = setInterval(() => send(drawFrame(style, ++number & 4_095)), INTERVAL_MS);
  try {
    return await body();
  } finally {
    clearInterval(timer);
  }
}

/** The next frame of a size, after so many others. */
async function frameAfter(
  count: number,
  wanted: (frame: SoraVideoFrame) => boolean,
): Promise<SoraVideoFrame> {
  for (let seen = 0; seen < count; seen++) (await nextFrame(scene.sink, wanted)).close();
  return nextFrame(scene.sink, wanted);
}

test("the id of a source is what statistics call it", async () => {
  const tracks = await eventually("statistics of the sources", async () => {
    const stats = await scene.sender.getStats();
    const sources = stats.filter((entry) => entry.type === "media-source");
    return sources.length === 2 &&
      sources.map(({ kind, trackIdentifier }) => [kind, trackIdentifier] as const);
  });
  const { source, audioSource } = scene;
  assert.notEqual(source.id, audioSource.id);
  assert.deepEqual(new Map(tracks), new Map([["audio", audioSource.id], ["video", source.id]]));
});

for (const rotation of [90, 180, 270] as const satisfies SoraVideoRotation[]) {
  test(`a frame to be rotated by ${rotation} degrees reports it, and is rotated on request`, async () => {
    const { width, height } = rotation === 180 ? size : { width: size.height, height: size.width };
    const send = (upright: Uint8Array) => {
      const data = turnFrame(upright, size.width, size.height, 360 - rotation);
      scene.source.onCaptured(data, { width, height, rotation });
    };
    await whileSending(send, async () => {
      using frame = await frameAfter(30, (frame) => frame.rotation === rotation);
      assert.deepEqual([frame.width, frame.height], [width, height]);
      assert.deepEqual([frame.displayWidth, frame.displayHeight], [size.width, size.height]);
      const upright = frame.data("BGR", { upright: true });
      const quality = psnr(upright, drawFrame(style, readNumber(style, upright)));
      assert.ok(quality >= GOOD_DB, `${quality.toFixed(1)} dB`);
      // Unmodified: the same, pixel for pixel, when it is rotated here.
      assert.deepEqual(upright, turnFrame(frame.data(), width, height, rotation));

      for (const format of ["RGBA", "I420", "NV12"] as const) {
        const whole = frame.data(format, { upright: true });
        const tight = { ...size, format, stride: rowBytes(format, size.width) };
        assert.ok(psnr(decodePixels(whole, tight), upright) >= 35, format);
        const stride = tight.stride + 6;
        const spaced = new Uint8Array(whole.length * 2);
        const written = frame.copyTo(spaced, { format, stride, upright: true });
        const layout = { ...tight, stride };
        assert.deepEqual(
          decodePixels(spaced.subarray(0, written), layout),
          decodePixels(whole, tight),
        );
      }
      assert.throws(() => frame.copyTo(new Uint8Array(3), { upright: true }), {
        name: "RangeError",
        message: "buffer has 3 bytes, but a BGR frame of 176x144 has 76032",
      });
    });
  });
}

test("setEnabled(false) of a source sends black frames, and true the others again", async () => {
  const blackest = (frame: SoraVideoFrame) => {
    const i420 = frame.data("I420");
    const luma = frame.width * frame.height;
    const [y, chroma] = [i420.subarray(0, luma), i420.subarray(luma)];
    return y.every((value) => value <= 20) &&
      chroma.every((value) => Math.abs(value - 128) <= 4);
  };
  const send = (data: Uint8Array<ArrayBuffer>) => scene.source.onCaptured(data, size);
  await whileSending(send, async () => {
    const upright = ({ rotation }: SoraVideoFrame) => rotation === 0;
    using before = await frameAfter(5, upright);
    assert.equal(blackest(before), false);
    scene.source.setEnabled(false);
    assert.equal(scene.source.enabled, false);
    await nextFrame(scene.sink, blackest).then((frame) => frame.close());
    for (let count = 0; count < 10; count++) {
      using frame = await nextFrame(scene.sink);
      assert.deepEqual([frame.width, frame.height], [size.width, size.height]);
      assert.ok(blackest(frame), `frame ${count} after the first black one`);
    }
    scene.source.setEnabled(true);
    using after = await nextFrame(scene.sink, (frame) => !blackest(frame));
    assert.deepEqual([after.width, after.height], [size.width, size.height]);
  });
});

test("one clip after the other is piped to writable, and every frame arrives", async () => {
  const ends = await scene.connect("clips");
  const arrived: number[] = [];
  const watching = (async () => {
    for await (const received of ends.sink) {
      using frame = received;
      arrived.push(readNumber(style, frame.data()));
      if (arrived.at(-1) === 60) return;
    }
  })();
  // What is sent before the first key frame does not arrive.
  const begin = setInterval(() => ends.source.onCaptured(drawFrame(style, 0), size), INTERVAL_MS);
  await eventually("the first frame", () => arrived.length > 0);
  clearInterval(begin);
  for (const first of [1, 21, 41]) {
    const clip = Array.from({ length: 20 }, (_, i) => ({
      ...size,
      data: drawFrame(style, first + i),
      timestampUs: i * INTERVAL_MS * 1_000,
    }));
    await ReadableStream.from(clip).pipeTo(ends.source.writable);
  }
  await within("the last frame", watching);
  // A busy machine may lose one or another, but no clip.
  for (const first of [1, 21, 41]) {
    const numbers = arrived.filter((number) => number >= first && number < first + 20);
    assert.ok(numbers.length >= 15, `${numbers.length} of 20 frames from ${first} on arrived`);
  }
});

test("received frames are sent on through writable: as they are, closed, and as far apart", async () => {
  const relay = await scene.connect("relay");
  const rotation = 90;
  const send = (data: Uint8Array<ArrayBuffer>) =>
    scene.source.onCaptured(data, { ...size, rotation });
  const numbered = (frame: SoraVideoFrame) => readNumber(style, frame.data());
  const LATE_US = 200_000;
  const EVERY = 10;
  /** After so many the clocks of the relay know each other. */
  const WARM = 30;

  await whileSending(send, async () => {
    const writer = relay.source.writable.getWriter();
    /** When each frame that was sent on was captured, by number. */
    const sent = new Map<number, number>();
    /** The same of those that came out of the relay, by its own clock. */
    const arrived = new Map<number, number>();
    /** Those that were held back on their way. */
    const late = new Set<number>();
    let done = false;

    const forward = async () => {
      let nextUs = 0;
      while (!done) {
        const frame = await nextFrame(
          scene.sink,
          (frame) => frame.rotation === rotation && frame.timestampUs >= nextUs,
        );
        const number = numbered(frame);
        sent.set(number, frame.timestampUs);
        if (sent.size > WARM && sent.size % EVERY === 0) {
          late.add(number);
          // Those that come meanwhile are left out, or the encoder would leave this one out.
          nextUs = frame.timestampUs + 2 * LATE_US;
          // The frame is to be late.
          await pause(LATE_US / 1_000);
        }
        await writer.write(frame);
        assert.throws(() => frame.data(), { code: "CLOSED" });
      }
    };
    const watch = async () => {
      await eventually("frames that were late, at the end of the relay", async () => {
        using frame = await nextFrame(relay.sink);
        assert.deepEqual([frame.width, frame.height], [size.width, size.height]);
        assert.equal(frame.rotation, rotation);
        const number = numbered(frame);
        assert.ok(sent.has(number), `frame ${number} was sent`);
        arrived.set(number, frame.timestampUs);
        return [...late].filter((number) => arrived.has(number)).length >= 3;
      }, 20_000).finally(() => done = true);
    };
    await Promise.all([forward(), watch()]);
    const numbers = [...arrived.keys()];
    for (const [index, number] of numbers.entries()) {
      if (!late.has(number)) continue;
      const gap = (times: ReadonlyMap<number, number>) =>
        (times.get(number) ?? 0) - (times.get(numbers[index - 1] ?? 0) ?? 0);
      const error = Math.abs(gap(arrived) - gap(sent));
      assert.ok(error < LATE_US / 2, `${gap(sent)} µs apart, ${gap(arrived)} µs after the relay`);
    }
    await writer.close();
  });
});
