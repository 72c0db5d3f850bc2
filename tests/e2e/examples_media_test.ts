/** The examples that send or receive audio and video. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { openh264Files } from "../support/codec_libraries.ts";
import {
  assertEndedWell,
  inFolder,
  lumas,
  number,
  probe,
  runExample,
  unset,
} from "../support/example.ts";

test("sendonly sends audio and video", async () => {
  const ended = await runExample("sendonly");
  assertEndedWell(ended);
  assert.ok(number(ended.output, /Sent audio: (\d+) packets/) > 50, ended.output);
  assert.ok(number(ended.output, /Sent video: (\d+) packets/) > 30, ended.output);
});

test("recvonly receives the other member's audio and video", async () => {
  const ended = await runExample("recvonly");
  assertEndedWell(ended);
  assert.match(ended.output, /The first frame: 640x360, 691200 bytes of BGR/);
  assert.ok(number(ended.output, /Received (\d+) frames/) > 30, ended.output);
  assert.ok(number(ended.output, /(\d+) ms of audio/) > 1_000, ended.output);
  assert.match(ended.output, /No more video from/);
});

test("sendrecv receives the other member's video and a tone of the right loudness", async () => {
  const ended = await runExample("sendrecv");
  assertEndedWell(ended);
  assert.ok(number(ended.output, /Received (\d+) frames/) > 30, ended.output);
  // The tone is sent at 0.3 of full scale; the codec may change it by a third.
  const loudest = number(ended.output, /loudest sample was (\d+)/) / 32_767;
  assert.ok(loudest > 0.2 && loudest < 0.4, ended.output);
});

test("snapshot writes a PNG of the frame that was sent", async () => {
  await inFolder(async (folder) => {
    const file = join(folder, "snapshot.png");
    const ended = await runExample("snapshot", unset, undefined, [file]);
    assertEndedWell(ended);
    assert.match(ended.output, /Saved 640x360 from \w{26} as /);
    const { streams: [image] } = probe(file);
    assert.deepEqual([image?.["codec_name"], image?.["width"], image?.["height"]], [
      "png",
      640,
      360,
    ]);
    const [luma] = lumas(file, 640, 360);
    const top = luma!.subarray(0, 640);
    const bar = top.findIndex((one) => one > 220);
    // The white bar of the test pattern is 20 pixels wide, in every row.
    assert.ok(bar >= 0 && top[bar + 10]! > 220 && luma![359 * 640 + bar + 10]! > 220, `${bar}`);
    assert.ok(top[(bar + 320) % 640]! < 220, `${bar}`);
  });
});

test("encoded_transform_send changes what it sends, and the receiver undoes it", async () => {
  const ended = await runExample("encoded_transform_send");
  assertEndedWell(ended);
  assert.match(ended.output, /The first frame is video\/VP8 640x360/);
  const changed = number(ended.output, /Changed (\d+) video frames/);
  assert.ok(changed > 30, ended.output);
  const last = number(ended.output, /the last number was (\d+)/);
  assert.ok(last > 30 && last <= changed, ended.output);
  assert.ok(number(ended.output, /Decoded (\d+)/) > 30, ended.output);
  // As in sendrecv; audio that is still scrambled is noise up to full scale.
  const loudest = number(ended.output, /loudest sample received was (\d+)/) / 32_767;
  assert.ok(loudest > 0.2 && loudest < 0.4, ended.output);
});

test("encoded_transform_receive sees what is decoded", async () => {
  const ended = await runExample("encoded_transform_receive");
  assertEndedWell(ended);
  assert.ok(number(ended.output, /bytes of video in (\d+) frames/) > 30, ended.output);
  assert.ok(number(ended.output, /and (\d+) frames of audio/) > 50, ended.output);
});

test("h264_sei sends text inside frames, and reads it", async () => {
  const ended = await runExample("h264_sei", { ...unset, SORA_OPENH264: "" });
  assertEndedWell(ended);
  assert.match(ended.output, /The first text: Frame \d+\n/);
  assert.ok(number(ended.output, /received (\d+) with/) > 30, ended.output);
  assert.ok(number(ended.output, /with (\d+) frames/) > 30, ended.output);
});

test("codec_preference sends with the engine that was chosen", async () => {
  const ended = await runExample("codec_preference");
  assertEndedWell(ended);
  assert.ok(number(ended.output, /VP8 by libvpx: (\d+) frames/) > 30, ended.output);
});

test("codec_preference sends with OpenH264 when its file is named", async () => {
  const env = { ...unset, SORA_OPENH264: [...openh264Files.values()].at(-1) ?? "" };
  const ended = await runExample("codec_preference", env, undefined, ["CISCO_OPENH264"]);
  assertEndedWell(ended);
  assert.ok(number(ended.output, /H264 by OpenH264: (\d+) frames/) > 30, ended.output);
});
