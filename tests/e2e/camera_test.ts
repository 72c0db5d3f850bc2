/** A camera through Sora: what `openCamera()` gives is what a receiver sees. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { openCamera } from "../../devices/mod.ts";
import { Sora, SoraVideoSink } from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { within } from "../support/eventually.ts";

const [WIDTH, HEIGHT] = [320, 240];
/** Side of the squares that frames are compared by. */
const SQUARE = 16;
/** Frames that are kept to find received ones again. */
const KEPT = 150;

/** The mean luma of each square of a frame in I420. */
function squares(data: Uint8Array): Float32Array {
  const across = WIDTH / SQUARE;
  const sums = new Float32Array(across * HEIGHT / SQUARE);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const at = Math.floor(y / SQUARE) * across + Math.floor(x / SQUARE);
      sums[at]! += data[y * WIDTH + x]! / SQUARE ** 2;
    }
  }
  return sums;
}

function difference(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, at) => sum + Math.abs(value - b[at]!), 0) / a.length;
}

test("a picture of openCamera is received as it was captured, frame by frame", async () => {
  await using server = await SoraServer.start({ port: 0 });
  await using sora = new Sora();
  const room = { signalingUrls: [server.url], channelId: "camera", audio: false } as const;
  const videoSource = sora.createVideoSource();
  await using sender = sora.createConnection({
    ...room,
    role: "sendonly",
    videoCodecType: "VP8",
    videoBitRate: 2_000,
    videoSource,
  });
  await using receiver = sora.createConnection({ ...room, role: "recvonly" });
  const sink = Promise.withResolvers<SoraVideoSink>();
  receiver.onTrack = (track) => sink.resolve(new SoraVideoSink(track));
  await Promise.all([receiver.connect(), sender.connect()]);

  await using camera = await openCamera({
    device: "lavfi:testsrc2",
    width: WIDTH,
    height: HEIGHT,
  });
  const sent: Float32Array[] = [];
  const sending = (async () => {
    for await (const item of camera) {
      if (item.kind !== "video") continue;
      sent.push(squares(item.data));
      if (sent.length > KEPT) sent.shift();
      videoSource.onCaptured(item.data, { width: WIDTH, height: HEIGHT, format: "I420" });
    }
  })();

  using video = await within("the track", sink.promise);
  const frames = video[Symbol.asyncIterator]();
  let previous: Float32Array = new Float32Array(WIDTH * HEIGHT / SQUARE ** 2);
  for (let count = 0; count < 20; count++) {
    const { value: frame } = await within("a frame", frames.next());
    assert.ok(frame !== undefined);
    assert.deepEqual([frame.width, frame.height], [WIDTH, HEIGHT]);
    const received = squares(frame.data("I420"));
    frame.close();
    // The first frames are still coarse.
    const nearest = Math.min(...sent.map((one) => difference(one, received)));
    assert.ok(nearest < (count < 5 ? 12 : 4), `frame ${count} differs by ${nearest}`);
    assert.ok(difference(previous, received) > 0, "the picture moves");
    previous = received;
  }
  await camera[Symbol.asyncDispose]();
  await sending;
});
