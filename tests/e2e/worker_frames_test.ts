import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { Worker } from "node:worker_threads";
import {
  SoraAudioStreamSink,
  SoraVideoFrame,
  type SoraVideoFrameToken,
  SoraVideoSink,
} from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { eventually, within } from "../support/eventually.ts";
import {
  audioSeen,
  type FrameAnswer,
  type FrameRequest,
  frameSeen,
} from "../support/frame_worker.ts";
import { MediaClient, nextFrame, type Received } from "../support/media_client.ts";
import { resources } from "../support/resources.ts";

const CLOSED = { name: "SoraError", code: "CLOSED" };
/** As many frames as a sink hands out at a time. */
const MOST = 32;

let server: SoraServer;
let sender: MediaClient;
let receiver: MediaClient;
let received: Required<Received>;
let worker: Worker;

before(async () => {
  server = await SoraServer.start({ port: 0 });
  const room = { signalingUrls: [server.url], channelId: "frames", videoCodecType: "VP8" } as const;
  const frame = { width: 160, height: 120, turn: 0 };
  sender = new MediaClient({ ...room, role: "sendonly" }, { frame, toneHz: 440 });
  receiver = new MediaClient({ ...room, role: "recvonly" });
  await Promise.all([sender.connect(), receiver.connect()]);
  received = await receiver.from(sender);
  worker = new Worker(new URL("../support/frame_worker.ts", import.meta.url));
});

after(async () => {
  await worker.terminate();
  await Promise.all([sender[Symbol.asyncDispose](), receiver[Symbol.asyncDispose]()]);
  await server.close();
});

/** Asks the Worker. */
async function ask(request: FrameRequest): Promise<FrameAnswer> {
  const answered = once(worker, "message");
  worker.postMessage(request);
  const [answer] = await within("the Worker's answer", answered);
  return answer;
}

test("a SoraVideoFrame goes to a Worker, which sees the same frame, and is closed here", async () => {
  const frame = await nextFrame(received.video);
  const seen = frameSeen(frame);
  const token = frame.transfer();
  assert.throws(() => frame.data(), CLOSED);
  assert.throws(() => frame.transfer(), CLOSED);
  frame.close();
  assert.deepEqual(await ask({ token }), { frame: seen });
  assert.deepEqual(await ask({ close: 1 }), { held: 0 });
});

test("a token of a SoraVideoFrame is good once, in whichever thread", async () => {
  const token = (await nextFrame(received.video)).transfer();
  using frame = SoraVideoFrame.from(structuredClone(token));
  assert.equal(frame.data().byteLength, 160 * 120 * 3);
  assert.throws(() => SoraVideoFrame.from(token), CLOSED);
  assert.deepEqual(await ask({ token }), { error: "CLOSED" });
  assert.equal(frame.data().byteLength, 160 * 120 * 3, "and the frame is still here");
});

test("SoraVideoFrame.from refuses what is no token", () => {
  const token = { frame: 1, library: "/nowhere/libsora_ffi.so" };
  const wrong: [RegExp, unknown][] = [
    [/^token /, undefined],
    [/^token\.frame /, { ...token, frame: 0 }],
    [/^token\.frame /, { ...token, frame: 1.5 }],
    [/^token\.library /, { ...token, library: "" }],
    [/^token\.width /, { ...token, width: 160 }],
  ];
  for (const [message, from] of wrong) {
    assert.throws(() => SoraVideoFrame.from(from as typeof token), {
      name: /^(Type|Range)Error$/,
      message,
    });
  }
  assert.throws(() => SoraVideoFrame.from(token), { code: "LIBRARY_NOT_FOUND" });
});

test("a sink whose frames are all in a Worker goes on when the Worker closes one", async () => {
  const base = resources().objects;
  using sink = new SoraVideoSink(received.video.track);
  const errors: unknown[] = [];
  sink.onError = (error) => errors.push(error);
  let taken = 0;
  let worked = 0;
  const onAnswer = (answer: FrameAnswer) => {
    if ("frame" in answer) worked++;
  };
  worker.on("message", onAnswer);
  sink.onFrame = (frame) => {
    taken++;
    worker.postMessage({ token: frame.transfer() } satisfies FrameRequest);
  };
  await eventually("a full sink", () => errors.length > 0);
  assert.equal(taken, MOST);
  await eventually("the frames in the Worker", () => worked === MOST);
  await eventually("frames that are dropped meanwhile", () => sink.dropped > 3);
  assert.equal(taken, MOST, "no more are handed out");
  // Nothing of this thread asks for more from here on.
  worker.postMessage({ close: 1 } satisfies FrameRequest);
  await eventually("one more frame", () => taken === MOST + 1);
  worker.postMessage({ close: MOST } satisfies FrameRequest);
  await eventually("many more frames", () => taken >= MOST + 10);
  assert.deepEqual(errors.map((error) => (error as { code: string }).code), ["LIMIT_EXCEEDED"]);
  sink.onFrame = undefined;
  sink.close();
  await eventually("the last frame in the Worker", () => worked === taken);
  worker.off("message", onAnswer);
  assert.deepEqual(await ask({ close: 2 * MOST }), { held: 0 });
  await eventually("every frame given back", () => resources().objects <= base);
});

test("a Worker that ends gives back the frames that it kept, but not one on its way to another thread", async () => {
  const base = resources().objects;
  const ending = new Worker(new URL("../support/frame_worker.ts", import.meta.url));
  const ended = once(ending, "exit");
  using sink = new SoraVideoSink(received.video.track);
  let worked = 0;
  const given = Promise.withResolvers<SoraVideoFrameToken>();
  ending.on("message", (answer: FrameAnswer) => {
    if ("frame" in answer) worked++;
    if ("token" in answer) given.resolve(answer.token);
  });
  sink.onFrame = (frame) => ending.postMessage({ token: frame.transfer() } satisfies FrameRequest);
  await eventually("the frames in the Worker", () => worked === MOST);
  sink.onFrame = undefined;
  ending.postMessage({ giveBack: true } satisfies FrameRequest);
  const token = await within("the token", given.promise);
  await within("the Worker's end", ended);
  await eventually("what the Worker kept", () => resources().objects <= base + 2);
  const frame = SoraVideoFrame.from(token);
  assert.equal(frame.data().byteLength, 160 * 120 * 3);
  frame.close();
  sink.close();
  await eventually("every frame given back", () => resources().objects <= base);
});

test("a SoraAudioFrame goes to a Worker whole", async () => {
  using sink = new SoraAudioStreamSink(received.audio.track, { sampleRate: 16_000, channels: 2 });
  for await (const frame of sink) {
    // Audio, not the silence before it.
    if (frame.data().every((sample) => Math.abs(sample) < 1_000)) continue;
    assert.deepEqual(await ask({ audio: frame }), { audio: audioSeen(frame) });
    return;
  }
  assert.fail("The sink ended before audio came");
});
