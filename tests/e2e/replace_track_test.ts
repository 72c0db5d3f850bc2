import assert from "node:assert/strict";
import { test } from "node:test";
import { Sora } from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { eventually, pause } from "../support/eventually.ts";
import { MediaClient, nextFrame } from "../support/media_client.ts";
import { drawFrame, psnr } from "../support/frame.ts";
import { dominantFrequency, loudness, Tone } from "../support/tone.ts";

const style = { width: 320, height: 240, turn: 0 };
const other = { width: 240, height: 160, turn: 2 };
const SAMPLE_RATE = 48_000;

test("replaceTrack sends another source, nothing, and another again, in later connects too", async () => {
  await using server = await SoraServer.start({ port: 0 });
  await using sora = new Sora();
  const options = { signalingUrls: [server.url], channelId: "replace" };
  await using sender = new MediaClient(
    { ...options, role: "sendonly", videoCodecType: "VP8" },
    { frame: style, toneHz: 440 },
    sora,
  );
  await using receiver = new MediaClient({ ...options, role: "recvonly" });
  const { connection } = sender;
  const videoSource = sora.createVideoSource();
  const audioSource = sora.createAudioSource({ sampleRate: SAMPLE_RATE, channels: 1 });
  const drawn = drawFrame(other, 7);
  const tone = new Tone(SAMPLE_RATE, 1_000);
  const timer = setInterval(() => {
    videoSource.onCaptured(drawn, { width: other.width, height: other.height });
    audioSource.onData(tone.next(SAMPLE_RATE / 50));
  }, 20);
  try {
    await sender.connect();
    await receiver.connect();
    let { video, audio } = await receiver.from(sender);
    const tracks = [...(await receiver.from(sender)).tracks];
    const shows = (width: number) =>
      eventually(`frames of ${width}`, async () => {
        using frame = await nextFrame(video);
        return frame.width === width;
      });
    const hears = (hz: number) =>
      eventually(`${hz} Hz`, async () => {
        const { ok, data } = await audio.read(9_600, { timeoutMs: 5_000 });
        if (!ok) return false;
        if (hz === 0) return loudness(data) < 100;
        return loudness(data) > 3_000 &&
          Math.abs(dominantFrequency(data, SAMPLE_RATE) - hz) <= hz / 100;
      });
    await shows(style.width);
    await hears(440);

    await connection.replaceTrack("video", videoSource);
    await connection.replaceTrack("audio", audioSource);
    await shows(other.width);
    using frame = await nextFrame(video, ({ width }) => width === other.width);
    assert.ok(psnr(frame.data(), drawn) >= 25);
    await hears(1_000);
    assert.deepEqual(tracks.map(({ state }) => state), ["LIVE", "LIVE"], "the same tracks");

    await connection.replaceTrack("audio", null);
    await hears(0);
    await connection.replaceTrack("audio", audioSource);
    await hears(1_000);

    await sender.disconnect();
    await eventually(
      "the end",
      () => receiver.received.get(video.track.streamId)?.tracks.size === 0,
    );
    await sender.connect();
    ({ video, audio } = await receiver.from(sender));
    await shows(other.width);
    await hears(1_000);
  } finally {
    clearInterval(timer);
  }
});

test("replaceTrack refuses other sources, and a kind that is not sent", async () => {
  await using server = await SoraServer.start({ port: 0 });
  await using sora = new Sora();
  await using stranger = new Sora();
  const videoSource = sora.createVideoSource();
  const audioSource = sora.createAudioSource({ sampleRate: SAMPLE_RATE, channels: 1 });
  await using connection = sora.createConnection({
    signalingUrls: [server.url],
    channelId: "replace",
    role: "sendonly",
    videoSource,
  });
  await connection.connect();
  const closed = sora.createVideoSource();
  closed.close();
  const wrong: [RegExp, () => Promise<void>][] = [
    [/^kind must be one of "audio", "video"/, () => connection.replaceTrack("x" as never, null)],
    [
      /^source must be a SoraVideoSource or null/,
      () => connection.replaceTrack("video", audioSource as never),
    ],
    [
      /^source must be a SoraAudioSource or null/,
      () => connection.replaceTrack("audio", undefined as never),
    ],
    [
      /^source must be made by the same Sora/,
      () => connection.replaceTrack("video", stranger.createVideoSource()),
    ],
    [/^source must be made by the same Sora/, () => connection.replaceTrack("video", closed)],
  ];
  for (const [message, call] of wrong) await assert.rejects(call, { name: "TypeError", message });
  await assert.rejects(connection.replaceTrack("audio", audioSource), {
    name: "SoraError",
    code: "INVALID_STATE",
  });
});

test("replaceTrack at any moment of connecting: the last source is sent", async () => {
  await using server = await SoraServer.start({ port: 0 });
  await using sora = new Sora();
  const options = { signalingUrls: [server.url], channelId: "replace while connecting" };
  await using receiver = new MediaClient({ ...options, role: "recvonly" });
  await receiver.connect();
  const sources = [sora.createVideoSource(), sora.createVideoSource()] as const;
  const connection = sora.createConnection({
    ...options,
    role: "sendonly",
    videoCodecType: "VP8",
    videoSource: sources[0],
  });
  const sizes = [style, other] as const;
  const frames = sizes.map((size) => drawFrame(size, 7));
  const timer = setInterval(() => {
    for (const [index, source] of sources.entries()) {
      source.onCaptured(frames[index]!, {
        width: sizes[index]!.width,
        height: sizes[index]!.height,
      });
    }
  }, 20);
  try {
    for (const last of [1, 0]) {
      let connected = false;
      const connecting = connection.connect().then(() => connected = true);
      const replaced: Promise<void>[] = [];
      while (!connected) {
        replaced.push(connection.replaceTrack("video", sources[replaced.length % 2]!));
        // More than one per millisecond would keep the native threads from connecting.
        await Promise.race([connecting, pause(1)]);
      }
      replaced.push(connection.replaceTrack("video", sources[last]!));
      await Promise.all(replaced);
      assert.ok(replaced.length > 3);
      const stream = () => receiver.received.get(connection.connectionId ?? "");
      const video = await eventually("the track", () => stream()?.video);
      await eventually("frames of the last source", async () => {
        using frame = await nextFrame(video);
        return frame.width === sizes[last]!.width;
      });
      const ending = connection.replaceTrack("video", sources[last]!);
      await Promise.all([connection.disconnect(), ending]);
    }
    // One that waits for a connection that is given up is kept for the next.
    const given = new AbortController();
    const abandoned = connection.connect({ signal: given.signal });
    const waiting = connection.replaceTrack("video", sources[1]);
    given.abort();
    await assert.rejects(abandoned, { name: "AbortError" });
    await waiting;
    await connection.connect();
    const stream = () => receiver.received.get(connection.connectionId ?? "");
    const video = await eventually("the track", () => stream()?.video);
    using frame = await nextFrame(video);
    assert.equal(frame.width, other.width);
  } finally {
    clearInterval(timer);
  }
});
