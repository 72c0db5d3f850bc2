import assert from "node:assert/strict";
import { test } from "node:test";
import type { SoraStatsOf, SoraVideoCodecName } from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { eventually } from "../support/eventually.ts";
import { MediaClient, nextFrame, type Received } from "../support/media_client.ts";
import {
  colourAt,
  drawFrame,
  type FrameStyle,
  psnr,
  quarterColour,
  readNumber,
} from "../support/frame.ts";
import { dominantFrequency, loudness } from "../support/tone.ts";

const SAMPLE_RATE = 48_000;
const style: FrameStyle = { width: 320, height: 240, turn: 0 };

function assertColours(style: FrameStyle, pixels: Uint8Array): void {
  for (let quarter = 0; quarter < 4; quarter++) {
    const x = (1 + 6 * (quarter % 2)) * style.width / 8;
    const y = (1 + 6 * Math.floor(quarter / 2)) * style.height / 8;
    const got = colourAt(pixels, style.width, x, y);
    const want = quarterColour(style, quarter);
    const distance = Math.max(...want.map((value, c) => Math.abs(value - (got[c] ?? 0))));
    assert.ok(distance <= 20, `quarter ${quarter} is ${got}, not ${want}`);
  }
}

/** The frames that come are those that were sent: size, colours, order, and little loss. */
async function assertVideo(style: FrameStyle, { video }: Required<Received>): Promise<void> {
  const numbers: number[] = [];
  let best = 0;
  while (numbers.length < 20) {
    using frame = await nextFrame(video, ({ width }) => width === style.width);
    assert.equal(frame.height, style.height);
    const pixels = frame.data();
    assertColours(style, pixels);
    const number = readNumber(style, pixels);
    best = Math.max(best, psnr(pixels, drawFrame(style, number)));
    numbers.push(number);
  }
  assert.deepEqual(numbers, numbers.toSorted((a, b) => a - b), "frames come in order");
  assert.ok(new Set(numbers).size >= 19, `frames differ: ${numbers}`);
  assert.ok(best >= 30, `the best PSNR of 20 frames is ${best.toFixed(1)} dB`);
}

/** The audio that comes is the tone that was sent. */
async function assertTone(toneHz: number, { audio }: Required<Received>): Promise<void> {
  await eventually("audio", async () => {
    const { ok, data } = await audio.read(SAMPLE_RATE / 50);
    return ok && loudness(data) > 3_000;
  });
  const { ok, data, channels } = await audio.read(SAMPLE_RATE / 2, { timeoutMs: 5_000 });
  assert.ok(ok);
  assert.equal(channels, 1);
  assert.equal(data.length, SAMPLE_RATE / 2);
  const found = dominantFrequency(data, SAMPLE_RATE);
  assert.ok(Math.abs(found - toneHz) <= toneHz / 100, `${found} Hz came, not ${toneHz} Hz`);
}

const codecs: readonly SoraVideoCodecName[] = ["VP8", "VP9", "AV1"];
for (const videoCodecType of codecs) {
  test(`sendonly to recvonly: video (${videoCodecType}) and audio arrive as sent`, async () => {
    await using server = await SoraServer.start({ port: 0 });
    const options = { signalingUrls: [server.url], channelId: "media" };
    await using sender = new MediaClient({ ...options, role: "sendonly", videoCodecType }, {
      frame: style,
      toneHz: 440,
    });
    await using receiver = new MediaClient({ ...options, role: "recvonly" });
    await sender.connect();
    await receiver.connect();
    const received = await receiver.from(sender);
    await assertVideo(style, received);
    await assertTone(440, received);
    assert.equal(sender.received.size, 0, "a sender receives nothing");

    const stats = await receiver.connection.getStats();
    const codecOf = (kind: string) => {
      const inbound = stats.find((s): s is SoraStatsOf<"inbound-rtp"> =>
        s.type === "inbound-rtp" && s.kind === kind
      );
      return stats.find((s): s is SoraStatsOf<"codec"> =>
        s.type === "codec" && s.id === inbound?.codecId
      )?.mimeType;
    };
    assert.equal(codecOf("video"), `video/${videoCodecType}`);
    assert.equal(codecOf("audio"), "audio/opus");
    for (const { connection } of [sender, receiver]) {
      const transport = (await connection.getStats()).find(({ type }) => type === "transport");
      assert.equal(
        transport?.type === "transport" && transport.srtpCipher,
        "AEAD_AES_128_GCM",
        "SRTP is encrypted by GCM (RFC 7714)",
      );
    }
    assert.deepEqual([...sender.errors, ...receiver.errors], []);
  });
}

test("sendrecv: each gets the other member's video and audio, and not its own", async () => {
  await using server = await SoraServer.start({ port: 0 });
  const options = { signalingUrls: [server.url], channelId: "media", role: "sendrecv" } as const;
  const styles = [style, { width: 240, height: 160, turn: 2 }] as const;
  await using a = new MediaClient(options, { frame: styles[0], toneHz: 440 });
  await using b = new MediaClient(options, { frame: styles[1], toneHz: 1_000 });
  await Promise.all([a.connect(), b.connect()]);
  const [fromB, fromA] = await Promise.all([a.from(b), b.from(a)]);
  await Promise.all([assertVideo(styles[1], fromB), assertVideo(styles[0], fromA)]);
  await Promise.all([assertTone(1_000, fromB), assertTone(440, fromA)]);
  assert.deepEqual([...a.received.keys()], [b.connection.connectionId]);
  assert.deepEqual([...b.received.keys()], [a.connection.connectionId]);
  assert.deepEqual([...a.errors, ...b.errors], []);
});

test("leaving and joining again: tracks end, new ones take their place, media flows", async () => {
  await using server = await SoraServer.start({ port: 0 });
  const options = { signalingUrls: [server.url], channelId: "media" };
  await using receiver = new MediaClient({ ...options, role: "recvonly" });
  await using sender = new MediaClient({ ...options, role: "sendonly" }, {
    frame: style,
    toneHz: 440,
  });
  await receiver.connect();
  const ids = new Set<string>();
  for (let round = 0; round < 3; round++) {
    await sender.connect();
    ids.add(sender.connection.connectionId ?? "");
    const received = await receiver.from(sender);
    const tracks = [...received.tracks];
    await assertVideo(style, received);
    await assertTone(440, received);
    await sender.disconnect();
    await eventually("the end of the tracks", () => received.tracks.size === 0);
    assert.deepEqual(tracks.map(({ state }) => state), ["ENDED", "ENDED"]);
    let left = 0;
    for await (const frame of received.video) {
      frame.close();
      left++;
    }
    assert.ok(left <= 3, "the sink gives what it has buffered and ends");
  }
  assert.equal(ids.size, 3, "each connect is a connection of its own");
  assert.deepEqual(sender.disconnects.map(([code]) => code), Array(3).fill("CLOSE_SUCCEEDED"));
  assert.deepEqual(receiver.errors, []);
});

test("a track that is disabled is black and silent, and comes back", async () => {
  await using server = await SoraServer.start({ port: 0 });
  const options = { signalingUrls: [server.url], channelId: "media" };
  await using sender = new MediaClient({ ...options, role: "sendonly" }, {
    frame: style,
    toneHz: 440,
  });
  await using receiver = new MediaClient({ ...options, role: "recvonly" });
  await sender.connect();
  await receiver.connect();
  const received = await receiver.from(sender);
  await assertTone(440, received);
  const [audio, video] = [...received.tracks].toSorted((a, b) => a.kind < b.kind ? -1 : 1);
  const corner = async () => {
    using frame = await nextFrame(received.video);
    return Math.max(...colourAt(frame.data(), frame.width, 20, 20));
  };
  const level = async () => loudness((await received.audio.read(480)).data);
  audio?.setEnabled(false);
  video?.setEnabled(false);
  await eventually("black", async () => await corner() < 8);
  await eventually("silence", async () => await level() < 100);
  assert.deepEqual([audio?.enabled, video?.enabled], [false, false]);
  audio?.setEnabled(true);
  video?.setEnabled(true);
  await eventually("a frame", async () => await corner() > 150);
  await eventually("audio", async () => await level() > 3_000);
});
