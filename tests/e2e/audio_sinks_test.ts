import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  type SoraAudioFrame,
  SoraAudioSink,
  type SoraAudioSource,
  SoraAudioStreamSink,
  type SoraConnection,
  type SoraMediaTrack,
} from "../../mod.ts";
import { AudioScene, sendOptions } from "../support/audio_scene.ts";
import { eventually, within } from "../support/eventually.ts";
import { dominantFrequency, levelAt } from "../support/tone.ts";
import { assertHears, fault, listen, OUT_RATE, sendTones } from "../support/tone_scene.ts";

let scene: AudioScene;
before(async () => {
  scene = await AudioScene.open();
});
after(() => scene[Symbol.asyncDispose]());

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

test("several sinks on a track get the same audio, each in its format, also as a stream", async () => {
  using sent = sendTones(scene.source, 48_000, [600, 600]);
  await assertHears(scene, [600, 600], sent);
  using low = new SoraAudioStreamSink(scene.track, { sampleRate: 16_000, channels: 1 });
  using high = new SoraAudioStreamSink(scene.track, { sampleRate: 32_000, channels: 2 });
  const reader = low.readable.getReader();
  const heard: SoraAudioFrame[] = [];
  high.onFrame = (frame) => heard.push(frame);
  const read: SoraAudioFrame[] = [];
  await eventually("a second of audio", async () => {
    const { value } = await within("audio", reader.read());
    if (value !== undefined) read.push(value);
    return read.length >= 100 && heard.length >= 50;
  });
  assert.equal(dominantFrequency(channel(read.slice(-40), 0), 16_000), 600);
  assert.equal(dominantFrequency(channel(heard.slice(-40), 1), 32_000), 600);
  assert.ok(read.every(({ samplesPerChannel }) => samplesPerChannel === 160));
  assert.ok(heard.every(({ samplesPerChannel }) => samplesPerChannel === 320));
});

test("a sink goes on when others on its track come and go", async () => {
  using sent = sendTones(scene.source, 48_000, [750, 750]);
  const stays = listen(scene, 2, sent);
  for (let round = 0; round < 20; round++) {
    using one = new SoraAudioSink(scene.track, { sampleRate: 8_000 + 100 * round });
    using other = new SoraAudioStreamSink(scene.track);
    const [read, frame] = await within(
      "audio",
      Promise.all([one.read(100), other[Symbol.asyncIterator]().next()]),
    );
    assert.deepEqual([read.ok, read.data.length], [true, 100 * read.channels]);
    assert.equal(frame.value?.samplesPerChannel, (frame.value?.sampleRateHz ?? 0) / 100);
  }
  for (const samples of await stays) assert.equal(fault(samples, 750), undefined);
});

test("several tracks at once keep apart", async () => {
  const tones = [450, 800, 1_300, 1_900];
  const tracks = new Map<string, SoraMediaTrack>([[scene.track.streamId, scene.track]]);
  scene.receiver.onTrack = (track) => tracks.set(track.streamId, track);
  const senders: [SoraAudioSource, SoraConnection][] = [[scene.source, scene.sender]];
  for (const _ of tones.slice(1)) {
    const source = scene.sora.createAudioSource({ sampleRate: OUT_RATE, channels: 2 });
    const connection = scene.sora.createConnection(sendOptions(scene.server, source));
    await connection.connect();
    senders.push([source, connection]);
  }
  await eventually("all tracks", () => tracks.size === tones.length);
  const sent = senders.map(([source], i) => sendTones(source, 48_000, [tones[i]!, tones[i]!]));
  try {
    await Promise.all(senders.map(async ([, { connectionId = "" }], i) => {
      const track = tracks.get(connectionId);
      assert.ok(track !== undefined);
      for (const samples of await listen({ receiver: scene.receiver, track }, 2, sent[i]!)) {
        const own = tones[i]!;
        assert.equal(fault(samples, own), undefined);
        for (const other of tones) {
          if (other === own) continue;
          const share = levelAt(samples, OUT_RATE, other) / levelAt(samples, OUT_RATE, own);
          assert.ok(share <= 0.02, `${share} of ${own} Hz is ${other} Hz`);
        }
      }
    }));
  } finally {
    for (const tones of sent) tones[Symbol.dispose]();
    for (const [, connection] of senders.slice(1)) await connection.disconnect();
  }
});

test("onFormat reports the format before the audio, and may itself read", async () => {
  using _ = sendTones(scene.source, 48_000, [600]);
  using sink = new SoraAudioSink(scene.track, { sampleRate: 16_000, channels: 1 });
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
});

test("a slow reader loses the oldest audio, which is counted, and its sink ends with the track", async () => {
  using _ = sendTones(scene.source, 48_000, [800]);
  const sink = new SoraAudioStreamSink(scene.track, {
    sampleRate: 8_000,
    channels: 1,
    bufferMs: 50,
  });
  await eventually("lost audio", () => sink.dropped > 0);
  const { value } = await within("audio", sink[Symbol.asyncIterator]().next());
  assert.equal(value?.samplesPerChannel, 80);
  await scene.sender.disconnect();
  let left = 0;
  for await (const frame of sink) left += frame.samplesPerChannel;
  assert.ok(left <= 8_000 * 0.06, `${left} samples were left`);
  assert.equal(sink.ended, true);
  assert.ok(sink.dropped > 0);
});
