/** Media that is written, and read again by others: ffmpeg, which the tests' set-up installs, and the readers of files. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { decodeWav, encodePng, readMedia, readY4m, writeMedia } from "../../files/mod.ts";
import { Scaler } from "../../files/scale.ts";

const folder = mkdtempSync(join(tmpdir(), "files-write-"));
after(() => rmSync(folder, { recursive: true }));

const [width, height] = [64, 48];
const SIZE = width * height * 3 / 2;
const STEREO = { sampleRate: 48_000, channels: 2 } as const;
const LOSSLESS = ["-c:v", "ffv1", "-c:a", "pcm_s16le"];

const luma = (n: number) => 20 + n * 8;

test("writeMedia writes frames and blocks at their times, from buffers that are used again", async () => {
  const path = join(folder, "-a b.mkv");
  const form = { video: { width, height, frameRate: 25 }, audio: STEREO, arguments: LOSSLESS };
  const writer = await writeMedia(path, form);
  const data = new Uint8Array(SIZE);
  const samples = new Int16Array(1_920 * 2);
  for (let n = 0; n < 25; n++) {
    // Both at once, as a receiver does.
    await Promise.all([
      writer.writeVideo({ data: data.fill(luma(n)), width, height, timestampMs: n * 40 + n % 3 }),
      writer.writeAudio({ samples: samples.fill(n * 100), timestampMs: n * 40 }),
    ]);
  }
  assert.deepEqual([writer.frames, writer.samples], [25, 48_000]);
  await writer.close();
  await writer.close();
  const late = { data, width, height, timestampMs: 1_000 };
  await assert.rejects(writer.writeVideo(late), { code: "CLOSED" });

  await using media = await readMedia(path);
  const [lumas, levels]: [number[], number[]] = [[], []];
  for await (const item of media) {
    if (item.kind === "video") lumas.push(item.data[100]!);
    else levels.push(item.samples[100]!);
  }
  assert.deepEqual(lumas, [...Array(25).keys()].map(luma));
  // Four blocks of 10 ms to a frame of 40 ms.
  assert.deepEqual(levels, [...Array(100).keys()].map((n) => Math.floor(n / 4) * 100));
});

test("writeMedia encodes as the ending of the name says", async () => {
  const path = join(folder, "clip.mp4");
  await using writer = await writeMedia(path, { video: { width, height }, audio: STEREO });
  const data = new Uint8Array(SIZE).fill(128);
  for (let n = 0; n < 30; n++) {
    await writer.writeVideo({ data, width, height, timestampMs: n * 1_000 / 30 });
    await writer.writeAudio({ samples: new Int16Array(3_200), timestampMs: n * 1_000 / 30 });
  }
  await writer.close();
  const entries = "format=format_name:stream=codec_name,width,height,nb_frames";
  const { stdout } = spawnSync(
    "ffprobe",
    ["-v", "error", "-show_entries", entries, "-of", "json", path],
    { encoding: "utf8" },
  );
  const { format, streams } = JSON.parse(stdout);
  assert.match(format.format_name, /mp4/);
  assert.deepEqual(
    [streams[0].codec_name, streams[0].width, streams[0].height, streams[0].nb_frames],
    ["h264", 64, 48, "30"],
  );
  assert.equal(streams[1].codec_name, "aac");
});

test("writeMedia writes YUV4MPEG2 at a constant rate, pauses shortened", async () => {
  const path = join(folder, "clip.y4m");
  {
    await using writer = await writeMedia(path, {
      video: { width, height, frameRate: 10 },
      ffmpeg: "/nowhere/ffmpeg",
    });
    // Two in one place, the second of which is left out; then a gap of two frames; then a minute's pause.
    const times = [5_000, 5_010, 5_103, 5_400, 65_400];
    for (const [n, timestampMs] of times.entries()) {
      await writer.writeVideo({
        data: new Uint8Array(SIZE).fill(luma(n)),
        width,
        height,
        timestampMs,
      });
    }
  }
  const { header, frames } = await readY4m(createReadStream(path));
  assert.deepEqual(header, { width, height, frameRate: 10 });
  const lumas: number[] = [];
  for await (const frame of frames) lumas.push(frame[0]!);
  assert.deepEqual(lumas.slice(0, 5), [0, 2, 3, 3, 3].map(luma));
  const rest = lumas.slice(5);
  assert.ok(rest.every((value) => value === luma(4)));
  // 10 s at 10 frames per second.
  assert.ok(Math.abs(rest.length - 100) <= 1, `${rest.length} frames`);
});

test("writeMedia writes WAVE with its length", async () => {
  const path = join(folder, "tone.wav");
  const samples = Int16Array.from({ length: 960 }, (_, i) => i * 30);
  {
    await using writer = await writeMedia(path, { audio: STEREO, ffmpeg: "/nowhere/ffmpeg" });
    await writer.writeAudio({ samples: samples.subarray(0, 400), timestampMs: 0 });
    await writer.writeAudio({ samples: samples.subarray(400), timestampMs: 5 });
  }
  const file = readFileSync(path);
  assert.equal(file.readUInt32LE(40), 1_920);
  assert.deepEqual(decodeWav(file), { samples, ...STEREO });
});

test("writeMedia scales frames of another size, with black beside them", () => {
  const scaler = new Scaler({ width: 40, height: 20 });
  // Twice as large: white on the left, black on the right.
  const twice = { width: 80, height: 40 };
  const data = new Uint8Array(80 * 40 * 3 / 2).fill(128);
  for (let i = 0; i < 80 * 40; i++) data[i] = i % 80 < 40 ? 235 : 16;
  const half = scaler.scale(data, twice);
  assert.deepEqual([half[0], half[18], half[21], half[39]], [235, 235, 16, 16]);
  assert.ok(half.subarray(800).every((value) => value === 128));
  // A square of grey in the middle.
  const square = scaler.scale(new Uint8Array(10 * 10 * 3 / 2).fill(90), { width: 10, height: 10 });
  const row = [...square.subarray(400, 440)];
  assert.deepEqual([row[0], row[9], row[10], row[29], row[30]], [16, 16, 90, 90, 16]);
  const chroma = [...square.subarray(800, 820)];
  assert.deepEqual([chroma[0], chroma[4], chroma[5], chroma[14], chroma[15]], [
    128,
    128,
    90,
    90,
    128,
  ]);
  assert.equal(scaler.scale(data, twice), half, "one buffer");
});

test("a frame of another size fits the file", async () => {
  const path = join(folder, "sizes.mkv");
  {
    await using writer = await writeMedia(path, {
      video: { width, height, frameRate: 10 },
      arguments: LOSSLESS,
    });
    for (const [n, size] of [64, 128, 32].entries()) {
      const [w, h] = [size, size * 3 / 4];
      const data = new Uint8Array(w * h * 3 / 2).fill(luma(n));
      await writer.writeVideo({ data, width: w, height: h, timestampMs: n * 100 });
    }
  }
  await using media = await readMedia(path);
  const lumas: number[] = [];
  for await (const item of media) if (item.kind === "video") lumas.push(item.data[1_000]!);
  assert.deepEqual(lumas, [0, 1, 2].map(luma));
});

const video = { width, height };
const refused: readonly (readonly [Parameters<typeof writeMedia>, object])[] = [
  [["x.mp4", {}], { name: "TypeError", message: "options.video or options.audio must be given" }],
  [["", { video }], { name: "RangeError", message: "output must not be empty" }],
  [["x.y4m", { video, audio: STEREO }], {
    name: "TypeError",
    message: "options.audio must be left out: y4m has video alone",
  }],
  [["x.wav", { video }], { name: "TypeError", message: /^options\.video must be left out: wav / }],
  [["x.mp4", { video: { width: 64, height: 0 } }], {
    name: "RangeError",
    message: "options.video.height must be an integer from 1 to 16384, not 0",
  }],
  [[{ format: "ogg" as never, write: () => Promise.resolve() }, { video }], {
    name: "TypeError",
    message: /^output\.format must be one of "y4m"/,
  }],
  [["x.mp4", { video, ffmpeg: "/nowhere/ffmpeg" }], { code: "FFMPEG_NOT_FOUND" }],
  [["/nowhere/x.wav", { audio: STEREO }], { code: "ENOENT" }],
];
for (const [args, error] of refused) {
  test(`writeMedia refuses ${JSON.stringify(args)}`, async () => {
    await assert.rejects(writeMedia(...args), error);
    assert.ok(!existsSync("x.y4m") && !existsSync("x.wav"));
  });
}

for (
  const [path, message] of [
    ["/nowhere/x.mp4", /^ffmpeg could not write \/nowhere\/x\.mp4: .*No such file or directory$/],
    [join(folder, "x.unknown"), /: its ending names no format that ffmpeg knows$/],
  ] as const
) {
  test(`a writer fails with the reason of ffmpeg: ${path.replace(folder, "")}`, async () => {
    const writing = async () => {
      await using writer = await writeMedia(path, { video });
      const data = new Uint8Array(SIZE);
      for (let n = 0; n < 1_000; n++) {
        await writer.writeVideo({ data, width, height, timestampMs: n * 33 });
      }
    };
    // Once, although what closes it fails for the same reason.
    await assert.rejects(writing, { name: "SoraError", code: "FFMPEG_FAILED", message });
  });
}

test("a writer fails where it is closed, or else where it is disposed of", async () => {
  const open = () => writeMedia("/nowhere/x.mp4", { video });
  const failure = { name: "SoraError", code: "FFMPEG_FAILED" };
  const closing = async () => {
    await using writer = await open();
    await writer.close();
  };
  await assert.rejects(closing, failure);
  const disposing = async () => {
    await using _writer = await writeMedia(join(folder, "empty.mp4"), { video });
  };
  await assert.rejects(disposing, { ...failure, message: /: nothing was given to it$/ });
});

test("a writer refuses frames and blocks that do not fit", async () => {
  const pipe = { format: "matroska", write: () => Promise.resolve() } as const;
  await using writer = await writeMedia(pipe, { video, audio: STEREO });
  const frame = { data: new Uint8Array(SIZE), width, height, timestampMs: 0 };
  await assert.rejects(writer.writeVideo({ ...frame, data: new Uint8Array(5) }), {
    name: "RangeError",
    message: "frame.data must have 4608 bytes (I420, 64x48), not 5",
  });
  await assert.rejects(writer.writeVideo({ ...frame, timestampMs: -1 }), RangeError);
  await assert.rejects(
    writer.writeAudio({ samples: new Int16Array(3), timestampMs: 0 }),
    /^RangeError: block\.samples must be a multiple of 2 \(channels\), not 3$/,
  );
  await using silent = await writeMedia(pipe, { video });
  const block = { samples: new Int16Array(2), timestampMs: 0 };
  await assert.rejects(silent.writeAudio(block), TypeError);
});

test("a writer that is aborted ends ffmpeg at once", async () => {
  const writer = await writeMedia(join(folder, "aborted.mp4"), { video });
  await writer.writeVideo({ data: new Uint8Array(SIZE), width, height, timestampMs: 0 });
  await writer.abort();
  const frame = { data: new Uint8Array(SIZE), width, height, timestampMs: 40 };
  await assert.rejects(writer.writeVideo(frame), { code: "CLOSED" });
  await writer.close();
});

test("encodePng writes what others read", () => {
  const rgb = Uint8Array.from({ length: 7 * 5 * 3 }, (_, i) => i * 37 % 256);
  const { stdout } = spawnSync(
    "ffmpeg",
    [
      "-v",
      "error",
      "-f",
      "png_pipe",
      "-i",
      "pipe:0",
      "-f",
      "rawvideo",
      "-pix_fmt",
      "rgb24",
      "pipe:1",
    ],
    { input: encodePng(rgb, { width: 7, height: 5 }) },
  );
  assert.deepEqual(new Uint8Array(stdout), rgb);
  assert.throws(() => encodePng(rgb, { width: 7, height: 6 }), {
    name: "RangeError",
    message: "rgb must have 126 bytes (7x6), not 105",
  });
});
