import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Sora, type SoraPixelFormat } from "../../mod.ts";

const sora = new Sora();
after(() => sora.close());
const video = sora.createVideoSource();
const audio = sora.createAudioSource({ channels: 2, sampleRate: 48_000 });
const size = { width: 5, height: 3 };

/** Bytes of a frame of 5 x 3, counted by hand. */
const bytes: Readonly<Record<SoraPixelFormat, number>> = {
  BGR: 45,
  RGB: 45,
  BGRA: 60,
  RGBA: 60,
  I420: 15 + 2 * 6,
  NV12: 15 + 12,
};
const formats = Object.keys(bytes) as SoraPixelFormat[];

test("SoraVideoSource.onCaptured takes exactly the bytes of each format", () => {
  for (const format of formats) {
    const expected = bytes[format];
    video.onCaptured(new Uint8Array(expected), { ...size, format });
    for (const given of [expected - 1, expected + 1]) {
      assert.throws(() => video.onCaptured(new Uint8Array(given), { ...size, format }), {
        name: "RangeError",
        message: `data has ${given} bytes, but a ${format} frame of 5x3 has ${expected}`,
      });
    }
  }
});

test("SoraVideoSource.onCaptured respects byteOffset and takes a longer buffer with a stride", () => {
  const buffer = new ArrayBuffer(200);
  video.onCaptured(new Uint8Array(buffer, 7, 45), size);
  video.onCaptured(new Uint8ClampedArray(buffer, 1, 45), size);
  video.onCaptured(new Uint8Array(buffer, 3), { ...size, stride: 16 });
  assert.throws(() => video.onCaptured(new Uint8Array(buffer, 170), { ...size, stride: 16 }), {
    name: "RangeError",
    message: /^data has 30 bytes, but a BGR frame of 5x3 with a stride of 16 has \d+$/,
  });
});

test("SoraVideoSource.onCaptured names the wrong option", () => {
  const data = new Uint8Array(45);
  const wrong: [string, unknown][] = [
    ["options must be an object with width and height,", undefined],
    ["options.width", {}],
    ["options.width", { height: 3 }],
    ["options.width", { width: 0, height: 3 }],
    // Encoders give nothing for one pixel.
    ["options.width", { width: 1, height: 3 }],
    ["options.height", { width: 5, height: 1 }],
    ["options.height", { width: 5, height: 16_385 }],
    ["options.height", { width: 5, height: 2.5 }],
    ["options.format", { ...size, format: "RGB24" }],
    ["options.stride", { ...size, stride: 14 }],
    ["options.rotation", { ...size, rotation: 45 }],
    ["options.rotation", { ...size, rotation: "90" }],
    ["options.timestampUs", { ...size, timestampUs: -1 }],
    ["options.timestampUs", { ...size, timestampUs: 2 ** 53 }],
    ["options.timestamp", { ...size, timestamp: 1 }],
  ];
  for (const [path, options] of wrong) {
    assert.throws(() => video.onCaptured(data, options as typeof size), (error) => {
      assert.ok(error instanceof TypeError || error instanceof RangeError);
      assert.ok(error.message.startsWith(`${path} `), error.message);
      return true;
    });
  }
  for (const data of [undefined, new ArrayBuffer(45), new Uint16Array(23), Array(45).fill(0)]) {
    assert.throws(() => video.onCaptured(data as never, size), {
      name: "TypeError",
      message: /^data must be a Uint8Array/,
    });
  }
});

test("SoraAudioSource.onData takes any number of frames, of either kind, in other formats too", () => {
  for (const frames of [0, 1, 479, 480, 4_801]) {
    audio.onData(new Int16Array(frames * 2));
    audio.onData(new Float32Array(frames * 2), { timestampUs: 0 });
    audio.onData(new Int16Array(frames * 2), { absoluteCaptureTimestampMs: 0 });
    audio.onData(new Int16Array(frames), { channels: 1, sampleRate: 16_000 });
  }
  audio.onData(new Int16Array(new ArrayBuffer(100), 2, 8));
});

test("SoraAudioSource.onData keeps at most 2 s waiting and counts the frames that it loses", () => {
  using source = sora.createAudioSource({ channels: 2, sampleRate: 48_000 });
  source.onData(new Int16Array(2 * 8_000), { channels: 1, sampleRate: 8_000 });
  assert.equal(source.dropped, 0);
  using other = sora.createAudioSource({ channels: 2, sampleRate: 48_000 });
  other.onData(new Float32Array(60 * 8_000), { channels: 1, sampleRate: 8_000 });
  assert.equal(other.dropped, 58 * 8_000);
});

test("SoraAudioSource.onData refuses half a frame, other arrays and wrong options", () => {
  assert.throws(() => audio.onData(new Int16Array(3)), {
    name: "RangeError",
    message: /^data must have a multiple of 2 samples, .*2 channels, not 3$/,
  });
  assert.throws(() => audio.onData(new Uint8Array(4) as never), {
    name: "TypeError",
    message: /^data must be an Int16Array or a Float32Array/,
  });
  const wrong: [string, object][] = [
    ["options.channels", { channels: 9 }],
    ["options.sampleRate", { sampleRate: 44_101 }],
    ["options.sampleRate", { sampleRate: 7_900 }],
    ["options.timestampUs", { timestampUs: NaN }],
    ["options.timestampUs", { timestampUs: 2 ** 53 }],
    ["options.absoluteCaptureTimestampMs", { absoluteCaptureTimestampMs: -1 }],
    ["options.absoluteCaptureTimestampMs", { absoluteCaptureTimestampMs: 1e13 }],
    ["options.rate", { rate: 48_000 }],
  ];
  for (const [path, options] of wrong) {
    assert.throws(() => audio.onData(new Int16Array(2), options), (error) => {
      assert.ok(error instanceof TypeError || error instanceof RangeError);
      assert.ok(error.message.startsWith(`${path} `), error.message);
      return true;
    });
  }
});

test("sources end with close, once, and refuse use after it", () => {
  const source = sora.createVideoSource();
  assert.equal(source.state, "LIVE");
  source.setEnabled(false);
  assert.equal(source.enabled, false);
  source.close();
  source.close();
  assert.equal(source.state, "ENDED");
  const closed = { name: "SoraError", code: "CLOSED" };
  assert.throws(() => source.onCaptured(new Uint8Array(45), size), closed);
  assert.throws(() => source.setEnabled(true), closed);
});

test("createConnection refuses sources of another Sora and sources that are closed", async () => {
  await using other = new Sora();
  const options = {
    signalingUrls: ["ws://127.0.0.1:5000/signaling"],
    role: "sendonly",
    channelId: "channel",
  } as const;
  const closed = sora.createVideoSource();
  closed.close();
  for (const videoSource of [other.createVideoSource(), closed]) {
    assert.throws(() => sora.createConnection({ ...options, videoSource }), {
      name: "TypeError",
      message: /^options\.videoSource must be made by the same Sora/,
    });
  }
});

test("a source gives one writable after the other, however each ends", async () => {
  using frame = sora.createVideoSource();
  using audio = sora.createAudioSource({ channels: 1, sampleRate: 8_000 });
  const clips: [{ readonly writable: WritableStream }, unknown][] = [
    [frame, { data: new Uint8Array(45), ...size, timestampUs: 0 }],
    [audio, new Int16Array(80)],
  ];
  for (const [source, chunk] of clips) {
    const clip = () => ReadableStream.from([chunk, chunk]);
    const known = new Set<WritableStream>();
    for (let i = 0; i < 3; i++) {
      known.add(source.writable);
      assert.equal(source.writable, source.writable);
      await clip().pipeTo(source.writable);
    }
    await clip().pipeTo(source.writable, { preventClose: true });
    known.add(source.writable);
    await source.writable.abort();
    await assert.rejects(ReadableStream.from(["wrong"]).pipeTo(source.writable), TypeError);
    await clip().pipeTo(source.writable);
    assert.equal(known.size, 4);
  }
});
