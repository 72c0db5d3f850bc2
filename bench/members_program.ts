/**
 * Many members in one process, as a load test has them: `members_program.ts URL KIND COUNT [FIRST]`. They are in channels of two, in
 * which each sends and receives; FIRST is the number of the first, when other processes have those before. Prints a line of JSON with what a member costs, and ends.
 *
 * @module
 */

import process from "node:process";
import { Sora, type SoraConnection } from "../mod.ts";
import { eventually } from "../tests/support/eventually.ts";
import { cpuPercent } from "./cpu.ts";
import { drawFrames, everyFrame } from "./frames.ts";
import { delay } from "./measurement.ts";
import type { MemberKind, MembersFigures } from "./members.ts";

const SETTLE_MS = 10_000;
const BUSY_MS = 10_000;
const MESSAGE_EVERY_MS = 1_000;
const OPEN_LIMIT_MS = 60_000;
const MEGABYTE = 1e6;
/** Connections that are made at a time. */
const AT_A_TIME = 10;

const [url = "", kindText = "", countText, firstText = "0"] = process.argv.slice(2);
const kind = kindText as MemberKind;
const count = Number(countText);
const size = { width: 640, height: 360 };

const sora = new Sora();
const videoSource = kind === "video" ? sora.createVideoSource() : undefined;
const audioSource = kind === "messages"
  ? undefined
  : sora.createAudioSource({ sampleRate: 48_000, channels: 1 });
const baseMB = process.memoryUsage().rss / MEGABYTE;
let received = 0;
let open = 0;

function create(index: number): SoraConnection {
  const connection = sora.createConnection({
    signalingUrls: [url],
    channelId: `${kind} ${Math.floor((Number(firstText) + index) / 2)}`,
    role: "sendrecv",
    audio: audioSource !== undefined,
    video: videoSource !== undefined,
    videoCodecType: "VP8",
    videoBitRate: 500,
    ...(audioSource === undefined ? {} : { audioSource }),
    ...(videoSource === undefined ? {} : { videoSource }),
    ...(kind !== "messages" ? {} : {
      dataChannelSignaling: true,
      dataChannels: [{ label: "#load", direction: "sendrecv" }],
    }),
  });
  connection.onMessage = () => received++;
  connection.onDataChannel = (label) => {
    if (label === "#load") open++;
  };
  return connection;
}

const members = Array.from({ length: count }, (_, index) => create(index));
for (let at = 0; at < count; at += AT_A_TIME) {
  await Promise.all(members.slice(at, at + AT_A_TIME).map((member) => member.connect()));
}

const stops: (() => void)[] = [];
if (kind === "messages") {
  const message = "x".repeat(100);
  await eventually("the data channels", () => open === count, OPEN_LIMIT_MS);
  const timer = setInterval(() => {
    for (const member of members) member.sendDataChannel("#load", message);
  }, MESSAGE_EVERY_MS);
  stops.push(() => clearInterval(timer));
} else {
  const frames = drawFrames(8, size);
  // A tone, because silence costs less.
  const samples = Int16Array.from(
    { length: 1_600 },
    (_, i) => 8_000 * Math.sin(i * 2 * Math.PI * 30 / 1_600),
  );
  stops.push(everyFrame((index) => {
    audioSource?.onData(samples);
    const frame = frames[index % frames.length];
    if (frame !== undefined) videoSource?.onCaptured(frame, size);
  }));
}

/** Frames or messages that all members together have received. */
async function countReceived(): Promise<number> {
  if (kind === "messages") return received;
  let sum = 0;
  for (const member of members) {
    const stats = await member.getStats();
    for (const one of stats) {
      if (one.type !== "inbound-rtp" || one.kind !== kind) continue;
      sum += (kind === "video" ? one.framesDecoded : one.packetsReceived) ?? 0;
    }
  }
  return sum;
}

await delay(SETTLE_MS);
const before = await countReceived();
const start = performance.now();
const percent = await cpuPercent(BUSY_MS);
const seconds = (performance.now() - start) / 1_000;
const figures: MembersFigures = {
  cpuPercent: percent / count,
  megabytes: (process.memoryUsage().rss / MEGABYTE - baseMB) / count,
  baseMB,
  receivedPerSecond: (await countReceived() - before) / seconds / count,
};
for (const stop of stops) stop();
console.log(JSON.stringify(figures));
await sora.close();
