import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  Sora,
  SoraAudioFrameTransformer,
  type SoraConnectionOptions,
  SoraTransformableAudioFrame,
  SoraTransformableVideoFrame,
  SoraVideoFrameTransformer,
} from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { eventually } from "../support/eventually.ts";
import { MediaClient, nextFrame } from "../support/media_client.ts";
import { drawFrame, psnr, readNumber } from "../support/frame.ts";
import { backTo, resources } from "../support/resources.ts";
import { videoRtp } from "../support/statistics.ts";
import { dominantFrequency, loudness, Tone } from "../support/tone.ts";

const style = { width: 320, height: 240, turn: 1 };
const TONE_HZ = 700;
const TRAILER = Uint8Array.from({ length: 37 }, (_, i) => 200 + i);
const KEY = 0x5a;

let server: SoraServer;
before(async () => {
  server = await SoraServer.start({ port: 0 });
  // A server opens its UDP port with the first connection, and keeps it.
  await (await pair())[Symbol.asyncDispose]();
});
after(() => server.close());

interface Pair extends AsyncDisposable {
  readonly sender: MediaClient;
  readonly receiver: MediaClient;
}

/** One sends, the other receives. */
async function pair(
  options: Partial<SoraConnectionOptions> = {},
  onTrack?: (track: Parameters<NonNullable<MediaClient["connection"]["onTrack"]>>[0]) => void,
): Promise<Pair> {
  const room = { signalingUrls: [server.url], channelId: "transform" };
  const sender = new MediaClient(
    { ...room, role: "sendonly", videoCodecType: "VP8", ...options },
    { frame: style, toneHz: TONE_HZ },
  );
  const receiver = new MediaClient({ ...room, role: "recvonly" });
  const own = receiver.connection.onTrack;
  receiver.connection.onTrack = (track) => {
    onTrack?.(track);
    own?.(track);
  };
  await sender.connect();
  await receiver.connect();
  return {
    sender,
    receiver,
    [Symbol.asyncDispose]: async () => {
      await receiver[Symbol.asyncDispose]();
      await sender[Symbol.asyncDispose]();
    },
  };
}

async function assertFrame({ sender, receiver }: Pair): Promise<void> {
  const { video } = await receiver.from(sender);
  await eventually("a good frame", async () => {
    using frame = await nextFrame(video);
    const pixels = frame.data();
    return psnr(pixels, drawFrame(style, readNumber(style, pixels))) >= 30;
  });
}

async function assertTone({ sender, receiver }: Pair): Promise<void> {
  const { audio } = await receiver.from(sender);
  await eventually("the tone", async () => {
    const { ok, data } = await audio.read(9_600, { timeoutMs: 5_000 });
    return ok && loudness(data) > 3_000 &&
      Math.abs(dominantFrequency(data, 48_000) - TONE_HZ) <= TONE_HZ / 100;
  });
}

test("frames made longer and changed by the sender are restored by the receiver", async () => {
  const base = resources();
  const sent: SoraTransformableVideoFrame[] = [];
  const received: SoraTransformableVideoFrame[] = [];
  const spoken: SoraTransformableAudioFrame[] = [];
  const heard: SoraTransformableAudioFrame[] = [];
  const keep = <T>(list: T[], frame: T) => list.length < 200 && list.push(frame);
  const errors: unknown[] = [];

  const videoFrameTransformer = new SoraVideoFrameTransformer();
  videoFrameTransformer.onTransform = (frame) => {
    keep(sent, frame);
    const data = frame.getData();
    const longer = new Uint8Array(data.length + TRAILER.length);
    longer.set(data);
    longer.set(TRAILER, data.length);
    frame.setData(longer);
    assert.deepEqual(frame.getData(), longer);
    videoFrameTransformer.enqueue(frame);
  };
  const audioFrameTransformer = new SoraAudioFrameTransformer();
  audioFrameTransformer.onTransform = (frame) => {
    keep(spoken, frame);
    frame.setData(frame.getData().map((byte) => byte ^ KEY));
    audioFrameTransformer.enqueue(frame);
  };
  const backVideo = new SoraVideoFrameTransformer();
  backVideo.onTransform = (frame) => {
    keep(received, frame);
    const data = frame.getData();
    assert.deepEqual(data.subarray(-TRAILER.length), TRAILER);
    frame.setData(data.slice(0, -TRAILER.length));
    backVideo.enqueue(frame);
  };
  const backAudio = new SoraAudioFrameTransformer();
  backAudio.onTransform = (frame) => {
    keep(heard, frame);
    frame.setData(frame.getData().map((byte) => byte ^ KEY));
    // Later is as good as at once.
    queueMicrotask(() => backAudio.enqueue(frame));
  };
  for (const t of [videoFrameTransformer, audioFrameTransformer, backVideo, backAudio]) {
    t.onError = (error) => errors.push(error);
  }
  {
    await using clients = await pair({ videoFrameTransformer, audioFrameTransformer }, (track) => {
      track.setFrameTransformer(track.kind === "video" ? backVideo : backAudio);
    });
    await assertFrame(clients);
    await assertTone(clients);
  }
  assert.deepEqual(errors, []);

  const [first, key] = [sent[0], received.find((frame) => frame.isKeyFrame)];
  assert.ok(first instanceof SoraTransformableVideoFrame && key !== undefined);
  assert.deepEqual([first.direction, first.mimeType, first.isKeyFrame], [
    "SENDER",
    "video/VP8",
    true,
  ]);
  assert.deepEqual([first.width, first.height], [style.width, style.height]);
  assert.deepEqual([key.direction, key.mimeType], ["RECEIVER", "video/VP8"]);
  assert.deepEqual([key.width, key.height], [style.width, style.height]);
  assert.ok(sent.some((frame) => !frame.isKeyFrame), "not every frame is a key frame");
  assert.ok(first.ssrc > 0 && first.payloadType >= 35 && first.payloadType <= 127);
  assert.equal(new Set(sent.map(({ ssrc }) => ssrc)).size, 1);
  assert.deepEqual([first.contributingSources, first.frameDependencies], [[], []]);
  const [word, audio] = [spoken[0], heard[0]];
  assert.ok(word instanceof SoraTransformableAudioFrame && audio !== undefined);
  assert.deepEqual([word.direction, audio.direction], ["SENDER", "RECEIVER"]);
  assert.equal(word.mimeType, "audio/opus");
  assert.ok(["SPEECH", "CN"].includes(word.type), word.type);
  assert.equal(word.receiveTime, undefined);
  for (const { audioLevel = -1 } of [...spoken, ...heard]) {
    assert.ok(
      Number.isInteger(audioLevel) && audioLevel >= 0 && audioLevel <= 127,
      `${audioLevel}`,
    );
  }
  // Of the last minute: on this clock, and in its unit.
  const now = Date.now();
  for (const time of [word.absoluteCaptureTimestamp, audio.receiveTime]) {
    assert.ok(
      time !== undefined && time <= now + 1_000 && time > now - 60_000,
      `${time}, now ${now}`,
    );
  }
  const numbers = heard.map(({ sequenceNumber = -1 }) => sequenceNumber);
  assert.ok(numbers.every((number) => number >= 0), "received audio has sequence numbers");
  const steps = spoken.slice(1).map(({ rtpTimestamp }, i) =>
    (rtpTimestamp - (spoken[i]?.rtpTimestamp ?? 0)) >>> 0
  );
  assert.ok(steps.every((step) => step === 960), `20 ms of 48 kHz each: ${new Set(steps)}`);
  await backTo(base);
});

test("readable and writable carry frames through a TransformStream", async () => {
  const transformer = new SoraVideoFrameTransformer();
  let count = 0;
  const counting = new TransformStream<SoraTransformableVideoFrame, SoraTransformableVideoFrame>({
    transform(frame, controller) {
      count++;
      controller.enqueue(frame);
    },
  });
  const piped = transformer.readable.pipeThrough(counting).pipeTo(transformer.writable);
  {
    await using clients = await pair({ videoFrameTransformer: transformer });
    await assertFrame(clients);
  }
  assert.ok(count > 0);
  transformer.close();
  await piped;
});

test("audio goes through readable and writable on both sides, changed and back", async () => {
  const transformers = [new SoraAudioFrameTransformer(), new SoraAudioFrameTransformer()] as const;
  const counts = [0, 0];
  const piped = transformers.map((transformer, index) => {
    const change = new TransformStream<SoraTransformableAudioFrame, SoraTransformableAudioFrame>({
      transform(frame, controller) {
        counts[index]!++;
        frame.setData(frame.getData().map((byte) => byte ^ KEY));
        controller.enqueue(frame);
      },
    });
    return transformer.readable.pipeThrough(change).pipeTo(transformer.writable);
  });
  const [sending, receiving] = transformers;
  {
    await using clients = await pair({ audioFrameTransformer: sending }, (track) => {
      if (track.kind === "audio") track.setFrameTransformer(receiving);
    });
    await assertTone(clients);
    assert.ok(counts.every((count) => count > 0), counts.join());
    // Until the receiver undoes it, the tone is none.
    receiving.startShortCircuiting();
    const { audio } = await clients.receiver.from(clients.sender);
    await eventually("no tone", async () => {
      const { ok, data } = await audio.read(9_600, { timeoutMs: 5_000 });
      return ok && !(loudness(data) > 3_000 &&
        Math.abs(dominantFrequency(data, 48_000) - TONE_HZ) <= TONE_HZ / 100);
    });
  }
  for (const transformer of transformers) transformer.close();
  await Promise.all(piped);
});

test("setData with fewer bytes on sending: just those arrive", async () => {
  const sending = new SoraAudioFrameTransformer();
  const receiving = new SoraAudioFrameTransformer();
  let longest = 0;
  sending.onTransform = (frame) => {
    const data = frame.getData();
    longest = Math.max(longest, data.length);
    // The first byte alone is a packet of Opus too (RFC 6716, section 3.2): one without a frame of audio.
    frame.setData(data.slice(0, 1));
    sending.enqueue(frame);
  };
  const lengths = new Map<number, number>();
  receiving.onTransform = (frame) => {
    const { length } = frame.getData();
    lengths.set(length, (lengths.get(length) ?? 0) + 1);
    receiving.enqueue(frame);
  };
  await using clients = await pair({ audioFrameTransformer: sending }, (track) => {
    if (track.kind === "audio") track.setFrameTransformer(receiving);
  });
  await eventually("short frames", () => (lengths.get(1) ?? 0) > 20);
  assert.ok(longest > 20, `they were up to ${longest} bytes`);
  assert.deepEqual([...lengths.keys()], [1]);
  await assertFrame(clients);
});

test("a slow handler loses the oldest frames, which are counted, and nothing else", async () => {
  const audioFrameTransformer = new SoraAudioFrameTransformer({ capacity: 2 });
  let taken = 0;
  let slow = true;
  audioFrameTransformer.onTransform = (frame) => {
    taken++;
    // The audio of this time is sent at once after it: 15 frames, of which two can wait for the next call.
    const end = performance.now() + (slow ? 300 : 0);
    while (performance.now() < end);
    audioFrameTransformer.enqueue(frame);
  };
  await using clients = await pair({ audioFrameTransformer });
  await eventually("dropped frames", () => audioFrameTransformer.dropped > 20, 20_000);
  assert.ok(taken > 1 && taken < audioFrameTransformer.dropped, `${taken} were taken`);
  slow = false;
  await assertTone(clients);
  await assertFrame(clients);
});

test("of frames that are kept 512 can be enqueued later; the oldest of more are dropped, counted", async () => {
  const audioFrameTransformer = new SoraAudioFrameTransformer();
  const kept: SoraTransformableAudioFrame[] = [];
  audioFrameTransformer.onTransform = (frame) => void kept.push(frame);
  await using sora = new Sora();
  const audioSource = sora.createAudioSource({ channels: 1, sampleRate: 48_000 });
  const connection = sora.createConnection({
    signalingUrls: [server.url],
    channelId: "kept",
    role: "sendonly",
    audioSource,
    audioFrameTransformer,
  });
  await connection.connect();
  // Ten times as fast as it is heard: sources do not pace.
  const tone = new Tone(48_000, TONE_HZ);
  const timer = setInterval(() => audioSource.onData(tone.next(4_800)), 10);
  try {
    await eventually("more frames than are kept", () => kept.length >= 600, 20_000);
  } finally {
    clearInterval(timer);
  }
  const { dropped } = audioFrameTransformer;
  const closed = kept.filter((frame) => {
    try {
      return frame.getData().length === 0;
    } catch (error) {
      assert.equal((error as { code?: string }).code, "CLOSED");
      return true;
    }
  });
  assert.equal(closed.length, kept.length - 512);
  assert.deepEqual(closed, kept.slice(0, closed.length), "the oldest");
  assert.equal(dropped, closed.length);
  assert.throws(() => audioFrameTransformer.enqueue(kept[0]!), { code: "CLOSED" });
  for (const frame of kept.slice(-512)) audioFrameTransformer.enqueue(frame);
  assert.throws(() => audioFrameTransformer.enqueue(kept.at(-1)!), { code: "CLOSED" });
});

test("what is not enqueued does not arrive; what throws loses its frame only", async () => {
  const videoFrameTransformer = new SoraVideoFrameTransformer();
  const audioFrameTransformer = new SoraAudioFrameTransformer();
  const errors: unknown[] = [];
  let taken = 0;
  videoFrameTransformer.onTransform = () => {
    taken++;
  };
  let spoken = 0;
  audioFrameTransformer.onError = (error) => errors.push(error);
  audioFrameTransformer.onTransform = async (frame) => {
    spoken++;
    if (spoken % 10 === 0) throw new Error("one");
    await Promise.resolve();
    if (spoken % 10 === 5) throw new Error("two");
    audioFrameTransformer.enqueue(frame);
  };
  await using clients = await pair({ videoFrameTransformer, audioFrameTransformer });
  await assertTone(clients);
  // More than a transformer lets be held.
  await eventually("frames", () => taken > 60 && spoken > 100);
  const stats = await clients.receiver.connection.getStats();
  const video = videoRtp(stats, "inbound-rtp");
  assert.equal(video?.framesDecoded ?? 0, 0);
  assert.ok(errors.length >= 10, `${errors.length} errors were reported`);
  assert.ok(audioFrameTransformer.dropped >= 10, "and as many frames counted");

  // From here on frames flow, as soon as the receiver has asked for a key frame.
  videoFrameTransformer.startShortCircuiting();
  await assertFrame(clients);
});

test("without a handler frames wait, and the oldest are dropped and counted", async () => {
  const videoFrameTransformer = new SoraVideoFrameTransformer({ capacity: 2 });
  await using clients = await pair({ videoFrameTransformer });
  await assertTone(clients);
  await eventually("sent frames", () => clients.sender.sent > 20);
  let taken = 0;
  videoFrameTransformer.onTransform = (frame) => {
    taken++;
    videoFrameTransformer.enqueue(frame);
  };
  await eventually("frames", () => taken > 2);
  assert.ok(videoFrameTransformer.dropped > 0);
});

test("enqueue refuses frames of others and frames that went", async () => {
  const videoFrameTransformer = new SoraVideoFrameTransformer();
  const other = new SoraVideoFrameTransformer();
  const { promise, resolve } = Promise.withResolvers<SoraTransformableVideoFrame>();
  videoFrameTransformer.onTransform = resolve;
  await using clients = await pair({ videoFrameTransformer });
  const frame = await promise;
  assert.throws(() => videoFrameTransformer.enqueue({} as never), {
    name: "TypeError",
    message: "frame must be an encoded video frame, not an object",
  });
  assert.throws(() => other.enqueue(frame), { name: "SoraError", code: "INVALID_STATE" });
  assert.throws(() => frame.setData("x" as never), { name: "TypeError" });
  assert.throws(() => frame.setData(new Uint8Array(2 ** 24 + 1)), { name: "RangeError" });
  videoFrameTransformer.enqueue(frame);
  const closed = { name: "SoraError", code: "CLOSED" };
  assert.throws(() => videoFrameTransformer.enqueue(frame), closed);
  assert.throws(() => frame.getData(), closed);
  assert.equal(frame.mimeType, "video/VP8");
  const { tracks } = await clients.receiver.from(clients.sender);
  for (const track of tracks) {
    const busy = track.kind === "video" ? videoFrameTransformer : new SoraVideoFrameTransformer();
    assert.throws(() => track.setFrameTransformer(busy), {
      name: track.kind === "video" ? "SoraError" : "TypeError",
    });
  }
});
