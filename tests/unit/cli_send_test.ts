/** `sora-ffi send`: its sources, its test picture and its figures, without a connection. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { FlowMeter } from "../../cli/connection/flow.ts";
import { flowText, Progress } from "../../cli/connection/progress.ts";
import { run } from "../../cli/run.ts";
import { type FeedTarget, Pace } from "../../cli/send/feed.ts";
import { openFeed, parseSources } from "../../cli/send/source.ts";
import { TestFeed } from "../../cli/send/test_feed.ts";
import { BARS, TestPicture } from "../../cli/send/test_picture.ts";
import type { SoraStats } from "../../mod.ts";

/** Runs a command line, and gives its exit code and what it printed about it. */
async function outcome(...args: readonly string[]) {
  let stderr = "";
  const code = await run(args, {
    stdout: { write: () => assert.fail("it printed a result") },
    stderr: { write: (text) => stderr += text },
    signal: new AbortController().signal,
  });
  return { code, stderr };
}

const wrong: readonly (readonly [args: readonly string[], message: RegExp])[] = [
  [["a", "b", "c"], /^Unexpected argument 'c': "sora-ffi send --help" lists the options\n$/],
  [[""], /^SOURCE must not be empty\n$/],
  [["testsrc", "pulse:default"], /^testsrc has video and audio: it must be the only source\n$/],
  [["a", "b", "--no-audio"], /^two sources are one of video and one of audio: leave one /],
  [["--no-audio", "--no-video"], /^--no-video and --no-audio exclude each other\n$/],
  [["--loop"], /^--loop is for files, and testsrc is none\n$/],
  [
    ["v4l2:/dev/video0", "--start", "1"],
    /^--start is for files, and v4l2:\/dev\/video0 is none\n$/,
  ],
  [["--size", "640"], /^--size must be a width and a height .*, not "640"\n$/],
  [["--fps", "0"], /^--fps must be a number from 1 to 120, not 0\n$/],
  [["--duration", "0"], /^--duration must be a number from 0\.1 to 31536000, not 0\n$/],
  [["--video-codec", "MPEG"], /^--video-codec must be one of "VP8", .*, not "MPEG"\n$/],
  [["--metadata", "{"], /^--metadata must be JSON\n$/],
];
for (const [args, message] of wrong) {
  test(`send with wrong usage says so in a sentence: ${JSON.stringify(args)}`, async () => {
    const { code, stderr } = await outcome("send", ...args);
    assert.match(stderr, message);
    assert.equal(code, 2);
  });
}

test("a file that is not there is a sentence and exit code 1, before anything is connected", async () => {
  assert.deepEqual(await outcome("send", "/nowhere/clip.mp4"), {
    code: 1,
    stderr:
      "ffmpeg could not read /nowhere/clip.mp4: file:/nowhere/clip.mp4: No such file or directory\n",
  });
});

test("parseSources tells files, URLs and devices apart", () => {
  const only = (word: string) => {
    const [{ input, isLive } = assert.fail()] = parseSources([word]);
    return [input, isLive];
  };
  assert.deepEqual(parseSources([]).map(({ word }) => word), ["testsrc"]);
  assert.deepEqual(only("testsrc"), [undefined, false]);
  assert.deepEqual(only("./testsrc"), ["./testsrc", false]);
  assert.deepEqual(only("a:b.mp4"), ["a:b.mp4", false]);
  assert.deepEqual(only("-x.mp4"), ["-x.mp4", false]);
  assert.deepEqual(only("v4l2:/dev/video0"), [{ format: "v4l2", input: "/dev/video0" }, true]);
  assert.deepEqual(only("./v4l2:x"), ["./v4l2:x", false]);
  assert.deepEqual(only("lavfi:sine"), [{ format: "lavfi", input: "sine" }, false]);
  assert.deepEqual(only("rtsp://camera/1"), [{ input: "rtsp://camera/1" }, true]);
});

for (const [width, height] of [[640, 360], [322, 242], [33, 17], [2, 2]] as const) {
  test(`TestPicture has its bars, its box and its flash: ${width}x${height}`, () => {
    const picture = new TestPicture({ width, height });
    const half = Math.ceil(width / 2);
    const bytes = width * height + 2 * half * Math.ceil(height / 2);
    const still = picture.draw(0, "00:00:00.0", false).slice();
    assert.equal(still.length, bytes);
    const data = picture.draw(100, "12:34:56.7", true);
    assert.equal(data, picture.data, "one buffer");
    const box = picture.boxOf(100);
    for (const [i, [y, u, v]] of BARS.entries()) {
      // The last row of the bars that are above the ramp, unless the box is there.
      const x = Math.floor((i + 0.5) * width / BARS.length);
      const row = Math.floor(height * 3 / 4) - 3;
      if (height < 100 || (row >= box.y && row < box.y + box.height)) continue;
      const chroma = width * height + (row >> 1) * half + (x >> 1);
      assert.deepEqual(
        [data[row * width + x], data[chroma], data[chroma + half * Math.ceil(height / 2)]],
        [y, u, v],
      );
    }
    if (height < 100) return;
    assert.equal(data[(box.y + 4) * width + box.x + 1], 235);
    // What moved on is as it was: both frames again are the same as before.
    assert.deepEqual(picture.draw(0, "00:00:00.0", false), still);
  });
}

test("a TestFeed gives frames and sound in real time, a flash with each beep", async () => {
  const ending = new AbortController();
  const feed = new TestFeed({ video: { width: 160, height: 90, frameRate: 30 }, audio: true });
  let frames = 0, blocks = 0, together = 0;
  let loud = false;
  const began = performance.now();
  const target: FeedTarget = {
    frame(data) {
      frames++;
      // The corner of the flash.
      if (data[6 * 160 + 6] === 235 && loud) together++;
    },
    block(samples, sampleRate, channels) {
      blocks++;
      loud = samples.some((sample) => Math.abs(sample) > 7_000);
      assert.deepEqual([samples.length, sampleRate, channels], [480, 48_000, 1]);
      if (blocks === 50) ending.abort();
    },
  };
  await feed.run(target, ending.signal);
  const ms = performance.now() - began;
  assert.ok(ms >= 480, `50 blocks of 10 ms in ${ms} ms`);
  assert.equal(frames, 15);
  assert.equal(together, 3, "frames of the first 100 ms");
});

test("openFeed makes what is wanted of the test picture", async () => {
  const options = {
    video: true,
    audio: true,
    size: undefined,
    fps: undefined,
    loop: false,
    startMs: undefined,
  };
  const { signal } = new AbortController();
  const feed = await openFeed(parseSources([]), options, signal);
  assert.deepEqual(feed.video, { width: 640, height: 360, frameRate: 30 });
  assert.deepEqual(feed.audio, { sampleRate: 48_000, channels: 1 });
  const size = { width: 320, height: 240 };
  const silent = await openFeed(
    parseSources([]),
    { ...options, size, fps: 15, audio: false },
    signal,
  );
  assert.deepEqual(silent.video, { ...size, frameRate: 15 });
  assert.equal(silent.audio, undefined);
});

test("openFeed takes video and audio of two inputs", async () => {
  const sources = parseSources(["lavfi:testsrc2=size=64x48:rate=10", "lavfi:sine"]);
  const { signal } = new AbortController();
  await using feed = await openFeed(sources, {
    video: true,
    audio: true,
    size: undefined,
    fps: undefined,
    loop: false,
    startMs: undefined,
  }, signal);
  assert.deepEqual(feed.video, { width: 64, height: 48, frameRate: 10 });
  assert.deepEqual(feed.audio, { sampleRate: 48_000, channels: 2 });
});

test("Pace does not make up for what was late", async () => {
  const pace = new Pace();
  const { signal } = new AbortController();
  const began = performance.now();
  await pace.until(0, signal);
  // As if a second had been lost: the one after is due 10 ms later, not at once.
  while (performance.now() - began < 300);
  await pace.until(10, signal);
  const late = performance.now();
  await pace.until(30, signal);
  assert.ok(performance.now() - late >= 18);
});

/** Statistics of a sender of two layers. */
function sent(timestamp: number, bytes: number, frames: number): SoraStats[] {
  const base = { timestamp, ssrc: 1, kind: "video", codecId: "C" } as const;
  return [
    { id: "C", timestamp, type: "codec", transportId: "T", payloadType: 96, mimeType: "video/VP9" },
    {
      ...base,
      id: "0",
      type: "outbound-rtp",
      bytesSent: bytes,
      headerBytesSent: 1_000,
      framesSent: frames,
      frameWidth: 320,
      frameHeight: 180,
    },
    {
      ...base,
      id: "1",
      type: "outbound-rtp",
      bytesSent: bytes,
      framesSent: frames,
      frameWidth: 640,
      frameHeight: 360,
    },
    { ...base, id: "R", type: "remote-inbound-rtp", fractionLost: 0.25 },
  ];
}

test("FlowMeter measures what flows between two calls", () => {
  const meter = new FlowMeter("outbound-rtp");
  meter.next(sent(1_000, 10_000, 30));
  const flow = meter.next(sent(3_000, 35_000, 80));
  assert.deepEqual(flow, {
    frames: 80,
    fps: 25,
    // Two layers with 25,000 bytes each, in two seconds.
    kbps: 200,
    codec: "VP9",
    width: 640,
    height: 360,
    rttMs: null,
    loss: 0.25,
  });
  assert.equal(flowText(flow), "VP9 640x360  25 fps  200 kbit/s  loss 25 %");
  assert.equal(
    flowText({ ...flow, codec: null, rttMs: 1.5, loss: null }),
    "200 kbit/s  RTT 1.5 ms",
  );
});

test("Progress is a line that changes on a terminal, and lines of JSON elsewhere", () => {
  const flow = new FlowMeter("inbound-rtp").next([]);
  let text = "";
  const write = (more: string) => text += more;
  {
    using progress = new Progress({ isTTY: true, columns: 20, write });
    progress.flow(flow, {}, "a text that is longer than the terminal is wide");
    progress.tell("a\u001b[2Jb", { event: "x" });
  }
  assert.equal(
    text,
    "\r\u001b[K0:00  0bit/s  a te…\r\u001b[Ka\\u001b[2Jb\n0:00  0bit/s  a te…\n",
  );
  text = "";
  {
    using progress = new Progress({ write });
    progress.tell("text", { event: "connected", channelId: "sora" });
    progress.flow(flow, { more: 1 });
  }
  const [connected, measured, rest] = text.split("\n");
  assert.deepEqual(JSON.parse(connected!), { event: "connected", channelId: "sora" });
  const { event, frames, loss, more } = JSON.parse(measured!);
  assert.deepEqual([event, frames, loss, more, rest], ["progress", 0, null, 1, ""]);
});
