/** Transformers that a connection cannot have, or whose connection ends. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Sora, type SoraTransformableVideoFrame, SoraVideoFrameTransformer } from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { eventually } from "../support/eventually.ts";

test("a transformer that serves another connection, or is closed, is refused by connect() before anything is sent", async () => {
  await using server = await SoraServer.start({ port: 0 });
  await using sora = new Sora();
  const videoFrameTransformer = new SoraVideoFrameTransformer();
  const options = {
    signalingUrls: [server.url],
    channelId: "transformer of two",
    role: "sendonly",
    audio: false,
    videoFrameTransformer,
  } as const;
  const source = sora.createVideoSource();
  await using first = sora.createConnection({ ...options, videoSource: source });
  await first.connect();
  await using second = sora.createConnection({ ...options, videoSource: source });
  let messages = 0;
  second.onSignalingMessage = () => messages++;
  await assert.rejects(second.connect(), {
    name: "SoraError",
    code: "INVALID_STATE",
    message:
      "The video frame transformer serves another sender or track already: make one for each",
  });
  assert.equal(messages, 0);
  assert.equal(second.state, "disconnected");
  // It is free again with the end of the first.
  await first.disconnect();
  await second.connect();
  await second.disconnect();
  videoFrameTransformer.close();
  await assert.rejects(second.connect(), { name: "SoraError", code: "CLOSED" });
});

test("enqueue takes a frame whose connection has ended since, and does so once", async () => {
  await using server = await SoraServer.start({ port: 0 });
  await using sora = new Sora();
  using videoFrameTransformer = new SoraVideoFrameTransformer();
  const frames: SoraTransformableVideoFrame[] = [];
  videoFrameTransformer.onTransform = (frame) => void frames.push(frame);
  using source = sora.createVideoSource();
  await using sender = sora.createConnection({
    signalingUrls: [server.url],
    channelId: "transformer at the end",
    role: "sendonly",
    audio: false,
    videoFrameTransformer,
    videoSource: source,
  });
  const ended = new Promise<void>((resolve) => sender.onDisconnect = () => resolve());
  await sender.connect();
  const pixels = new Uint8Array(160 * 120 * 3);
  await eventually("two frames", () => {
    source.onCaptured(pixels, { width: 160, height: 120 });
    return frames.length >= 2;
  });
  assert.ok(server.disconnect(sender.connectionId!));
  await ended;
  const [first, second] = frames;
  videoFrameTransformer.enqueue(first!);
  assert.throws(() => videoFrameTransformer.enqueue(first!), { code: "CLOSED" });
  await videoFrameTransformer.writable.getWriter().write(second!);
  assert.throws(() => second!.getData(), { code: "CLOSED" });
});
