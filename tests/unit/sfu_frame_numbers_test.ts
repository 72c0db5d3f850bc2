/** Frame numbers over several layers: what each codec's packets say, and that every way through the layers is without a gap. */

import { strict as assert } from "node:assert";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { seededRandom } from "../../base/random.ts";
import { FRAME_MARK_READERS, FrameMark } from "../../sfu/rtp/frame_mark.ts";
import { FrameNumbers, LayerFrameNumbers } from "../../sfu/rtp/frame_numbers.ts";
import { received } from "../support/fake_transport.ts";

/** A packet with this payload, and a dependency descriptor if one is given. */
function packet(payload: readonly number[], descriptor: readonly number[] = []) {
  const header = [0x80, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1];
  if (descriptor.length > 0) {
    header[0] = 0x90;
    const words = Math.ceil((descriptor.length + 2) / 4);
    header.push(0x10, 0x00, 0, words, 10, descriptor.length, ...descriptor);
    while (header.length < 16 + words * 4) header.push(0);
  }
  return received(Buffer.from([...header, ...payload]));
}

interface Marks {
  readonly key: boolean;
  readonly picture?: number;
  readonly bits?: number;
  readonly tl0?: number;
}

const frames: [
  codec: string,
  what: string,
  payload: number[],
  marks: Marks,
  descriptor?: number[],
][] = [
  ["VP8", "a key frame with 15 bits and TL0PICIDX", [0x90, 0xe0, 0x92, 0x34, 7, 0x20, 0], {
    key: true,
    picture: 0x1234,
    bits: 15,
    tl0: 7,
  }],
  ["VP8", "a frame with 7 bits", [0x90, 0x80, 0x12, 0x01], { key: false, picture: 0x12, bits: 7 }],
  ["VP8", "the second packet of a key frame", [0x80, 0x80, 0x12, 0x00], {
    key: false,
    picture: 0x12,
    bits: 7,
  }],
  ["VP8", "a key frame's second partition", [0x91, 0x80, 0x12, 0x00], {
    key: false,
    picture: 0x12,
    bits: 7,
  }],
  ["VP8", "a key frame without extensions", [0x10, 0x00], { key: true }],
  ["VP8", "an X bit whose extensions are cut off", [0x90, 0xe0, 0x92], { key: false }],
  ["VP8", "one byte", [0x10], { key: false }],
  ["VP9", "a key frame", [0x88, 0x92, 0x34, 0, 0, 0], { key: true, picture: 0x1234, bits: 15 }],
  ["VP9", "a frame with layers", [0xe8, 0x12, 0x20, 9, 0, 0], {
    key: false,
    picture: 0x12,
    bits: 7,
    tl0: 9,
  }],
  ["VP9", "a key frame in flexible mode, which has no TL0PICIDX", [0xb8, 0x12, 0, 9, 0, 0], {
    key: true,
    picture: 0x12,
    bits: 7,
  }],
  ["VP9", "the upper layer of a key frame", [0xa8, 0x12, 0x02, 9, 0, 0], {
    key: false,
    picture: 0x12,
    bits: 7,
    tl0: 9,
  }],
  ["VP9", "the end of a key frame", [0x84, 0x92, 0x34, 0, 0, 0], {
    key: false,
    picture: 0x1234,
    bits: 15,
  }],
  ["VP9", "a short packet", [0x88, 0x92], { key: false }],
  ["AV1", "a key frame", [0x08, 0], { key: true, picture: 0x1234, bits: 16 }, [
    0x80,
    0x12,
    0x34,
    0x80,
  ]],
  ["AV1", "a frame", [0x00, 0], { key: false, picture: 0xffff, bits: 16 }, [0xc1, 0xff, 0xff]],
  ["AV1", "a later packet of a key frame", [0x80, 0], { key: false, picture: 1, bits: 16 }, [
    0x40,
    0,
    1,
  ]],
  ["AV1", "a key frame without a descriptor", [0x18, 0], { key: true }],
  ["AV1", "a descriptor that is too short", [0x10, 0], { key: false }, [0x80, 1]],
  ["AV1", "nothing", [], { key: false }],
  ["H264", "parameter sets", [0x67, 0x42], { key: true }],
  ["H264", "parameter sets together", [0x78, 0, 2, 0x67, 1, 0, 1, 0x68], { key: true }],
  ["H264", "others together", [0x78, 0, 2, 0x61, 1, 0, 1, 0x68], { key: false }],
  ["H264", "a picture of a key frame, whose parameter sets came before", [0x65, 1], { key: false }],
  ["H264", "a length that is too large", [0x78, 0xff, 0xff, 0x61, 0x67], { key: false }],
  ["H265", "a video parameter set", [0x40, 1, 2], { key: true }],
  ["H265", "parameter sets together", [0x60, 1, 0, 2, 0x40, 1, 0, 2, 0x42, 1], { key: true }],
  ["H265", "a picture", [0x02, 1, 2], { key: false }],
];
for (const [codec, what, payload, { key, picture = 0, bits = 0, tl0 }, descriptor] of frames) {
  test(`FrameMark of ${codec}: ${what}`, () => {
    const mark = new FrameMark();
    mark.read(packet(payload, descriptor), FRAME_MARK_READERS.get(codec)!);
    assert.deepEqual(
      [mark.startsKeyFrame, mark.picture, mark.pictureBits, mark.tl0At > 0 ? mark.tl0 : undefined],
      [key, picture, bits, tl0],
    );
  });
}

/** Payloads of one codec with a number, and how numbers are read back. */
interface Format {
  readonly bits: number;
  write(key: boolean, picture: number, tl0: number): ReturnType<typeof packet>;
}

const formats: Readonly<Record<string, Format>> = {
  VP8: {
    bits: 15,
    write: (key, picture, tl0) =>
      packet([0x90, 0xe0, 0x80 | (picture >> 8), picture & 0xff, tl0, 0, key ? 0 : 1, 0]),
  },
  VP9: {
    bits: 15,
    write: (key, picture, tl0) =>
      packet([key ? 0xa8 : 0xe8, 0x80 | (picture >> 8), picture & 0xff, 0, tl0, 0, 0]),
  },
  AV1: {
    bits: 16,
    write: (key, picture) =>
      packet([0, 0], [0x80, picture >> 8, picture & 0xff, ...(key ? [0x80] : [])]),
  },
};

for (const [codec, { bits, write }] of Object.entries(formats)) {
  test(`LayerFrameNumbers of ${codec}: whichever layers a receiver goes through, only key frames follow a gap`, () => {
    const random = seededRandom(7);
    const pick = (count: number) => Math.floor(random() * count);
    const limit = 2 ** bits;
    const mark = new FrameMark();
    const reader = FRAME_MARK_READERS.get(codec)!;
    const track = new FrameNumbers();
    const layers = [0, 1, 2].map(() => ({
      numbers: new LayerFrameNumbers(track, reader),
      // Close to where they wrap.
      picture: limit - pick(200) - 1,
      tl0: 200 + pick(56),
      started: false,
    }));
    // Many receivers, each at a layer from a key frame on.
    const receivers = Array.from({ length: 8 }, () => ({
      layer: -1,
      wants: 0,
      picture: -1,
      tl0: -1,
    }));
    let switches = 0;
    for (let frame = 0; frame < 20_000; frame++) {
      const index = pick(3);
      const layer = layers[index]!;
      const key = !layer.started || pick(40) === 0;
      layer.started = true;
      layer.picture = (layer.picture + 1) % limit;
      layer.tl0 = (layer.tl0 + 1) & 0xff;
      const one = write(key, layer.picture, layer.tl0);
      assert.equal(layer.numbers.rewrite(one, true), true);
      assert.equal(one.startsKeyFrame, key);
      mark.read(one, reader);
      for (const receiver of receivers) {
        if (pick(100) === 0) receiver.wants = pick(3);
        if (key && receiver.wants === index && receiver.layer !== index) {
          receiver.layer = index;
          switches++;
        }
        if (receiver.layer !== index) continue;
        const step = (mark.picture - receiver.picture + limit) % limit;
        if (receiver.picture >= 0) {
          assert.ok(key ? step >= 1 && step < limit / 2 : step === 1, `${key}, step ${step}`);
          const tl0Step = (mark.tl0 - receiver.tl0 + 256) % 256;
          if (bits === 15) assert.ok(key ? tl0Step >= 1 && tl0Step < 128 : tl0Step === 1);
        }
        receiver.picture = mark.picture;
        receiver.tl0 = mark.tl0;
      }
    }
    assert.ok(switches > 300, `${switches}`);
  });

  test(`LayerFrameNumbers of ${codec}: late packets get the numbers of their frame, before and after a key frame`, () => {
    const mark = new FrameMark();
    const reader = FRAME_MARK_READERS.get(codec)!;
    const track = new FrameNumbers();
    const [own, other] = [
      new LayerFrameNumbers(track, reader),
      new LayerFrameNumbers(track, reader),
    ];
    const rewritten = (numbers: LayerFrameNumbers, key: boolean, picture: number, late = false) => {
      const one = write(key, picture, picture & 0xff);
      if (!numbers.rewrite(one, !late)) return undefined;
      mark.read(one, reader);
      return [mark.picture, one.startsKeyFrame];
    };
    assert.deepEqual(rewritten(own, true, 10), [10, true]);
    assert.deepEqual(rewritten(own, false, 11), [11, false]);
    for (let picture = 500; picture < 520; picture++) rewritten(other, picture === 500, picture);
    const [first] = rewritten(own, true, 20)!;
    assert.ok(Number(first) > 11 + 20);
    assert.deepEqual(rewritten(own, false, 22), [Number(first) + 2, false]);
    assert.deepEqual(rewritten(own, false, 21, true), [Number(first) + 1, false]);
    assert.deepEqual(rewritten(own, false, 12, true), [12, false]);
    // A key frame of which a later packet came before its first one is nobody's to switch to.
    assert.deepEqual(rewritten(own, false, 30), [Number(first) + 10, false]);
    assert.deepEqual(rewritten(own, true, 30, true), [Number(first) + 10, false]);
    assert.equal(rewritten(own, false, 9, true), undefined, "before the first key frame");
  });
}

test("LayerFrameNumbers: whatever bytes come, no packet grows, and its fixed header stays", () => {
  const random = seededRandom(3);
  const byte = () => Math.floor(random() * 256);
  for (const [codec, reader] of FRAME_MARK_READERS) {
    const numbers = new LayerFrameNumbers(new FrameNumbers(), reader);
    for (let round = 0; round < 3_000; round++) {
      const payload = Array.from({ length: Math.floor(random() * 12) }, byte);
      const descriptor = Array.from({ length: Math.floor(random() * 6) }, byte);
      const one = packet(payload, descriptor);
      // Behind the packet is another one's memory.
      const end = one.offset + one.size;
      one.bytes.fill(0xa5, end, end + 16);
      const header = Buffer.from(one.bytes.subarray(one.offset, one.offset + 12));
      numbers.rewrite(one, random() < 0.7);
      assert.deepEqual(Buffer.from(one.bytes.subarray(one.offset, one.offset + 12)), header, codec);
      assert.ok(one.bytes.subarray(end, end + 16).every((value) => value === 0xa5), codec);
    }
  }
});
