/** A source of video that gets one frame and no more. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  Sora,
  type SoraConnection,
  type SoraVideoFrame,
  SoraVideoSink,
  type SoraVideoSource,
} from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { eventually, pause, within } from "../support/eventually.ts";
import { nextFrame } from "../support/media_client.ts";
import { drawFrame, psnr } from "../support/frame.ts";
import { videoRtpOf } from "../support/statistics.ts";

const GOOD_DB = 28;
const size = { width: 176, height: 144 };
const style = { ...size, turn: 1 };

let server: SoraServer;
let sora: Sora;
before(async () => {
  server = await SoraServer.start({ port: 0 });
  sora = new Sora();
});
after(async () => {
  await sora.close();
  await server.close();
});

function room(channelId: string) {
  return { signalingUrls: [server.url], channelId, audio: false } as const;
}

/** Connects a member that sends `source`. */
async function send(channelId: string, videoSource: SoraVideoSource): Promise<SoraConnection> {
  const sender = sora.createConnection({ ...room(channelId), role: "sendonly", videoSource });
  await sender.connect();
  return sender;
}

/** Connects a member that receives. */
async function join(channelId: string): Promise<SoraVideoSink> {
  const receiver = sora.createConnection({ ...room(channelId), role: "recvonly" });
  const { promise, resolve } = Promise.withResolvers<SoraVideoSink>();
  receiver.onTrack = (track) => resolve(new SoraVideoSink(track));
  await receiver.connect();
  return await within("the track", promise);
}

function show(source: SoraVideoSource, number: number): void {
  source.onCaptured(drawFrame(style, number), size);
}

const isNumber = (number: number) => (frame: SoraVideoFrame) =>
  psnr(frame.data(), drawFrame(style, number)) >= GOOD_DB;

/** Coarsely, as the first frame after another is. */
function isBlack(frame: SoraVideoFrame): boolean {
  const luma = frame.data("I420").subarray(0, frame.width * frame.height);
  return luma.reduce((sum, value) => sum + value) / luma.length < 40;
}

/** Waits for the frame with a number, as it was drawn. */
async function sees(sink: SoraVideoSink, number: number): Promise<void> {
  (await nextFrame(sink, isNumber(number))).close();
}

/** Frames that were encoded, and how often a key frame was requested. */
async function sent(sender: SoraConnection) {
  const { framesEncoded = 0, pliCount = 0, firCount = 0 } = await videoRtpOf(
    sender,
    "outbound-rtp",
  );
  return { frames: framesEncoded, asked: pliCount + firCount };
}

test("a member who joins later sees the last frame of a still source, and nothing is repeated unasked", async () => {
  const source = sora.createVideoSource();
  const sender = await send("later", source);
  const first = await join("later");
  show(source, 0x155);
  show(source, 0x5a5);
  await sees(first, 0x5a5);
  for (let member = 0; member < 3; member++) await sees(await join("later"), 0x5a5);
  const { frames, asked } = await sent(sender);
  assert.ok(frames <= 2 + asked, `${frames} frames, of which ${asked} were asked for`);
  // Nothing may be repeated meanwhile.
  await pause(500);
  const later = await sent(sender);
  assert.ok(later.frames - frames <= later.asked - asked, "frames that nobody asked for");
  show(source, 0x3c3);
  await sees(first, 0x3c3);
  await sees(await join("later"), 0x3c3);
});

test("a frame that a source got before it is sent is seen, also after replaceTrack", async () => {
  const [source, other] = [sora.createVideoSource(), sora.createVideoSource()];
  show(source, 0x0f0);
  show(other, 0x70e);
  const sender = await send("before", source);
  const sink = await join("before");
  await sees(sink, 0x0f0);
  await sender.replaceTrack("video", other);
  await sees(sink, 0x70e);
});

test("the last of several frames at once is seen", async () => {
  const source = sora.createVideoSource();
  const numbers = [0x0f0, 0x333, 0x5a5, 0x70e];
  const frames = numbers.map((number) => drawFrame(style, number));
  await send("at once", source);
  const sink = await join("at once");
  for (const frame of frames) source.onCaptured(frame, size);
  await sees(sink, numbers.at(-1)!);
});

test("a still source that is disabled is black, and then itself again", async () => {
  const source = sora.createVideoSource();
  await send("disabled", source);
  const sink = await join("disabled");
  show(source, 0x333);
  await sees(sink, 0x333);
  source.setEnabled(false);
  (await nextFrame(sink, isBlack)).close();
  source.setEnabled(true);
  await sees(sink, 0x333);
});

test("a source that is closed sends its last frame no more", async () => {
  const source = sora.createVideoSource();
  const sender = await send("closed", source);
  const sink = await join("closed");
  show(source, 0x111);
  await sees(sink, 0x111);
  source.close();
  const { frames, asked } = await sent(sender);
  await join("closed");
  await eventually("a request", async () => (await sent(sender)).asked > asked);
  // Nothing may be sent meanwhile.
  await pause(150);
  assert.equal((await sent(sender)).frames, frames);
});
