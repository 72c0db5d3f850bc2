/**
 * A spotlight of twenty members who all send and receive: what it costs the server, and how soon the last one sees another.
 *
 * @module
 */

import { Sora, type SoraConnection, SoraVideoSink, type SoraVideoSource } from "../../mod.ts";
import { median } from "../../demo/statistics.ts";
import { type Benchmark, delay } from "../measurement.ts";
import { ON_SERVER_CORE } from "./cores.ts";
import { LOAD, Load, type Member } from "./load.ts";
import { Program } from "./program.ts";
import { ServerProgram } from "./server.ts";

const MEMBERS = 20;
const PLACES = 3;
/** Layers that libwebrtc makes of 640x360 in VP8, with the bytes of a frame at 30 frames a second. */
const LAYERS = [{ rid: "r0", bytes: 480 }, { rid: "r1", bytes: 1_050 }] as const;
const FRAME_MS = 1_000 / 30;
/** Opus of 32 kbit/s in packets of 20 ms. */
const AUDIO = { kind: "audio", bytes: 120, intervalMs: 20 } as const;
const LOUD = 25;
const SILENT = 127;
const WARM_UP_MS = 30_000;
const RUN_MS = 10_000;
const JOINS = 20;
const JOIN_LIMIT_MS = 10_000;

const channel = "spotlight";
const connect = {
  role: "sendrecv",
  channel_id: channel,
  audio: true,
  video: { codec_type: "VP8" },
  spotlight: true,
  spotlight_number: PLACES,
} as const;

/** Members who send audio and two layers of video; the first of them speak. */
async function fill(load: Load, url: string, count: number): Promise<Member[]> {
  const members: Member[] = [];
  for (let index = 0; index < count; index++) {
    const member = await load.join(url, { connect, rids: LAYERS.map(({ rid }) => rid) });
    const phaseMs = index / count * FRAME_MS;
    for (const layer of LAYERS) {
      load.stream(member, { kind: "video", ...layer, intervalMs: FRAME_MS, phaseMs });
    }
    load.stream(member, { ...AUDIO, level: index < PLACES ? LOUD : SILENT, phaseMs });
    load.subscribe(member);
    members.push(member);
  }
  return members;
}

/** The processor time that cannot be saved of a packet. */
async function leastUs(): Promise<number> {
  await using program = new Program([...ON_SERVER_CORE, LOAD, "limit"]);
  const { protect, sendmmsg } = await program.line("protect");
  return Number(protect) + Number(sendmmsg);
}

/** Processor time of the server for all of them. */
async function* cost(): ReturnType<Benchmark["run"]> {
  await using server = await ServerProgram.start();
  await using load = await Load.start();
  await fill(load, server.url, MEMBERS);
  await delay(WARM_UP_MS);
  await load.tally(true);
  const [start, before] = [performance.now(), server.cpuMs()];
  await delay(RUN_MS);
  const [tookMs, cpuMs] = [performance.now() - start, server.cpuMs() - before];
  const { sent, received } = await load.tally();
  if (load.failures.length > 0) throw new Error(load.failures.join("; "));
  const seconds = tookMs / 1_000;
  console.error(
    `${(sent / seconds).toFixed(0)} packets a second in, ${
      (received / seconds).toFixed(0)
    } of video out`,
  );
  // Each of 20 gets the video of all others, and the audio of those in focus.
  const expected = (sent / 110 * 30) * (MEMBERS - 1);
  if (received < 0.95 * expected) {
    throw new Error(`The members must receive ${expected} packets of video, not ${received}`);
  }
  yield {
    name: `CPU of the server, spotlight of ${PLACES} in ${MEMBERS} members of 640x360`,
    value: cpuMs / tookMs * 100,
    unit: "% of a core",
    limit: received / seconds * await leastUs() / 10_000,
    limitIs: "AES-GCM and sendmmsg of the video that is forwarded, alone",
    reach: { value: 60 },
  };
}

/** Sends frames of 640x360 until it is disposed of. */
function sendFrames(source: SoraVideoSource): Disposable {
  const size = { width: 640, height: 360, format: "I420" } as const;
  const pixels = new Uint8Array(size.width * size.height * 3 / 2).fill(128);
  let number = 0;
  const timer = setInterval(() => {
    pixels.fill(number++ * 7 % 200, 0, size.width * 40);
    source.onCaptured(pixels, size);
  }, FRAME_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** Milliseconds from `connect()` to its end, and to the first decoded frame of a sender. */
async function timeJoin(
  connection: SoraConnection,
  senderId: string,
): Promise<{ connectMs: number; frameMs: number }> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const timer = setTimeout(() => reject(new Error("No frame came")), JOIN_LIMIT_MS);
  connection.onTrack = (track) => {
    if (track.kind !== "video" || track.streamId !== senderId) return;
    new SoraVideoSink(track).onFrame = (frame) => {
      frame.close();
      resolve(performance.now());
    };
  };
  const start = performance.now();
  try {
    await connection.connect();
    const connectMs = performance.now() - start;
    return { connectMs, frameMs: await promise - start };
  } finally {
    clearTimeout(timer);
    await connection.disconnect();
  }
}

/** The time until the twentieth member sees one of the others, whose video is real. */
async function* join(): ReturnType<Benchmark["run"]> {
  await using server = await ServerProgram.start();
  await using load = await Load.start();
  await fill(load, server.url, MEMBERS - 2);
  await using sora = new Sora();
  const audioSource = sora.createAudioSource({ sampleRate: 48_000, channels: 1 });
  const member = (videoSource: SoraVideoSource) =>
    sora.createConnection({
      signalingUrls: [server.url],
      channelId: channel,
      role: "sendrecv",
      videoCodecType: "VP8",
      spotlight: true,
      audioSource,
      videoSource,
    });
  const videoSource = sora.createVideoSource();
  const sender = member(videoSource);
  await sender.connect();
  using _frames = sendFrames(videoSource);
  const last = member(sora.createVideoSource());
  await delay(WARM_UP_MS / 3);
  const connects: number[] = [];
  const frames: number[] = [];
  for (let round = -2; round < JOINS; round++) {
    const { connectMs, frameMs } = await timeJoin(last, sender.connectionId ?? "");
    await delay(500);
    if (round < 0) continue;
    connects.push(connectMs);
    frames.push(frameMs);
  }
  yield {
    name: `first decoded frame of the member number ${MEMBERS} after connect() was called`,
    value: median(frames),
    unit: "ms",
    limit: median(connects),
    limitIs: "connect() of the same connection",
    reach: { value: 150 },
  };
}

/** A spotlight of twenty members. */
export const spotlight: Benchmark = {
  name: "spotlight",
  async *run() {
    yield* cost();
    yield* join();
  },
};
