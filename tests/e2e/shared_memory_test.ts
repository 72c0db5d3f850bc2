/** Bytes and samples in shared memory go in as those in ordinary memory do, on each way into the library. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import {
  Sora,
  SoraAudioSink,
  SoraVAD,
  SoraVideoFrameTransformer,
  SoraVideoSink,
} from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { eventually, within } from "../support/eventually.ts";
import { dominantFrequency, Tone } from "../support/tone.ts";

const RATE = 48_000;
const TONE_HZ = 1_000;
const size = { width: 64, height: 48 };
const LABEL = "#shared";

/** A copy in shared memory, which does not start at its beginning. */
function shared(bytes: Uint8Array): Uint8Array<SharedArrayBuffer> {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.byteLength + 6), 6);
  copy.set(bytes);
  return copy;
}

test("pixels, samples, encoded data and messages are taken from shared memory", async () => {
  await using server = await SoraServer.start({ port: 0 });
  await using sora = new Sora();
  const room = {
    signalingUrls: [server.url],
    channelId: "shared",
    dataChannelSignaling: true,
    dataChannels: [{ label: LABEL, direction: "sendrecv" }],
  } as const;
  const audioSource = sora.createAudioSource({ sampleRate: RATE, channels: 1 });
  const videoSource = sora.createVideoSource();
  const videoFrameTransformer = new SoraVideoFrameTransformer();
  let replaced = 0;
  videoFrameTransformer.onTransform = (frame) => {
    frame.setData(shared(frame.getData()));
    replaced++;
    videoFrameTransformer.enqueue(frame);
  };
  await using sender = sora.createConnection({
    ...room,
    role: "sendonly",
    audioSource,
    videoSource,
    videoFrameTransformer,
  });
  await using receiver = sora.createConnection({ ...room, role: "recvonly" });
  const sinks: { audio?: SoraAudioSink; video?: SoraVideoSink } = {};
  receiver.onTrack = (track) => {
    if (track.kind === "audio") sinks.audio = new SoraAudioSink(track, { channels: 1 });
    else sinks.video = new SoraVideoSink(track);
  };
  const messages: string[] = [];
  receiver.onMessage = (_, data) => messages.push(Buffer.from(data).toString());
  await Promise.all([sender.connect(), receiver.connect()]);
  const { video, audio } = await eventually(
    "both tracks",
    () => sinks.audio !== undefined && sinks.video !== undefined && { ...sinks },
  );

  const grey = shared(new Uint8Array(size.width * size.height * 3).fill(90));
  const tone = new Tone(RATE, TONE_HZ);
  const samples = new Int16Array(new SharedArrayBuffer(RATE / 100 * 2));
  const pushing = setInterval(() => {
    videoSource.onCaptured(grey, size);
    for (let i = 0; i < 2; i++) {
      samples.set(tone.next(samples.length));
      audioSource.onData(samples);
    }
  }, 20);
  try {
    const pixels = new Uint8Array(new SharedArrayBuffer(grey.byteLength));
    for await (const received of video!) {
      using frame = received;
      assert.equal(frame.copyTo(pixels), pixels.byteLength);
      assert.deepEqual(Buffer.from(pixels), Buffer.from(frame.data()));
      break;
    }
    assert.ok(pixels.every((value) => Math.abs(value - 90) < 8), `the pixels are ${pixels[0]}`);
    assert.ok(replaced > 0);
    await eventually("the tone", async () => {
      const { data, sampleRate } = await audio!.read(RATE / 10);
      return Math.abs(dominantFrequency(data, sampleRate) - TONE_HZ) < 20;
    });
    const text = new TextEncoder().encode("from shared memory");
    const ends = [sender, receiver].map((connection) => connection.dataChannel(LABEL));
    await eventually("both ends of the channel", () => ends.every(({ isOpen }) => isOpen));
    assert.equal(sender.sendDataChannel(LABEL, shared(text)), true);
    const writer = sender.dataChannel(LABEL).writable.getWriter();
    await within("the write", writer.write(shared(text)));
    await eventually("both messages", () => messages.length === 2);
    assert.deepEqual(messages, Array(2).fill("from shared memory"));
    assert.throws(() => sender.sendDataChannel(LABEL, new SharedArrayBuffer(8) as never), {
      name: "TypeError",
      message: "data must be a Uint8Array or a string, not an object (SharedArrayBuffer)",
    });
  } finally {
    clearInterval(pushing);
  }
});

test("SoraVAD and floats take shared memory", async () => {
  using vad = new SoraVAD();
  using other = new SoraVAD();
  const plain = Int16Array.from({ length: RATE / 10 }, (_, i) => 8_000 * Math.sin(i * i / 900));
  const copy = new Int16Array(new SharedArrayBuffer(plain.byteLength));
  copy.set(plain);
  const format = { sampleRate: RATE };
  assert.equal(vad.analyze(copy, format), other.analyze(plain, format));
  await using sora = new Sora();
  using source = sora.createAudioSource({ sampleRate: RATE, channels: 1 });
  source.onData(new Float32Array(new SharedArrayBuffer(480 * 4)));
});
