import assert from "node:assert/strict";
import { test } from "node:test";
import { type SoraVideoFrame, SoraVideoSink } from "../../mod.ts";
import { FakeMedia } from "../support/fake_media.ts";

/** Bytes of every frame here. */
const BYTES = 12;

/** A frame whose pixels are the bytes 1, 2, 3 and so on. */
async function receiveFrame(): Promise<SoraVideoFrame> {
  const media = new FakeMedia({
    sora_video_frame_size: () => BYTES,
    sora_video_frame_copy: (_frame, _format, buffer) => {
      (buffer as Uint8Array).set(pixels);
      return 0;
    },
  });
  const next = new SoraVideoSink(media.track("video"))[Symbol.asyncIterator]().next();
  media.give();
  const { value } = await next;
  return value!;
}

const pixels = Uint8Array.from({ length: BYTES }, (_, i) => i + 1);

test("SoraVideoFrame.data gives memory that may be reused back, with the pixels", async () => {
  using frame = await receiveFrame();
  const own = frame.data("BGR", { reuse: undefined });
  assert.deepEqual(own, pixels);
  assert.notEqual(frame.data().buffer, own.buffer);
  own.fill(0);
  assert.equal(frame.data("RGB", { reuse: own }), own);
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
