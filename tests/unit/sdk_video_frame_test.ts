import assert from "node:assert/strict";
import { test } from "node:test";
import { type SoraVideoFrame, SoraVideoSink } from "../../mod.ts";
import { VideoFormat, VideoInfo } from "../../ffi/constants.ts";
import type { NativeFunctions } from "../../ffi/binding.ts";
import { FrameMemory } from "../../sdk/video/frame_memory.ts";
import { FrameSizes } from "../../sdk/video/pixel_format.ts";
import { FakeMedia } from "../support/fake_media.ts";

/** Bytes of every frame here. */
const BYTES = 12;

/** Frames whose pixels are the bytes 1, 2, 3 and so on; of any format there are as many as this. */
class Scene {
  bytes = BYTES;
  readonly sink: SoraVideoSink;
  readonly #media: FakeMedia;

  constructor() {
    this.#media = new FakeMedia({
      sora_video_frame_size: (format) => this.bytes * format,
      sora_video_frame_copy: (_frame, _format, buffer) => {
        (buffer as Uint8Array).forEach((_, at, all) => all[at] = at + 1);
        return 0;
      },
      sora_video_frame_transfer: (frame, info) => {
        (info as Float64Array)[VideoInfo.FRAME] = frame;
        return 0;
      },
    });
    this.sink = new SoraVideoSink(this.#media.track("video"));
  }

  async next(): Promise<SoraVideoFrame> {
    const next = this.sink[Symbol.asyncIterator]().next();
    this.#media.give();
    const { value } = await next;
    return value!;
  }
}

const receiveFrame = () => new Scene().next();

const pixels = Uint8Array.from({ length: BYTES }, (_, i) => i + 1);

test("SoraVideoFrame.data gives memory that may be reused back, with the pixels", async () => {
  using frame = await receiveFrame();
  const own = frame.data("BGR", { reuse: undefined });
  assert.deepEqual(own, pixels);
  assert.notEqual(frame.data().buffer, own.buffer);
  own.fill(0);
  assert.equal(frame.data("BGR", { reuse: own }), own);
  assert.deepEqual(own, pixels);
});

test("SoraVideoFrame.data takes a part of memory that is longer, and leaves what is shorter alone", async () => {
  using frame = await receiveFrame();
  const memory = new Uint8Array(32).fill(0xee);
  const part = frame.data("BGR", { reuse: memory.subarray(5) });
  assert.deepEqual([part.buffer, part.byteOffset, part.length], [memory.buffer, 5, BYTES]);
  assert.deepEqual(part, pixels);
  assert.ok([...memory.subarray(0, 5), ...memory.subarray(5 + BYTES)].every((b) => b === 0xee));
  const short = new Uint8Array(BYTES - 1).fill(0xee);
  assert.deepEqual(frame.data("BGR", { reuse: short }), pixels);
  assert.ok(short.every((byte) => byte === 0xee));
  for (const wrong of [new ArrayBuffer(64), [], 64]) {
    assert.throws(() => frame.data("BGR", { reuse: wrong as never }), {
      name: "TypeError",
      message: /^options\.reuse must be a Uint8Array, not /,
    });
  }
});

test("SoraVideoFrame.data with untilClose gives the sink's memory until the frame is closed, then to the next frame", async () => {
  const scene = new Scene();
  const first = await scene.next();
  const borrowed = first.data("BGR", { untilClose: true });
  assert.deepEqual(borrowed, pixels);
  const other = first.data("RGB", { untilClose: true });
  assert.equal(other.length, BYTES * VideoFormat.RGB);
  const own = first.data();
  first.close();
  first.close();
  assert.deepEqual([borrowed.length, borrowed.buffer.detached, other.length], [0, true, 0]);
  assert.deepEqual(own, pixels);

  using second = await scene.next();
  assert.deepEqual(second.data("BGR", { untilClose: true }), pixels);
  assert.deepEqual([borrowed.length, borrowed[0]], [0, undefined]);
});

test("SoraVideoFrame.data with untilClose takes the same few buffers again and again", () => {
  const memory = new FrameMemory();
  const marks = new Set<number>();
  for (let frame = 0; frame < 100; frame++) {
    const buffers = [memory.take(BYTES), memory.take(BYTES)];
    for (const buffer of buffers) {
      const bytes = new Uint8Array(buffer);
      // A new buffer has zeros.
      if (bytes[0] === 0) bytes[0] = marks.size + 1;
      marks.add(bytes[0] ?? 0);
    }
    for (const buffer of buffers) memory.give(buffer);
  }
  assert.deepEqual([...marks], [1, 2]);
});

test("FrameMemory keeps no more than 4 buffers, those of the sizes that came last, and none once it is closed", () => {
  const memory = new FrameMemory();
  const kept = (bytes: number) => new Uint8Array(memory.take(bytes))[0] === 1;
  for (const bytes of [1, 2, 3, 4, 5, 6]) memory.give(new Uint8Array(bytes).fill(1).buffer);
  assert.deepEqual([6, 5, 4, 3, 2, 1].map(kept), [true, true, true, true, false, false]);
  const [early, late] = [new ArrayBuffer(8), new Uint8Array(8).fill(1).buffer];
  memory.give(early);
  memory.close();
  memory.give(late);
  assert.ok(late.detached);
  assert.equal(kept(8), false);
});

test("SoraVideoFrame.data with untilClose: pixels that were transferred to another thread are gone, for the sink too", async () => {
  const scene = new Scene();
  const first = await scene.next();
  const { buffer } = first.data("BGR", { untilClose: true });
  const away = structuredClone(buffer, { transfer: [buffer] });
  first.close();
  assert.deepEqual(new Uint8Array(away), pixels);
  using second = await scene.next();
  assert.notEqual(second.data("BGR", { untilClose: true }).buffer, away);
});

test("SoraVideoFrame.transfer takes the pixels of untilClose back; the frame that comes of it has memory of its thread", async () => {
  const first = await new Scene().next();
  const borrowed = first.data("BGR", { untilClose: true });
  first.transfer();
  assert.equal(borrowed.length, 0);
  assert.throws(() => first.data("BGR", { untilClose: true }), { code: "CLOSED" });
});

test("SoraVideoFrame.data refuses untilClose together with reuse, and what is no boolean", async () => {
  using frame = await receiveFrame();
  const message = "options.untilClose must not be true together with options.reuse";
  assert.throws(
    () => frame.data("BGR", { untilClose: true, reuse: new Uint8Array(BYTES) }),
    { name: "TypeError", message },
  );
  frame.data("BGR", { untilClose: false, reuse: new Uint8Array(BYTES) });
  assert.throws(
    () => frame.data("BGR", { untilClose: 1 as never }),
    { name: "TypeError", message: "options.untilClose must be a boolean, not 1" },
  );
});

test("FrameSizes asks the library once for frames of one layout, and again for another", () => {
  const asked: number[][] = [];
  const functions = {
    sora_video_frame_size: (...layout: number[]) => asked.push(layout),
  } as unknown as NativeFunctions;
  const sizes = new FrameSizes();
  const layouts = [
    [{}, 4, 2],
    [{ format: "BGR", stride: undefined }, 4, 2],
    [{ format: "RGBA" }, 4, 2],
    [{ format: "RGBA", stride: 20 }, 4, 2],
    [{ format: "RGBA", stride: 20 }, 4, 3],
    [{ format: "RGBA", stride: 20 }, 5, 3],
    [{ format: "RGBA", stride: 20 }, 5, 3],
  ] as const;
  const bytes = layouts.map(([layout, width, height]) =>
    sizes.of(functions, layout, width, height, "options").bytes
  );
  assert.deepEqual(bytes, [1, 1, 2, 3, 4, 5, 5]);
  assert.deepEqual(asked, [[1, 4, 2, 0], [4, 4, 2, 0], [4, 4, 2, 20], [4, 4, 3, 20], [
    4,
    5,
    3,
    20,
  ]]);
  assert.throws(() => sizes.of(functions, { format: "RGBA", stride: 19 }, 5, 3, "options"), {
    name: "RangeError",
  });
});
