import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Sora, SoraAudioSink, type SoraConnection, type SoraMediaTrack } from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { eventually, pause } from "../support/eventually.ts";
import { MediaClient } from "../support/media_client.ts";
import { LIBRARY_THREADS, wakeups } from "../support/wakeups.ts";

const CONNECTIONS = 10;
const WINDOW_MS = 2_000;
/** Wake-ups a second of ten connections: four looks at their paths, answers, and a report of statistics by each every 5 s. */
const MOST_IDLE = 40;
/** Checks a second of a path without data: one every two seconds, where those of media have two a second. */
const MOST_CHECKS = 1;
const CHECKS_MS = 4_000;
/** A block of audio is played every 10 ms for a sink; 25 times a second without one. */
const MOST_UNHEARD = 50;
const LIMIT_MS = 30_000;

let server: SoraServer;

before(async () => {
  server = await SoraServer.start({ port: 0 });
});

after(() => server.close());

function join(sora: Sora, channelId: string): SoraConnection {
  return sora.createConnection({ signalingUrls: [server.url], channelId, role: "recvonly" });
}

/** Checks of their paths (RFC 7675) that all these connections have sent so far. */
async function checksSent(connections: readonly SoraConnection[]): Promise<number> {
  const reports = await Promise.all(connections.map((connection) => connection.getStats()));
  return reports.flat().reduce(
    (sum, stats) => sum + (stats.type === "candidate-pair" ? stats.requestsSent ?? 0 : 0),
    0,
  );
}

/** Samples of audio that libwebrtc has played so far. */
async function samplesPlayed(connection: SoraConnection): Promise<number> {
  for (const stats of await connection.getStats()) {
    if (stats.type === "inbound-rtp" && stats.kind === "audio") {
      return stats.totalSamplesReceived ?? 0;
    }
  }
  return 0;
}

test("connections without media wake the library's threads rarely, and together", async () => {
  await using sora = new Sora();
  const connections = Array.from({ length: CONNECTIONS }, (_, i) => join(sora, `idle ${i}`));
  await Promise.all(connections.map((connection) => connection.connect()));
  // The paths are settled a moment after a connection is made.
  await eventually(
    `fewer than ${MOST_IDLE} wake-ups a second`,
    async () => await wakeups(LIBRARY_THREADS, WINDOW_MS) < MOST_IDLE,
    LIMIT_MS,
  );
  const sent = await checksSent(connections);
  const start = performance.now();
  // Time is the subject: how many checks there are in it. A machine that is slow makes it fewer.
  await pause(CHECKS_MS);
  const seconds = (performance.now() - start) / 1_000;
  const checks = await checksSent(connections) - sent;
  assert.ok(checks > 0, "paths are checked");
  assert.ok(checks < MOST_CHECKS * CONNECTIONS * seconds, `${checks} checks in ${seconds} s`);
  for (const connection of connections) assert.equal(connection.state, "connected");
});

test("received audio is played in larger pieces until a sink listens", async () => {
  await using sender = new MediaClient({
    signalingUrls: [server.url],
    channelId: "unheard",
    role: "sendonly",
    video: false,
  }, { toneHz: 440 });
  await using sora = new Sora();
  const connection = join(sora, "unheard");
  const received = Promise.withResolvers<SoraMediaTrack>();
  connection.onTrack = received.resolve;
  await sender.connect();
  await connection.connect();
  const track = await received.promise;
  await eventually("audio", async () => await samplesPlayed(connection) > 0);

  const played = await samplesPlayed(connection);
  const start = performance.now();
  assert.ok(await wakeups(/^sora-audio$/, WINDOW_MS) < MOST_UNHEARD);
  // libwebrtc counts on, as if each block were played at its time; up to two pieces may be missing at the ends.
  const expected = (performance.now() - start) * 48;
  const counted = await samplesPlayed(connection) - played;
  assert.ok(counted > expected - 4_800, `${counted} samples of ${expected} were played`);

  using sink = new SoraAudioSink(track);
  const { ok, data } = await sink.read(4_800, { timeoutMs: 5_000 });
  assert.ok(ok, "audio reaches the sink");
  assert.ok(data.length >= 4_800, `${data.length} samples`);
  await connection.disconnect();
});
