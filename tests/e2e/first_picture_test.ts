/** What the README begins with: the server in one process, `send testsrc` in another, and the picture in a browser. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { BARS } from "../../cli/send/test_picture.ts";
import { programOf } from "../browser/browser.ts";
import { ServerPage, startChromium } from "../browser/server_page.ts";
import { Child } from "../support/child.ts";
import { eventually } from "../support/eventually.ts";

const main = new URL("../../cli/mod.ts", import.meta.url);
const program = programOf("chromium");
const skip = existsSync(program) ? false : `there is no ${program}`;

/** Red, green and blue of limited range (BT.601), from 0 to 255. */
function rgbOf([y, u, v]: readonly [number, number, number]): number[] {
  const luma = 1.164 * (y - 16);
  return [
    luma + 1.596 * (v - 128),
    luma - 0.813 * (v - 128) - 0.392 * (u - 128),
    luma + 2.017 * (u - 128),
  ].map((value) => Math.min(255, Math.max(0, value)));
}

/** Runs in the page: the colours of the bars above the ramp, red, green and blue of each. */
const COLOURS = `(() => {
  const video = document.querySelector("video");
  if (video === null || video.videoWidth === 0) return [];
  const canvas = document.createElement("canvas");
  const { videoWidth: width, videoHeight: height } = video;
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  context.drawImage(video, 0, 0);
  return Array.from({ length: ${BARS.length} }, (_, i) => {
    const x = Math.floor((i + 0.5) * width / ${BARS.length});
    return [...context.getImageData(x, height * 0.7, 1, 1).data.subarray(0, 3)];
  });
})()`;

test("sora-ffi send testsrc is seen in the page of sora-ffi server", { skip }, async () => {
  await using server = new Child(main, ["server", "--port", "0"]);
  const { url } = JSON.parse(`{${await server.line('{"event":"listening",')}`);
  const browser = await startChromium();
  try {
    await using opened = await ServerPage.open(
      browser,
      new URL("/", url.replace("ws", "http")).href,
    );
    const { page } = opened;
    await page.select("select[name=role]", "recvonly");
    await page.click("#enter");
    await opened.shows("#state", /^You are in sora$/);
    await using _sender = new Child(main, ["send", "testsrc", "--signaling-url", url]);
    const isRight = (colour: readonly number[], i: number) =>
      rgbOf(BARS[i]!).every((value, c) => Math.abs(value - colour[c]!) < 30);
    const colours = await eventually("the picture", async () => {
      const colours = await page.evaluate(COLOURS) as number[][];
      // The box may stand before one of them, or between two.
      return colours.filter(isRight).length >= BARS.length - 2 ? colours : undefined;
    }, 20_000);
    assert.equal(colours.length, BARS.length);
    assert.deepEqual(opened.complaints, []);
  } finally {
    await browser.close();
  }
});
