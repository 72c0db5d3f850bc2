import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  Sora,
  type SoraAudioFrame,
  SoraAudioSink,
  type SoraAudioSource,
  SoraAudioStreamSink,
  type SoraConnection,
  type SoraMediaTrack,
} from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { eventually, within } from "../support/eventually.ts";
import { dominantFrequency, loudness } from "../support/tone.ts";

const OUT_RATE = 48_000;
const AMPLITUDE = 10_000;
const RMS = AMPLITUDE / Math.SQRT2;
/** Half a second of frames. */
const FRAMES = 50;
const rates = [8_000, 16_000, 24_000, 44_100, 48_000];
/** Both sides ask for two channels (RFC 7587). */
const audioOpusParams = { channels: 2, stereo: true, sprop_stereo: true };
const lengths = [1, 100, 441, 480, 4_801];

let server: SoraServer;
let sora: Sora;
let source: SoraAudioSource;
let connection: SoraConnection;
let track: SoraMediaTrack;
before(async () => {
  server = await SoraServer.start({ port: 0 });
  sora = new Sora();
  source = sora.createAudioSource({ sampleRate: OUT_RATE, channels: 2 });
  const room = { signalingUrls: [server.url], channelId: "audio", video: false };
  connection = sora.createConnection({
    ...room,
    role: "sendonly",
    audioSource: source,
    audioBitRate: 256,
    audioOpusParams,
  });
  const receiver = sora.createConnection({ ...room, role: "recvonly", audioOpusParams });
  const { promise, resolve } = Promise.withResolvers<SoraMediaTrack>();
  receiver.onTrack = resolve;
  await connection.connect();
  await receiver.connect();
  track = await within("the track", promise);
});
after(async () => {
  await sora.close();
  await server.close();
});

/** Sends tones, one for each channel (0: silence), in pieces of `length` frames, until it is disposed of. */
function send(sampleRate: number, tones: readonly number[], length: number, floats = false) {
  const channels = tones.length;
  const start = performance.now();
  let position = 0;
  const timer = setInterval(() => {
    const due = Math.floor((performance.now() - start) * sampleRate / 1_000);
    // Single frames are too many to keep pace with at 48 kHz, so the rest of a turn goes in one piece.
    for (let turn = 0; due - position >= length; turn++) {
      const frames = turn < 100 ? length : due - position;
      const data = new Float32Array(frames * channels);
      for (let i = 0; i < data.length; i++) {
        const time = (position + Math.floor(i / channels)) / sampleRate;
        const hz = tones[i % channels] ?? 0;
        data[i] = AMPLITUDE / 32_768 * Math.sin(2 * Math.PI * hz * time);
      }
      const samples = floats ? data : Int16Array.from(data, (value) => Math.round(value * 32_768));
      source.onData(samples, { sampleRate, channels });
      position += frames;
    }
  }, 10);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function channel(frames: readonly SoraAudioFrame[], which: number): Int16Array {
  return Int16Array.from(
    frames.flatMap((frame) =>
      Array.from(
        { length: frame.samplesPerChannel },
        (_, i) => frame.samples[i * frame.numChannels + which] ?? 0,
      )
    ),
  );
}

/** Half a second of sound whose channels are the tones, once they are through. */
async function hears(tones: readonly number[]): Promise<void> {
  using sink = new SoraAudioStreamSink(track, { sampleRate: OUT_RATE, channels: tones.length });
  const frames: SoraAudioFrame[] = [];
  let found: string[] = [];
  const all = sink[Symbol.asyncIterator]();
  await eventually(`tones of ${tones} Hz`, async () => {
    const { value } = await within("sound", all.next());
    if (value === undefined) throw new Error("The sink ended");
    assert.deepEqual([value.sampleRateHz, value.numChannels], [OUT_RATE, tones.length]);
    assert.equal(value.samplesPerChannel, OUT_RATE / 100);
    frames.push(value);
    if (frames.length < FRAMES) return false;
    const half = frames.splice(0);
    found = tones.map((hz, which) => {
      const samples = channel(half, which);
      const level = loudness(samples);
      const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
      if (peak >= 32_000) return "clipped";
      if (hz === 0) return level <= 0.02 * RMS ? "" : `${level.toFixed(0)} is no silence`;
      const frequency = dominantFrequency(samples, OUT_RATE);
      if (Math.abs(frequency - hz) > hz / 100) return `${frequency} Hz is not ${hz} Hz`;
      return Math.abs(level / RMS - 1) <= 0.25
        ? ""
        : `${level.toFixed(0)} is not ${RMS.toFixed(0)}`;
    });
    return found.every((fault) => fault === "");
  }, 20_000).catch((cause) => {
    throw new Error(`heard: ${found.join("; ")}`, { cause });
  });
}

for (const sampleRate of rates) {
  test(`tones at ${sampleRate} Hz, in one channel and in two, arrive as sent, not swapped`, async () => {
    const floats = sampleRate === 44_100;
    {
      using _ = send(sampleRate, [440], sampleRate / 100, floats);
      await hears([440]);
    }
    using _ = send(sampleRate, [500, 1_200], sampleRate / 100, floats);
    await hears([500, 1_200]);
  });
}

test("a silent channel is silent beside one that is not, on either side", async () => {
  for (const tones of [[0, 700], [700, 0]]) {
    using _ = send(48_000, tones, 480);
    await hears(tones);
  }
});

for (const length of lengths) {
  test(`pieces of ${length} frames make the same tone`, async () => {
    using _ = send(44_100, [880], length);
    await hears([880]);
  });
}

test("several sinks on a track get the same sound, each in its format, also as a stream", async () => {
  using _ = send(48_000, [600, 600], 480);
  await hears([600, 600]);
  using low = new SoraAudioStreamSink(track, { sampleRate: 16_000, channels: 1 });
  using high = new SoraAudioStreamSink(track, { sampleRate: 32_000, channels: 2 });
  const reader = low.readable.getReader();
  const heard: SoraAudioFrame[] = [];
  high.onFrame = (frame) => heard.push(frame);
  const read: SoraAudioFrame[] = [];
  await eventually("a second of sound", async () => {
    const { value } = await within("sound", reader.read());
    if (value !== undefined) read.push(value);
    return read.length >= 100 && heard.length >= 50;
  });
  assert.equal(dominantFrequency(channel(read.slice(-40), 0), 16_000), 600);
  assert.equal(dominantFrequency(channel(heard.slice(-40), 1), 32_000), 600);
  assert.ok(read.every(({ samplesPerChannel }) => samplesPerChannel === 160));
  assert.ok(heard.every(({ samplesPerChannel }) => samplesPerChannel === 320));
});

test("onFormat tells the format before the sound, and may read itself", async () => {
  using _ = send(48_000, [600], 480);
  using sink = new SoraAudioSink(track, { sampleRate: 16_000, channels: 1 });
  const formats: number[][] = [];
  let inner: ReturnType<typeof sink.read> | undefined;
  sink.onFormat = (...format) => {
    formats.push(format);
    inner ??= sink.read(160, { timeoutMs: 5_000 });
  };
  const first = await sink.read(320, { timeoutMs: 5_000 });
  assert.deepEqual([first.ok, first.data.length, first.sampleRate], [true, 320, 16_000]);
  const second = await inner;
  assert.deepEqual([second?.ok, second?.data.length], [true, 160]);
  assert.deepEqual(formats, [[16_000, 1]]);
  await assert.rejects(sink.read(16_001), {
    name: "RangeError",
    message: /at most 16000.*16001/,
  });
});

test("a source that is disabled is silent, and comes back", async () => {
  using _ = send(48_000, [800], 480);
  await hears([800]);
  source.setEnabled(false);
  await hears([0]);
  source.setEnabled(true);
  await hears([800]);
});

test("a slow reader loses the oldest sound, which is counted, and its sink ends with the track", async () => {
  using _ = send(48_000, [800], 480);
  const sink = new SoraAudioStreamSink(track, { sampleRate: 8_000, channels: 1, bufferMs: 50 });
  await eventually("lost sound", async () => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const { value } = await within("sound", sink[Symbol.asyncIterator]().next());
    return value !== undefined && sink.dropped > 0;
  });
  await connection.disconnect();
  let left = 0;
  for await (const frame of sink) left += frame.samplesPerChannel;
  assert.ok(left <= 8_000 * 0.06, `${left} samples were left`);
  assert.equal(sink.ended, true);
});
