import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeWav, encodeWav, readY4m, wavHeader, y4mFrame, y4mHeader } from "../../files/mod.ts";

const text = (value: string) => new TextEncoder().encode(value);

/** Bytes in pieces. */
async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += size) yield bytes.subarray(at, at + size);
}

function join(...parts: readonly Iterable<number>[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

test("encodeWav writes the bytes of the format, and decodeWav reads them", () => {
  const samples = Int16Array.of(0, 1, -1, 32_767, -32_768, 258);
  const file = encodeWav({ samples, sampleRate: 44_100, channels: 2 });
  // Written by hand: RIFF, size 36 + 12, WAVE, fmt, 16 bytes, PCM, 2 channels, 44,100 Hz, 176,400 bytes/s, 4, 16 bits.
  const expected = join(
    text("RIFF"),
    [48, 0, 0, 0],
    text("WAVEfmt "),
    [16, 0, 0, 0, 1, 0, 2, 0, 0x44, 0xac, 0, 0, 0x10, 0xb1, 2, 0, 4, 0, 16, 0],
    text("data"),
    [12, 0, 0, 0, 0, 0, 1, 0, 255, 255, 255, 127, 0, 128, 2, 1],
  );
  assert.deepEqual(file, expected);
  assert.deepEqual(decodeWav(file), { samples, sampleRate: 44_100, channels: 2 });
});

test("decodeWav takes other chunks, truncated files, and any byteOffset", () => {
  const file = encodeWav({ samples: Int16Array.of(1, 2, 3, 4), sampleRate: 8_000, channels: 2 });
  const list = join(text("LIST"), [3, 0, 0, 0, 9, 9, 9, 0]);
  const odd = join([7], file.subarray(0, 12), list, file.subarray(12, -1));
  assert.deepEqual([...decodeWav(odd.subarray(1)).samples], [1, 2]);
  const piped = join(wavHeader({ sampleRate: 8_000, channels: 1 }), [5, 0, 6, 0]);
  assert.deepEqual([...decodeWav(piped).samples], [5, 6]);
});

test("decodeWav refuses what it cannot read, at any length", () => {
  const file = encodeWav({ samples: Int16Array.of(1), sampleRate: 8_000, channels: 1 });
  for (let length = 0; length < 44; length++) {
    assert.throws(() => decodeWav(file.subarray(0, length)), TypeError);
  }
  const floats = file.slice();
  floats[20] = 3;
  assert.throws(() => decodeWav(floats), {
    name: "TypeError",
    message: "bytes must be 16-bit PCM, not format 3 with 16 bits and 1 channels",
  });
  assert.throws(
    () => encodeWav({ samples: Int16Array.of(1), sampleRate: 8_000, channels: 2 }),
    RangeError,
  );
});

test("y4mHeader and y4mFrame write what readY4m reads, in pieces of any size, odd sizes too", async () => {
  for (const [width, height, bytes] of [[4, 2, 12], [3, 5, 15 + 2 * 6]] as const) {
    const header = { width, height, frameRate: 30_000 / 1_001 };
    const frames = [0, 100].map((from) => Uint8Array.from({ length: bytes }, (_, i) => from + i));
    const file = join(y4mHeader(header), ...frames.map((frame) => y4mFrame(header, frame)));
    for (const size of [1, 7, 1_000]) {
      const video = await readY4m(pieces(file, size));
      assert.deepEqual(video.header, header);
      assert.deepEqual(await Array.fromAsync(video.frames), frames);
    }
    assert.throws(() => y4mFrame(header, new Uint8Array(bytes - 1)), RangeError);
  }
});

test("readY4m leaves out a truncated frame, and refuses other streams", async () => {
  const start = text("YUV4MPEG2 W2 H2 F25:1 Ip XYSCSS=420JPEG\nFRAME Ip\n");
  const cut = await readY4m(pieces(join(start, new Uint8Array(6), text("FRAME\n12345")), 9));
  assert.deepEqual(cut.header, { width: 2, height: 2, frameRate: 25 });
  assert.equal((await Array.fromAsync(cut.frames)).length, 1);
  const broken = await readY4m(pieces(join(start, new Uint8Array(6), text("frame\n")), 9));
  await assert.rejects(Array.fromAsync(broken.frames), {
    name: "TypeError",
    message: /^Each frame in chunks must start with FRAME$/,
  });
  const others = [
    ["", /^chunks must be YUV4MPEG2, which starts with/],
    ["RIFF....WAVE\n", /^chunks must be YUV4MPEG2, which starts with/],
    ["YUV4MPEG2 W2 H2 F25:1 C444\n", /not C444/],
    ["YUV4MPEG2 W2 H2 F25:1 C420p10\n", /not C420p10/],
    [
      "YUV4MPEG2 W2 H2\n",
      /^The frame rate in chunks must be above 0 and at most 1000, not undefined$/,
    ],
    ["YUV4MPEG2 W0 H2 F25:1\n", /^The width in chunks must be an integer from 1 to 16384, not 0$/],
    [
      "YUV4MPEG2 W2 H99999 F25:1\n",
      /^The height in chunks must be an integer from 1 to 16384, not 99999$/,
    ],
    ["x".repeat(2_000), /^chunks must be YUV4MPEG2, whose lines/],
  ] as const;
  for (const [stream, message] of others) {
    await assert.rejects(readY4m(pieces(text(stream), 500)), { name: "TypeError", message });
  }
});
