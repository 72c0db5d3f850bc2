/** The examples with cameras, microphones and loudspeakers, on a PulseAudio of the test's own and on ffmpeg's test picture. */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import process from "node:process";
import {
  assertEndedWell,
  inFolder,
  number,
  type Run,
  runExample,
  unset,
} from "../support/example.ts";
import { Pulse, withoutAudioDevices } from "../support/pulse.ts";

const skip = withoutAudioDevices();
const PICTURE = ["lavfi:testsrc2"];
/** ffmpeg's sine, an eighth of full scale. */
const LOUDEST = 4_095;

let pulse: Pulse | undefined;
let tone: AsyncDisposable | undefined;
const runs = new Map<string, Promise<Run>>();

/** The arguments of each example. */
const examples: Readonly<Record<string, readonly string[]>> = {
  audio_devices: [],
  audio_loop: ["monitor", "speaker"],
  send_microphone: ["monitor"],
  cameras: [],
  show_camera: PICTURE,
  send_camera: PICTURE,
};

before(async () => {
  if (skip === undefined) {
    pulse = await Pulse.start();
    tone = pulse.playTone(1_000);
  }
  // Side by side: most of the time, they wait.
  for (const [name, args] of Object.entries(examples)) {
    const env = { ...unset, ...pulse?.env, SDL_VIDEODRIVER: "dummy" };
    const run = runExample(name, env, undefined, args);
    run.catch(() => {});
    runs.set(name, run);
  }
});

after(async () => {
  await Promise.allSettled(runs.values());
  await tone?.[Symbol.asyncDispose]();
  await pulse?.[Symbol.asyncDispose]();
});

/** The run of an example that needs audio devices. */
function deviceTest(title: string, name: string, check: (output: string) => void): void {
  test(title, async (t) => {
    const ended = await runs.get(name)!;
    if (skip !== undefined) return t.skip(skip);
    assertEndedWell(ended);
    check(ended.output);
  });
}

deviceTest("audio_devices lists devices", "audio_devices", (output) => {
  assert.match(output, /^\d+: cable \(ALSA, \d+ Hz\)$/m);
  assert.match(output, /^ {2}records 32 channels from [\d.]+ ms on, the default$/m);
  assert.match(output, /^ {2}plays 32 channels from [\d.]+ ms on, the default$/m);
});

deviceTest("audio_loop plays what it records", "audio_loop", (output) => {
  assert.match(output, /^From monitor \(\d+ ms\)\nto speaker \(\d+ ms\)$/m);
  assert.ok(number(output, /Played (\d+) blocks/) > 30, output);
  const loudest = number(output, /loudest sample was (\d+)/);
  assert.ok(Math.abs(loudest - LOUDEST) < 100, output);
});

deviceTest("send_microphone sends what it records", "send_microphone", (output) => {
  assert.ok(number(output, /Sent (\d+) packets/) > 10, output);
  const loudest = number(output, /loudest sample was (\d+)/);
  assert.ok(Math.abs(loudest - LOUDEST) < 100, output);
});

deviceTest("cameras lists cameras and microphones", "cameras", (output) => {
  assert.match(output, /^There are no cameras$|^camera v4l2:\/dev\/video\d+: /m);
  assert.match(output, /^There are no microphones$|^microphone (pulse|alsa):\S+: /m);
});

test("show_camera shows a picture in a window", async () => {
  const ended = await runs.get("show_camera")!;
  assertEndedWell(ended);
  assert.match(ended.output, /^640x480, 30 frames per second$/m);
  assert.ok(number(ended.output, /Showed (\d+) frames/) > 10, ended.output);
});

test("show_camera ends with its window, and says when that failed", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}:${process.env.PATH}`;
    writeFileSync(`${folder}/ffplay`, "#!/bin/sh\nhead -c 500000\nexit $STATUS\n", { mode: 0o755 });
    const [closed, failed] = await Promise.all(
      ["0", "3"].map((STATUS) =>
        runExample("show_camera", { ...unset, PATH: path, STATUS }, undefined, PICTURE)
      ),
    );
    assertEndedWell(closed!);
    assert.match(closed!.output, /^Showed \d+ frames$/m);
    assert.deepEqual([failed!.code, failed!.errors], [1, "ffplay ended with 3\n"]);
  });
});

test("send_camera sends what it captures", async () => {
  const ended = await runs.get("send_camera")!;
  assertEndedWell(ended);
  const captured = number(ended.output, /Captured (\d+) frames/);
  const sent = number(ended.output, /sent (\d+)$/m);
  assert.ok(captured > 10 && sent > 10 && sent <= captured, ended.output);
});
