/** `sora-ffi send` and `sora-ffi receive` as programs, through an embedded server. */

import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { BARS } from "../../cli/send/test_picture.ts";
import { decodeWav, type MediaVideoFrame, readMedia } from "../../files/mod.ts";
import { SoraServer, type SoraServerEvent } from "../../sfu/mod.ts";
import { CANARY, countCanaries } from "../support/canary.ts";
import { Child, onDeno } from "../support/child.ts";
import { eventually } from "../support/eventually.ts";

const main = new URL("../../cli/mod.ts", import.meta.url);
const folder = mkdtempSync(join(tmpdir(), "cli-media-"));
const events: SoraServerEvent[] = [];
const server = await SoraServer.start({ port: 0, onEvent: (event) => events.push(event) });
after(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

/** Starts a command in a channel. */
function start(command: string, channelId: string, ...args: readonly string[]): Child {
  const where = ["--signaling-url", server.url, "--channel-id", channelId];
  return new Child(main, [command, ...args, ...where]);
}

/** Runs a line of a shell while this process goes on, which has the server. */
function shell(line: string): Promise<string> {
  return new Promise((resolve, reject) =>
    execFile(
      "sh",
      ["-c", line],
      { timeout: 25_000 },
      (error, stdout) => error ? reject(error) : resolve(stdout),
    )
  );
}

const flags = onDeno ? "run --quiet --no-check -A" : "";
const program = `'${process.execPath}' ${flags} '${fileURLToPath(main)}'`;

const [width, height] = [320, 240];
const testSource = ["testsrc", "--size", `${width}x${height}`, "--fps", "15"];

/** What a command has reported, as JSON. */
const reportsOf = ({ lines }: Child) => lines.map((line) => JSON.parse(line));

/** Luma and chroma of a place. */
function colourAt({ data }: { readonly data: Uint8Array }, x: number, y: number): number[] {
  const chroma = width * height + (y >> 1) * (width / 2) + (x >> 1);
  return [data[y * width + x]!, data[chroma]!, data[chroma + width * height / 4]!];
}

/** The frames of a file as copies, and its samples. */
async function contentsOf(path: string, hasAudio = false) {
  await using media = await readMedia(path, { audio: hasAudio && { channels: 1 } });
  const frames: MediaVideoFrame[] = [];
  const samples: number[] = [];
  for await (const item of media) {
    if (item.kind === "video") frames.push({ ...item, data: item.data.slice() });
    else samples.push(...item.samples);
  }
  return { frames, samples };
}

/** That a frame has the bars, in the row above the ramp where neither the box nor the clock is. */
function assertBars(frame: MediaVideoFrame): void {
  assert.deepEqual([frame.width, frame.height], [width, height]);
  let right = 0;
  for (const [i, colour] of BARS.entries()) {
    const found = colourAt(frame, Math.floor((i + 0.5) * width / BARS.length), 170);
    if (found.every((value, c) => Math.abs(value - colour[c]!) < 20)) right++;
  }
  // The box may stand on one of them, or between two.
  assert.ok(right >= BARS.length - 2, `${right} of ${BARS.length} bars are right`);
}

test("what testsrc sends is in the mp4 that receive writes, which Ctrl-C finishes", async () => {
  await using sender = start("send", "clip", ...testSource);
  const file = join(folder, "clip.mp4");
  await using receiver = start("receive", "clip", "--output", file);
  await eventually(
    "two seconds of it",
    () =>
      reportsOf(receiver).some(({ event, recorded }) =>
        event === "progress" && recorded.frames >= 30 && recorded.audioSeconds >= 2
      ),
    25_000,
  );
  receiver.kill("SIGINT");
  assert.equal((await receiver.ended()).code, 0, receiver.errors);
  const { event, frames } = reportsOf(receiver).at(-1);
  assert.equal(event, "ended");

  const contents = await contentsOf(file, true);
  // The file has a constant rate, twice that of the sender.
  assert.ok(contents.frames.length >= frames, `${contents.frames.length} frames in the file`);
  for (const frame of contents.frames.slice(15)) assertBars(frame);
  // The clock ticks and the box moves: no frame stands for all.
  const different = new Set(contents.frames.map(({ data }) => data.join()));
  assert.ok(different.size > 10, `${different.size} different frames`);
  // A beep of 1 kHz for a tenth of each second.
  const loud = contents.samples.filter((sample) => Math.abs(sample) > 2_000).length;
  const share = loud / contents.samples.length;
  assert.ok(share > 0.03 && share < 0.15, `${share} of the time is loud`);
  const at = contents.samples.findIndex((sample, i) => i > 4_800 && sample > 4_000) + 480;
  const beep = contents.samples.slice(at, at + 960);
  const periods = beep.filter((sample, i) => i > 0 && sample >= 0 && beep[i - 1]! < 0).length;
  assert.ok(periods >= 19 && periods <= 21, `${periods} periods in 20 ms`);

  sender.kill("SIGTERM");
  assert.equal((await sender.ended()).code, 0, sender.errors);
  const [first, last] = [reportsOf(sender)[0], reportsOf(sender).at(-1)];
  assert.deepEqual([first.event, first.video.width, first.channelId], ["connected", 320, "clip"]);
  assert.deepEqual([last.event, last.reason], ["ended", "interrupted"]);
  const left = await eventually(
    "its leaving",
    () =>
      events.find((event) =>
        event.event === "connection.destroyed" && event.connectionId === first.connectionId
      ),
  );
  assert.equal("reason" in left && left.reason, "TYPE-DISCONNECT");
});

test("receive writes y4m, wav, a sheet and a pipe, and ends where it is told", async () => {
  await using _sender = start("send", "kinds", ...testSource);
  const path = (name: string) => join(folder, name);
  const children = [
    start("receive", "kinds", "--output", path("a.y4m"), "--frames", "15"),
    start("receive", "kinds", "--output", path("a.wav"), "--duration", "1.2"),
    start("receive", "kinds", "--output", path("a.png"), "--frames", "2", "--every", "0.2"),
  ];
  for (const child of children) {
    await using one = child;
    assert.equal((await one.ended()).code, 0, one.errors);
    assert.equal(reportsOf(one).at(-1).reason, "done");
  }
  const { frames } = await contentsOf(path("a.y4m"));
  assertBars(frames[14]!);
  const { samples, sampleRate, channels } = decodeWav(readFileSync(path("a.wav")));
  assert.deepEqual([sampleRate, channels], [48_000, 2]);
  assert.ok(samples.length / 2 >= 48_000, `${samples.length / 2} samples`);
  assert.ok(samples.some((sample) => Math.abs(sample) > 4_000));
  await using sheet = await readMedia(path("a.png"));
  // Two frames side by side.
  assert.deepEqual([sheet.video?.width, sheet.video?.height], [644, 240]);

  const where = `--signaling-url ${server.url} --channel-id kinds`;
  const piped = shell(
    `${program} receive --output - --frames 10 ${where} 2>/dev/null | ` +
      `ffprobe -v error -count_frames -show_entries stream=codec_name,nb_read_frames -of json -`,
  );
  const { streams: [video, audio] } = JSON.parse(await piped);
  assert.deepEqual([video.codec_name, video.nb_read_frames], ["rawvideo", "10"]);
  assert.equal(audio.codec_name, "pcm_s16le");
});

test("send ends with its file, and receive when the member has left", async () => {
  const clip = join(folder, "red.mkv");
  const inputs = ["color=c=red:size=320x240:rate=25:duration=3", "sine=duration=3"]
    .flatMap((input) => ["-f", "lavfi", "-i", input]);
  const made = spawnSync("ffmpeg", ["-v", "error", ...inputs, "-c:v", "ffv1", clip]);
  assert.equal(made.status, 0);
  const file = join(folder, "red.y4m");
  await using receiver = start("receive", "file", "--output", file, "--wait", "20");
  await receiver.line('{"event":"connected"');
  await using sender = start("send", "file", clip);
  assert.equal((await sender.ended()).code, 0, sender.errors);
  assert.equal((await receiver.ended()).code, 0, receiver.errors);
  assert.deepEqual(
    [reportsOf(sender).at(-1).reason, reportsOf(receiver).at(-1).reason],
    ["done", "done"],
  );
  const { frames } = await contentsOf(file);
  // Red in limited range (BT.601).
  const found = colourAt(frames.at(-1)!, 160, 120);
  const red = [81, 90, 240];
  assert.ok(found.every((value, c) => Math.abs(value - red[c]!) < 12), `${found}`);
});

test("send shows a line that changes on a terminal", async () => {
  const where = `--signaling-url ${server.url} --channel-id line`;
  const command = `${program} send ${testSource.join(" ")} --duration 2.5 ${where}`;
  const text = await shell(`script -qec "${command}" /dev/null </dev/null`);
  assert.match(text, /^Sending testsrc to channel line of ws:\S+ as \w+ \(Ctrl-C ends it\)\r\n/);
  assert.match(
    text.replaceAll("\u001b[K", "^"),
    /\r\^0:02 {2}VP8 320x240 {2}\d+ fps {2}\d+ kbit\/s {2}RTT [\d.]+ ms/,
  );
  assert.match(text, /\r\n$/);
});

test("receive that waits in vain, and a server that is not there, are sentences", async () => {
  const file = join(folder, "none.mp4");
  await using receiver = start("receive", "nobody", "--output", file, "--wait", "0.5");
  assert.equal((await receiver.ended()).code, 1);
  assert.equal(
    receiver.errors,
    "nothing was received: nobody in channel nobody sent anything for 0.5 s\n",
  );
  assert.equal(existsSync(file), false);

  const url = "ws://127.0.0.1:1/signaling";
  await using sender = new Child(main, ["send", "--signaling-url", url]);
  assert.equal((await sender.ended()).code, 1);
  assert.equal(
    sender.errors,
    `nothing listens at ${url}: start "sora-ffi server", or name a Sora by --signaling-url\n`,
  );
});

test("send and receive fail when the server is lost, and what was received is there", async () => {
  await using lost = new Child(main, ["server", "--port", "0"]);
  const { url } = JSON.parse(`{${await lost.line('{"event":"listening",')}`);
  const where = ["--signaling-url", url];
  const file = join(folder, "lost.mkv");
  await using sender = new Child(main, ["send", ...testSource, ...where]);
  await using receiver = new Child(main, ["receive", "--output", file, ...where]);
  await eventually(
    "a few seconds of it",
    () =>
      reportsOf(receiver).some(({ event, recorded }) =>
        event === "progress" && recorded.frames >= 30
      ),
    25_000,
  );
  lost.kill("SIGKILL");
  for (const child of [sender, receiver]) {
    assert.equal((await child.ended()).code, 1, child.errors);
    assert.match(child.errors, /^the connection ended: [^\n]+\n$/);
  }
  const { frames } = await contentsOf(file, true);
  // Of frames that came at the same time the file has one.
  assert.ok(frames.length >= 5, `${frames.length} frames`);
  assertBars(frames.at(-1)!);
});

test("send prints no secret of a URL", async () => {
  const where = ["--signaling-url", `${server.url}?token=${CANARY}`];
  await using sender = new Child(main, ["send", ...testSource, "--duration", "0.3", ...where]);
  assert.equal((await sender.ended()).code, 0, sender.errors);
  assert.equal(reportsOf(sender)[0].url, `${server.url}?***`);
  const source = `rtsp://user:${CANARY}@127.0.0.1:1/?key=${CANARY}`;
  await using refused = start("send", "secret", source);
  assert.equal((await refused.ended()).code, 1);
  assert.match(refused.errors, /^ffmpeg could not read rtsp:.*Connection refused\n$/);
  for (const { lines, errors } of [sender, refused]) {
    assert.equal(countCanaries(`${lines.join("\n")}\n${errors}`), 0);
  }
});

test("Ctrl-C ends send while its source gives nothing yet", async () => {
  const pipe = join(folder, "pipe");
  assert.equal(spawnSync("mkfifo", [pipe]).status, 0);
  await using sender = start("send", "pipe", pipe);
  // ffmpeg waits for the other end of the pipe.
  await eventually(
    "ffmpeg",
    () => spawnSync("pgrep", ["-f", `file:${pipe}`]).status === 0,
  );
  sender.kill("SIGINT");
  assert.equal((await sender.ended()).code, 130, sender.errors);
  assert.equal(spawnSync("pgrep", ["-f", `file:${pipe}`]).status, 1, "ffmpeg is left behind");
});

test("receive says how many members it leaves out", async () => {
  await using _first = start("send", "crowd", ...testSource);
  await _first.line('{"event":"connected"');
  await using _second = start("send", "crowd", ...testSource);
  await _second.line('{"event":"connected"');
  const file = join(folder, "crowd.y4m");
  await using receiver = start("receive", "crowd", "--output", file, "--frames", "5");
  assert.equal((await receiver.ended()).code, 0, receiver.errors);
  const ignored = reportsOf(receiver).find(({ event }) => event === "ignored");
  assert.deepEqual(ignored, { event: "ignored", members: 1 });
});
