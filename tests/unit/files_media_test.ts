/** Media through ffmpeg, which the tests' set-up installs. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import { AviReader } from "../../files/avi.ts";
import { Bytes } from "../../files/bytes.ts";
import { type MediaItem, readMedia } from "../../files/mod.ts";
import { Child, onDeno } from "../support/child.ts";
import { eventually } from "../support/eventually.ts";

const folder = mkdtempSync(join(tmpdir(), "files-media-"));
after(() => rmSync(folder, { recursive: true }));

const WHITE = "color=c=white:size=66x50:rate=25:duration=1";
const TONE = "sine=frequency=440:sample_rate=48000:duration=1";
const ENDLESS = { format: "lavfi", input: "testsrc2=size=320x240:rate=30" };

/** Makes a file of a second of white and a tone. */
function makeFile(name: string, ...inputs: readonly string[]): string {
  const path = join(folder, name);
  const args = inputs.flatMap((input) => ["-f", "lavfi", "-i", input]);
  const { status, stderr } = spawnSync(
    "ffmpeg",
    ["-v", "error", ...args, "-c:v", "ffv1", "-c:a", "pcm_s16le", `file:${path}`],
    { encoding: "utf8" },
  );
  assert.equal(status, 0, stderr);
  return path;
}

const clip = makeFile("clip.mkv", WHITE, TONE);

/** Copies of the items, which are overwritten. */
async function itemsOf(...args: Parameters<typeof readMedia>): Promise<MediaItem[]> {
  await using media = await readMedia(...args);
  const items: MediaItem[] = [];
  for await (const item of media) {
    items.push(
      item.kind === "video"
        ? { ...item, data: item.data.slice() }
        : { ...item, samples: item.samples.slice() },
    );
  }
  return items;
}

const framesOf = (items: readonly MediaItem[]) => items.filter((item) => item.kind === "video");
const blocksOf = (items: readonly MediaItem[]) => items.filter((item) => item.kind === "audio");

/** The processes of ffmpeg that this process has started. */
function children(): number[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    try {
      const [, name, state, parent] =
        /^\d+ \((.*)\) (\w) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
      return name === "ffmpeg" && state !== "Z" && Number(parent) === process.pid;
    } catch {
      return false;
    }
  });
}

/** The bytes that a process has written. */
function written(pid: number): number {
  return Number(/^wchar: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, "utf8"))?.[1]);
}

test("readMedia gives the frames and the blocks of a file in the order of their time", async () => {
  await using media = await readMedia(clip);
  assert.deepEqual(media.video, { width: 66, height: 50, frameRate: 25 });
  assert.deepEqual(media.audio, { sampleRate: 48_000, channels: 2 });
  const items = await itemsOf(clip, { audio: { channels: 1 } });
  const frames = framesOf(items);
  assert.deepEqual(
    frames.map(({ timestampMs }) => timestampMs),
    [...Array(25).keys()].map((n) => n * 40),
  );
  for (const { data, width, height } of frames) {
    assert.deepEqual([width, height, data.length], [66, 50, 66 * 50 * 3 / 2]);
    // White in limited range (BT.601): Y 235, U and V 128.
    assert.ok(data.subarray(0, 66 * 50).every((y) => y === 235));
    assert.ok(data.subarray(66 * 50).every((c) => c === 128));
  }
  const blocks = blocksOf(items);
  assert.deepEqual(
    blocks.map(({ timestampMs }) => timestampMs),
    [...Array(100).keys()].map((n) => n * 10),
  );
  const samples = blocks.flatMap((block) => [...block.samples]);
  assert.equal(samples.length, 48_000);
  const rising = samples.filter((sample, i) => i > 0 && sample >= 0 && samples[i - 1]! < 0).length;
  assert.ok(rising >= 439 && rising <= 440, `${rising} periods in a second`);
  // No item is later than one that follows by more than the longer of the two lasts.
  for (const [i, { timestampMs }] of items.entries()) {
    assert.ok(timestampMs - (items[i + 1]?.timestampMs ?? Infinity) <= 40);
  }
});

test("readMedia scales, changes the rates, begins and ends where it is told, and repeats", async () => {
  const items = await itemsOf(clip, {
    video: { width: 32, frameRate: 10 },
    audio: { sampleRate: 16_000, channels: 1 },
    startMs: 500,
  });
  const frames = framesOf(items);
  assert.deepEqual([frames.length, frames[0]?.width, frames[0]?.height], [5, 32, 24]);
  const samples = blocksOf(items).reduce((sum, block) => sum + block.samples.length, 0);
  assert.ok(Math.abs(samples - 8_000) <= 16, `${samples} samples`);

  const looped = await itemsOf(clip, { loop: true, durationMs: 2_500, audio: { channels: 1 } });
  const times = framesOf(looped).map(({ timestampMs }) => timestampMs);
  assert.ok(Math.abs(times.length - 62) <= 2, `${times.length} frames`);
  assert.deepEqual(times, times.toSorted((a, b) => a - b));
  const length = blocksOf(looped).reduce((sum, block) => sum + block.samples.length, 0);
  assert.ok(Math.abs(length - 2.5 * 48_000) <= 4_800, `${length} samples`);
});

test("readMedia leaves out what there is not, and what is not wanted", async () => {
  const sound = makeFile("sound.wav", TONE);
  await using heard = await readMedia(sound);
  assert.deepEqual([heard.video, heard.audio?.sampleRate], [undefined, 48_000]);
  await using seen = await readMedia(clip, { audio: false });
  assert.deepEqual([seen.video?.width, seen.audio], [66, undefined]);
  assert.equal((await itemsOf(clip, { audio: false })).length, 25);
  await using silent = await readMedia({ format: "lavfi", input: WHITE });
  assert.deepEqual([silent.video?.width, silent.audio], [66, undefined]);
});

test("readMedia takes any path for what it is", async () => {
  const names = ["-y.mkv", "pipe:0.mkv", "a b;$(touch x)'\".mkv", "%d.mkv", "映像.mkv"];
  const here = process.cwd();
  process.chdir(folder);
  try {
    for (const name of names) {
      makeFile(name, WHITE);
      assert.equal((await itemsOf(name)).length, 25, name);
    }
  } finally {
    process.chdir(here);
  }
});

test("readMedia uses a few buffers again and again, and reads a few frames ahead", async () => {
  await using media = await readMedia(ENDLESS);
  const buffers = new Set<unknown>();
  let frames = 0;
  for await (const item of media) {
    assert.ok(item.kind === "video");
    buffers.add(item.data.buffer);
    if (++frames < 20) continue;
    const [pid] = children();
    let before = -1;
    let same = 0;
    await eventually("ffmpeg's waiting", () => {
      const now = written(pid!);
      same = now === before ? same + 1 : 0;
      before = now;
      return same === 20;
    });
    const bytes = 320 * 240 * 3 / 2;
    assert.ok(before < (frames + 20) * bytes, `${before / bytes} frames written`);
    break;
  }
  assert.ok(buffers.size <= 3, `${buffers.size} buffers`);
  assert.deepEqual(children(), [], "leaving the loop ends ffmpeg");
});

test("a MediaReader ends ffmpeg when it is disposed of, also before and during its loop", async () => {
  const unread = await readMedia(ENDLESS);
  assert.equal(children().length, 1);
  await unread[Symbol.asyncDispose]();
  assert.deepEqual(children(), []);
  await unread[Symbol.asyncDispose]();
  for await (const _ of unread) assert.fail("it has ended");

  const media = await readMedia(ENDLESS);
  let frames = 0;
  for await (const _ of media) {
    if (++frames === 5) void media[Symbol.asyncDispose]();
    // What was read ahead may still come.
    assert.ok(frames < 10);
  }
  assert.deepEqual(children(), []);
  assert.throws(() => media[Symbol.asyncIterator](), { code: "INVALID_STATE" });
});

test("readMedia that is aborted while it waits for its input ends ffmpeg", async () => {
  const pipe = join(folder, "pipe");
  assert.equal(spawnSync("mkfifo", [pipe]).status, 0);
  const aborting = new AbortController();
  const opened = readMedia(pipe, { signal: aborting.signal });
  await eventually("ffmpeg", () => children().length === 1);
  aborting.abort(new Error("enough"));
  await assert.rejects(opened, { message: "enough" });
  assert.deepEqual(children(), []);
  const { signal } = aborting;
  await assert.rejects(readMedia(clip, { signal }), { message: "enough" });
  assert.deepEqual(children(), []);
});

test("a loop over media fails when ffmpeg ends early", async () => {
  await using media = await readMedia(ENDLESS);
  const loop = async () => {
    for await (const _ of media) for (const pid of children()) process.kill(pid, "SIGKILL");
  };
  await assert.rejects(loop, {
    code: "FFMPEG_FAILED",
    message: "ffmpeg could not read lavfi testsrc2=size=320x240:rate=30: a signal ended it",
  });
});

const refused: readonly (readonly [Parameters<typeof readMedia>, object])[] = [
  [["/nowhere/clip.mp4"], {
    code: "FFMPEG_FAILED",
    message:
      "ffmpeg could not read /nowhere/clip.mp4: file:/nowhere/clip.mp4: No such file or directory",
  }],
  [[new URL(import.meta.url).pathname], { code: "FFMPEG_FAILED", message: /: Invalid data found/ }],
  [[clip, { ffmpeg: "/nowhere/ffmpeg" }], {
    code: "FFMPEG_NOT_FOUND",
    message: /^\/nowhere\/ffmpeg was not found in PATH: install ffmpeg/,
  }],
  [[{ format: "lavfi", input: TONE }, { video: true }], {
    code: "FFMPEG_FAILED",
    message: `ffmpeg could not read lavfi ${TONE}: it has no video`,
  }],
  [[{ format: "lavfi", input: TONE }, { audio: false }], {
    code: "FFMPEG_FAILED",
    message: `ffmpeg could not read lavfi ${TONE}: it has neither video nor audio`,
  }],
  [[{ input: "rtsp://user:secret@127.0.0.1:1/?key=secret" }], {
    code: "FFMPEG_FAILED",
    message:
      /^ffmpeg could not read rtsp:\/\/\*{3}@127\.0\.0\.1:1\/\?\*{3} rtsp:[^ ]*\*{3} Connection refused$/,
  }],
  [[""], { name: "RangeError", message: "input must not be empty" }],
  [[5 as never], {
    name: "TypeError",
    message: "input must be an object with input, not a number",
  }],
  [[clip, { video: false, audio: false }], { name: "TypeError" }],
  [[clip, { video: { width: 0 } }], {
    name: "RangeError",
    message: "options.video.width must be an integer from 1 to 16384, not 0",
  }],
  [[clip, { audio: { channels: 9 } }], {
    name: "RangeError",
    message: /^options\.audio\.channels /,
  }],
  [[clip, { loop: "yes" as never }], {
    name: "TypeError",
    message: 'options.loop must be a boolean, not "yes"',
  }],
];
for (const [args, error] of refused) {
  test(`readMedia refuses ${JSON.stringify(args).replace(folder, "")}`, async () => {
    await assert.rejects(readMedia(...args), error);
    assert.deepEqual(children(), []);
  });
}

test("AviReader refuses what is no AVI, and truncated headers", async () => {
  const { stdout } = spawnSync("ffmpeg", [
    ...["-v", "error", "-f", "lavfi", "-i", WHITE, "-c:v", "rawvideo", "-f", "avi", "pipe:1"],
  ]);
  const file = new Uint8Array(stdout);
  const read = (bytes: Uint8Array) =>
    new AviReader(
      new Bytes((async function* () {
        yield await Promise.resolve(bytes);
      })()),
    ).header();
  assert.deepEqual((await read(file))?.video, { number: 0, width: 66, height: 50, frameRate: 25 });
  const movi = stdout.indexOf("movi");
  for (let length = 0; length < movi; length += 7) {
    const outcome = await read(file.subarray(0, length)).catch((error) => error);
    assert.ok(outcome === undefined || outcome instanceof TypeError, `${length}: ${outcome}`);
  }
  const huge = file.slice();
  new DataView(huge.buffer).setUint32(stdout.indexOf("strf") + 4, 0x7fff_ffff, true);
  await assert.rejects(read(huge), { name: "TypeError", message: /strf has 2147483647 bytes$/ });
});

if (onDeno) {
  test("readMedia and writeMedia need --allow-run=ffmpeg and --allow-env, and say so", async () => {
    const program = new URL("../support/media_program.ts", import.meta.url);
    const output = join(folder, "permitted.mkv");
    const given = ["--no-prompt", "--allow-run=ffmpeg", "--allow-env"];
    await using child = new Child(program, [output], given);
    assert.equal((await child.ended()).code, 0, child.errors);
    assert.deepEqual(child.lines, ["25 frames"]);
    await using refused = new Child(program, [output], ["--no-prompt", "--allow-env"]);
    assert.notEqual((await refused.ended()).code, 0);
    assert.match(refused.errors, /NotCapable: Requires run access to "ffmpeg"/);
  });
}
