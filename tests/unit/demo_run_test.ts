import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Progress, table } from "../../demo/display.ts";
import { type Figures, isTooSlow, judge, misses } from "../../demo/figures.ts";
import { measure, type Records } from "../../demo/measure.ts";
import { Clip } from "../../demo/media.ts";
import { findOpenH264 } from "../../demo/openh264.ts";
import { readOptions } from "../../demo/options.ts";
import { pace } from "../../demo/pacer.ts";
import { Problem } from "../../demo/problem.ts";
import type { Receiver } from "../../demo/receiver.ts";
import { AudioRecording, FrameRecording } from "../../demo/recording.ts";
import type { Sender } from "../../demo/sender.ts";

const folder = mkdtempSync(join(tmpdir(), "sora-ffi-test-"));
after(() => rmSync(folder, { recursive: true }));

const good: Figures = {
  runtime: "deno",
  framesSent: 300,
  framesReceived: 291,
  fps: 29,
  latencyMsP50: 60,
  latencyMsP95: 500,
  psnrDb: 30,
  audioCorrelation: 0.8,
  connectMs: 900,
  firstFrameMs: 900,
  bitRateKbps: 1,
  codec: "VP8",
  encoderImplementation: "libvpx",
  decoderImplementation: "libvpx",
};

test("pace keeps to the clock although its timers are late", async () => {
  let now = 1_000;
  const ticks: [string, number, number, number][] = [];
  const beat = (name: string, perSecond: number) => ({
    perSecond,
    tick: (index: number, dueMs: number) => {
      ticks.push([name, index, dueMs, now]);
      if (name === "slow" && index === 2) now += 35;
    },
  });
  await pace([beat("slow", 50), beat("fast", 100)], 1_000, () => now >= 1_100, {
    now: () => now,
    sleep: (ms) => {
      now += ms + 3;
      return Promise.resolve();
    },
  });
  for (const [name, index, dueMs, at] of ticks) {
    assert.equal(dueMs, 1_000 + index * (name === "slow" ? 20 : 10));
    assert.ok(at >= dueMs, `${name} ${index} came too early`);
  }
  assert.deepEqual(ticks.map(([, , dueMs]) => dueMs), ticks.map((tick) => tick[2]).sort());
  assert.equal(ticks.filter(([name]) => name === "slow").length, 5);
  assert.equal(ticks.filter(([name]) => name === "fast").length, 10);
});

test("pace ends with what a tick throws", async () => {
  const error = new Error("no more");
  const tick = () => {
    throw error;
  };
  await assert.rejects(pace([{ perSecond: 1, tick }], performance.now(), () => false), error);
});

test("readOptions fills in defaults and names the wrong option", () => {
  assert.deepEqual(readOptions([]), {
    input: undefined,
    seconds: 10,
    codec: "VP8",
    openh264: undefined,
    bitRate: 2_500,
    out: "out",
    strict: false,
  });
  const args = ["--input", "a.mp4", "--seconds=12", "--codec", "vp9", "--bit-rate", "900"];
  assert.deepEqual(readOptions([...args, "--out", "there", "--strict"]), {
    input: "a.mp4",
    seconds: 12,
    codec: "VP9",
    openh264: undefined,
    bitRate: 900,
    out: "there",
    strict: true,
  });
  const h264 = readOptions(["--codec", "h264", "--openh264", "libopenh264.so"]);
  assert.deepEqual([h264?.codec, h264?.openh264], ["H264", "libopenh264.so"]);
  assert.equal(readOptions(["--help"]), undefined);
  const wrong = [["--seconds", "0"], ["--seconds", "1e1"], ["--codec", "H999"], ["--colour", "1"]];
  for (const [name = "", value = ""] of wrong) {
    assert.throws(
      () => readOptions([name, value]),
      (error) => error instanceof Problem && error.message.includes(name),
    );
  }
});

test("findOpenH264 prefers SORA_OPENH264 to the newest library that was fetched", () => {
  const fetched = new Map([["2.6.0", "/new.so"], ["2.3.1", "/old.so"]]);
  assert.equal(findOpenH264({ SORA_OPENH264: "/named.so" }, fetched), "/named.so");
  assert.equal(findOpenH264({ SORA_OPENH264: "" }, fetched), "/new.so");
  assert.throws(
    () => findOpenH264({}, new Map()),
    (error) => error instanceof Problem && /--openh264 or SORA_OPENH264/.test(error.message),
  );
});

test("Clip reads the frames of a YUV4MPEG2 file", () => {
  const path = join(folder, "clip.y4m");
  const bytes = 128 * 48 * 3 / 2;
  const frames = [1, 2, 3].flatMap((luma) => [
    new TextEncoder().encode("FRAME\n"),
    new Uint8Array(bytes).fill(luma),
  ]);
  const header = new TextEncoder().encode("YUV4MPEG2 W128 H48 F30:1 Ip A1:1 C420jpeg\n");
  writeFileSync(path, new Uint8Array([header, ...frames].flatMap((part) => [...part])));
  using clip = new Clip(path);
  assert.deepEqual([clip.width, clip.height, clip.length], [128, 48, 3]);
  const frame = new Uint8Array(clip.frameBytes);
  for (const index of [2, 0, 1]) {
    clip.read(index, frame);
    assert.ok(frame.every((one) => one === index + 1));
  }
});

test("Clip refuses a file without a frame and frames too small for the barcode", () => {
  const path = join(folder, "wrong.y4m");
  for (
    const text of ["", "YUV4MPEG2 W640 H480\n", "RIFF", "YUV4MPEG2 W4 H2\nFRAME\n0123456789ab"]
  ) {
    writeFileSync(path, text);
    assert.throws(() => new Clip(path), Problem);
  }
});

test("FrameRecording puts frames in their places and fills gaps with the frame before", () => {
  using recording = new FrameRecording(join(folder, "frames.yuv"), 6, 5);
  const frame = new Uint8Array(6);
  for (const number of [40, 43, 41]) assert.ok(recording.write(number, frame.fill(number)));
  assert.ok(!recording.write(39, frame), "before the first");
  assert.ok(!recording.write(45, frame), "beyond the capacity");
  assert.deepEqual([recording.first, recording.length], [40, 4]);
  recording.fillGaps((number) => number !== 42);
  const read = [40, 41, 42, 43].map((number) => {
    recording.read(number, frame);
    return frame[5];
  });
  assert.deepEqual(read, [40, 41, 41, 43]);
});

test("AudioRecording knows when its audio began and keeps no more than its capacity", () => {
  const recording = new AudioRecording(1);
  assert.equal(recording.since(500).length, 0);
  recording.add(new Int16Array(480).fill(1), 510);
  recording.add(new Int16Array(96_000).fill(2), 600);
  // The first sample arrived, or would have in real time, 10 ms before its block was complete.
  assert.deepEqual([...recording.since(500).subarray(479, 481)], [1, 2]);
  assert.equal(recording.since(500).length, 48_000);
  assert.equal(recording.since(505)[239], 1);
  assert.equal(recording.since(505)[240], 2);
  assert.deepEqual([...recording.since(499).subarray(47, 49)], [0, 1]);
  assert.equal(recording.since(499).length, 48_048);
});

/** The records of a run of 8 s with a tone, of which these frames and the first `audioMs` of the tone arrived. */
function recordsOf(numbers: readonly number[], audioMs: number): Records {
  const video = new FrameRecording(join(folder, "run.yuv"), 6, 240);
  const frame = new Uint8Array(6).fill(100);
  for (const number of numbers) video.write(number, frame);
  const tone = Int16Array.from({ length: 8 * 48_000 }, (_, at) => 9_000 * Math.sin(at / 17));
  const audio = new AudioRecording(10);
  // It arrived in blocks of 10 ms, 40 ms after it was sent.
  for (let at = 0; at < audioMs; at += 10) {
    audio.add(tone.subarray(at * 48, (at + 10) * 48), at + 50);
  }
  const sender = {
    frames: 240,
    sentMs: (number: number) => number * 1_000 / 30,
    frame: (_: number, into: Uint8Array) => into.fill(101),
    audio: (fromMs: number) => tone.subarray(Math.round(fromMs * 48)),
  } as unknown as Sender;
  const receiver = {
    firstMs: 33,
    lastMs: 33 + 7_967,
    receivedMs: new Map(numbers.map((number) => [number, number * 1_000 / 30 + 33])),
    unreadable: 240 - numbers.length,
  } as unknown as Receiver;
  const exchange = { connectMs: 20, firstFrameMs: 60, senderStats: [], receiverStats: [] };
  return { sender, receiver, video, audio, exchange };
}

const everyFrame = Array.from({ length: 240 }, (_, number) => number);

test("measure computes the figures of a run", () => {
  const figures = measure(recordsOf(everyFrame, 8_000));
  assert.deepEqual([figures.framesSent, figures.framesReceived, figures.fps], [240, 240, 30]);
  assert.deepEqual([figures.latencyMsP50, figures.latencyMsP95], [33, 33]);
  // One level everywhere: 20 log10(255).
  assert.equal(figures.psnrDb, 48.13);
  assert.ok((figures.audioCorrelation ?? 0) > 0.95, String(figures.audioCorrelation));
  assert.equal(misses(judge(figures)), "");
});

test("measure misses audio that never arrived, and audio that stopped before the end", () => {
  for (const audioMs of [0, 500, 5_000]) {
    const figures = measure(recordsOf(everyFrame, audioMs));
    const value = figures.audioCorrelation;
    assert.ok(value !== null && value <= audioMs / 8_000 + 0.1, `${audioMs} ms: ${value}`);
    assert.match(misses(judge(figures)), /^Audio correlation must be ≥ 0\.8, not 0\.\d{3}$/);
  }
});

test("measure reports that no frame's number is readable", () => {
  assert.throws(
    () => measure(recordsOf([], 8_000)),
    (error) => error instanceof Problem && /none of the 240 frames.*--bit-rate/.test(error.message),
  );
});

test("judge holds each figure against its limit, and accepts a figure at its limit", () => {
  assert.equal(misses(judge(good)), "");
  assert.equal(misses(judge({ ...good, audioCorrelation: null })), "", "silence was sent");
  const bad: [Partial<Figures>, RegExp][] = [
    [{ framesReceived: 290 }, /^Frames received must be ≥ 97 %, not 290 \(96\.7 %\)$/],
    [{ fps: 28.99 }, /^Frame rate must be ≥ 29 fps, not 28\.99 fps/],
    [{ latencyMsP50: 60.1 }, /^Latency p50 must be ≤ 60 ms, not 60\.1 ms/],
    [{ psnrDb: 29.9 }, /^PSNR must be ≥ 30 dB, not 29\.9 dB/],
    [{ audioCorrelation: 0.79 }, /^Audio correlation must be ≥ 0\.8, not 0\.790/],
    [{ audioCorrelation: 0 }, /^Audio correlation must be ≥ 0\.8, not 0\.000/],
    [{ fps: NaN }, /^Frame rate must be ≥ 29 fps, not NaN/],
  ];
  for (const [change, message] of bad) assert.match(misses(judge({ ...good, ...change })), message);
});

test("isTooSlow takes rate, share and latency for the machine's, and nothing else", () => {
  const slow = (change: Partial<Figures>) => isTooSlow(judge({ ...good, ...change }));
  assert.equal(slow({}), false);
  assert.equal(slow({ fps: 18, framesReceived: 180, latencyMsP50: 300 }), true);
  assert.equal(slow({ latencyMsP50: 61 }), true);
  assert.equal(slow({ fps: 18, psnrDb: 12 }), false);
  assert.equal(slow({ audioCorrelation: 0.1 }), false);
});

test("table marks a figure that misses its limit", () => {
  const lines = table(judge({ ...good, psnrDb: 12 })).split("\n");
  const line = (name: string) => lines.find((text) => text.includes(name)) ?? "";
  assert.match(line("PSNR"), /12\.0 dB +≥ 30 dB +MISSED$/);
  assert.match(line("Frame rate"), /29\.00 fps +≥ 29 fps +ok$/);
  assert.match(line("Latency p95"), /500\.0 ms$/);
});

test("Progress draws a bar on a terminal and writes a few lines elsewhere", () => {
  const shown = (isTTY: boolean) => {
    let text = "";
    const bar = new Progress({ isTTY, write: (more) => text += more });
    for (let step = 0; step <= 100; step++) bar.show(step / 100, `step ${step}`);
    bar.end();
    return text;
  };
  assert.match(
    shown(true),
    /\r\[#{20}\.{20}\] {2}50 % {2}step 50.*\r\[#{40}\] 100 % {2}step 100.*\n$/s,
  );
  assert.deepEqual(shown(false).match(/step \d+\n/g)?.map((text) => parseInt(text.slice(5))), [
    0,
    20,
    40,
    60,
    80,
    100,
  ]);
});
