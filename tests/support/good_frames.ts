/**
 * The comparison of received video with what was sent.
 *
 * @module
 */

import assert from "node:assert/strict";
import { psnr } from "../../demo/psnr.ts";
import type { SoraVideoSink } from "../../mod.ts";
import { within } from "./eventually.ts";
import type { RealClip } from "./real_clip.ts";

const FRAMES = 30;
const SHARP_MS = 500;

/**
 * Once frames of a clip have had half a second to get sharp, thirty come in order, each with a PSNR of 30 dB at least against
 * the very frame that was sent. They must come within 20 s.
 */
export async function goodFrames(clip: RealClip, video: SoraVideoSink): Promise<void> {
  const frames = video[Symbol.asyncIterator]();
  const [got, sent] = [new Uint8Array(clip.bytes), new Uint8Array(clip.bytes)];
  let [since, last, count] = [Infinity, -1, 0];
  const limit = performance.now() + 20_000;
  while (count < FRAMES) {
    assert.ok(
      performance.now() < limit,
      `${count} of ${FRAMES} frames came within 20 s`,
    );
    const { value } = await within("a frame", frames.next());
    assert.ok(value, "the sink goes on");
    using frame = value;
    if (frame.width !== clip.width || frame.height !== clip.height) continue;
    since = Math.min(since, performance.now());
    frame.copyTo(got, { format: "I420" });
    const number = clip.numberOf(got);
    assert.ok(number !== undefined && number > last, `frame ${number} came after ${last}`);
    last = number;
    if (performance.now() - since < SHARP_MS) continue;
    clip.draw(number, sent);
    const quality = psnr(sent, got);
    assert.ok(quality >= 30, `frame ${number} has ${quality.toFixed(1)} dB`);
    count++;
  }
}
