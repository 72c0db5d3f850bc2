/** The examples that read or write files. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { encodeWav } from "../../files/mod.ts";
import { Sora } from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import {
  assertEndedWell,
  inFolder,
  lumas,
  number,
  probe,
  runExample,
  unset,
} from "../support/example.ts";
import { dominantFrequency } from "../support/tone.ts";

test("send_file sends a file's video and audio in real time", async () => {
  const clip = fileURLToPath(new URL("../../.deps/media/bigbuckbunny.mp4", import.meta.url));
  const ended = await runExample("send_file", { ...unset, SORA_SECONDS: "4" }, undefined, [clip]);
  assertEndedWell(ended);
  const [frames, audioMs] = [/Sent (\d+) frames/, /(\d+) ms of audio/].map((pattern) =>
    number(ended.output, pattern)
  );
  // 25 frames a second at the most; a busy machine starts ffmpeg late.
  assert.ok((frames ?? 0) > 20 && (frames ?? 0) <= 106, ended.output);
  assert.ok((audioMs ?? 0) > 800 && (audioMs ?? 0) < 5_000, ended.output);
});

test("send_file sends a file that has only audio", async () => {
  await inFolder(async (folder) => {
    const file = join(folder, "tone.wav");
    const samples = Int16Array.from({ length: 96_000 }, (_, at) => 9_000 * Math.sin(at / 17));
    writeFileSync(file, encodeWav({ samples, sampleRate: 48_000, channels: 1 }));
    const ended = await runExample("send_file", { ...unset, SORA_SECONDS: "1" }, undefined, [file]);
    assertEndedWell(ended);
    const audioMs = number(ended.output, /Sent 0 frames and (\d+) ms of audio/);
    assert.ok(audioMs > 300 && audioMs <= 2_000, ended.output);
  });
});

test("send_file reports that a file cannot be sent", async () => {
  await inFolder(async (folder) => {
    const file = join(folder, "text.mp4");
    writeFileSync(file, "This is not a film.");
    const ended = await runExample("send_file", unset, undefined, [file]);
    assert.equal(ended.code, 1);
    assert.match(
      ended.errors,
      /^ffmpeg could not read .*text\.mp4: .*Invalid data found when processing input$/m,
    );
  });
});

test("record writes what it receives into a file", async () => {
  await inFolder(async (folder) => {
    const file = join(folder, "recorded.mkv");
    const ended = await runExample("record", { ...unset, SORA_SECONDS: "6" }, undefined, [file]);
    assertEndedWell(ended);
    const frames = number(ended.output, /Recorded (\d+) frames/);
    const audioMs = number(ended.output, /and (\d+) ms of audio/);
    assert.ok(frames > 30 && audioMs > 1_000, ended.output);

    const { streams, format } = probe(file);
    const [video, audio] = streams;
    assert.deepEqual(
      [video?.["codec_name"], video?.["width"], video?.["height"], video?.["avg_frame_rate"]],
      ["h264", 640, 360, "30/1"],
    );
    assert.deepEqual([audio?.["codec_type"], audio?.["sample_rate"], audio?.["channels"]], [
      ...["audio", "48000", 2],
    ]);
    assert.equal(streams.length, 2);
    const lengthMs = Math.max(frames * 1_000 / 30, audioMs);
    const durationMs = Number(format.duration) * 1_000;
    // Neither began more than a second after the other.
    assert.ok(durationMs > lengthMs - 100 && durationMs < lengthMs + 1_000, `${durationMs} ms`);

    const written = lumas(file, 640, 360);
    // A constant rate: now and then two frames fall into one place, and the one before fills the places of frames that were lost.
    const places = durationMs * 30 / 1_000;
    assert.ok(written.length >= frames - 5 && written.length <= places + 3, `${written.length}`);
    // The white bar of the test pattern is 20 pixels wide and moves.
    const bars = written.map((luma) => luma.subarray(0, 640).findIndex((one) => one > 220));
    assert.ok(bars.every((at) => at >= 0) && new Set(bars).size > 15, String(bars));
    const pcm = execFileSync("ffmpeg", [
      ...["-v", "error", "-i", file, "-map", "0:a", "-ss", "0.5", "-t", "0.5"],
      ...["-ac", "1", "-f", "s16le", "pipe:1"],
    ]);
    const samples = new Int16Array(new Uint8Array(pcm).buffer);
    const hertz = dominantFrequency(samples, 48_000);
    assert.ok(Math.abs(hertz - 440) < 5, `${hertz} Hz`);
  });
});

test("record keeps its first size when the size of the frames changes", async () => {
  await inFolder(async (folder) => {
    await using server = await SoraServer.start({ port: 0 });
    await using sora = new Sora();
    const room = { signalingUrls: [server.url], channelId: "sizes" };
    const videoSource = sora.createVideoSource();
    const sender = sora.createConnection({ ...room, role: "sendonly", audio: false, videoSource });
    await sender.connect();
    let [width, height, level] = [320, 240, 50];
    let interrupt: (() => void) | undefined;
    let framesAfter = 0;
    const camera = setInterval(() => {
      videoSource.onCaptured(new Uint8Array(width * height * 3).fill(level), { width, height });
      // Some more than one: where two fall into one place of the constant rate, one is left out.
      if (interrupt !== undefined && ++framesAfter === 15) interrupt();
    }, 33);
    try {
      const file = join(folder, "recorded.mkv");
      const env = {
        SORA_SIGNALING_URL: server.url,
        SORA_CHANNEL_ID: room.channelId,
        SORA_SECONDS: "20",
      };
      const ended = await runExample("record", env, (output, interruptIt) => {
        if (output.includes("Recording 320x240")) [width, height, level] = [160, 90, 200];
        if (output.includes("Recording 160x90")) interrupt ??= interruptIt;
      }, [file]);
      assertEndedWell(ended);
      const written = lumas(file, 320, 240);
      const frames = number(ended.output, /Recorded (\d+) frames/);
      assert.ok(written.length >= frames - 5, `${written.length}, not ${frames}`);
      const [first, last] = [written[0], written.at(-1)].map((luma) =>
        luma?.[120 * 320 + 160] ?? 0
      );
      const near = (value = 0, wanted: number) => Math.abs(value - wanted) < 8;
      assert.ok(near(first, 50) && near(last, 200), `${first}, ${last}`);
    } finally {
      clearInterval(camera);
    }
  });
});
