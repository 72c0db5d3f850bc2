/**
 * A process of a size: `growth_program.ts URL KIND ARGUMENT CHANNEL`, see `growth.ts`. Prints a line of JSON with what it costs,
 * and ends.
 *
 * @module
 */

import process from "node:process";
import { Sora, type SoraConnection, type SoraConnectionOptions, SoraVideoSink } from "../mod.ts";
import { eventually } from "../tests/support/eventually.ts";
import { videoRtp } from "../tests/support/statistics.ts";
import { drawFrames } from "./frames.ts";
import type { GrowthFigures, GrowthKind } from "./growth.ts";
import { delay, type Size } from "./measurement.ts";

const SETTLE_MS = 3_000;
const BUSY_MS = 5_000;
const ARRIVAL_LIMIT_MS = 60_000;
const MEGABYTE = 1e6;
/** Frames of all members are small and few, so that those of 20 can be decoded. */
const MEMBER_SIZE = { width: 160, height: 90 } as const;
/** So few that 3840x2160 can be encoded. */
const FRAMES_PER_SECOND = 10;
/** Bits of each pixel, and the most that Sora allows in kbps. */
const BITS_PER_PIXEL = 0.25;
const MOST_KBPS = 15_000;

const [url = "", kindText = "", argument = "", channelId = ""] = process.argv.slice(2);
const kind = kindText as GrowthKind;
const sora = new Sora();
const source = sora.createVideoSource();
const baseMB = process.memoryUsage().rss / MEGABYTE;
let frames = 0;
let timer: ReturnType<typeof setInterval> | undefined;
const seen = new Set<string>();

function create(options: Partial<SoraConnectionOptions>): SoraConnection {
  const connection = sora.createConnection({
    signalingUrls: [url],
    channelId,
    role: "recvonly",
    audio: false,
    videoCodecType: "VP8",
    ...options,
  });
  connection.onTrack = (track) => {
    if (track.kind !== "video") return;
    new SoraVideoSink(track).onFrame = (frame) => {
      frames++;
      frame.close();
      seen.add(`${connection.connectionId} ${track.id}`);
    };
  };
  return connection;
}

async function connectAll(connections: readonly SoraConnection[]): Promise<void> {
  for (const connection of connections) await connection.connect();
}

function send(size: Size): void {
  const drawn = drawFrames(2, size);
  let sent = 0;
  timer = setInterval(() => source.onCaptured(drawn[sent++ % 2]!, size), 1_000 / FRAMES_PER_SECOND);
}

const kbps = ({ width, height }: Size) =>
  Math.min(MOST_KBPS, Math.ceil(width * height * FRAMES_PER_SECOND * BITS_PER_PIXEL / 1_000));

/** Starts what costs; resolves with what counts frames, when all of it runs. */
async function start(): Promise<(() => number | Promise<number>) | undefined> {
  const count = Number(argument);
  const many = (options: (index: number) => Partial<SoraConnectionOptions>) =>
    Array.from({ length: count }, (_, index) => create(options(index)));
  const videoSource = source;
  switch (kind) {
    case "receivers":
      await connectAll(many(() => ({})));
      await eventually("frames of all", () => seen.size === count, ARRIVAL_LIMIT_MS);
      return () => frames;
    case "connections":
      await connectAll(many((index) => ({ channelId: `${channelId} ${index}` })));
      return undefined;
    case "members": {
      send(MEMBER_SIZE);
      const videoBitRate = Math.max(50, kbps(MEMBER_SIZE));
      const members = many(() => ({ role: "sendrecv", videoSource, videoBitRate }));
      await connectAll(members);
      await eventually("all of all", () => seen.size === count * (count - 1), ARRIVAL_LIMIT_MS);
      return async () => frames + await encoded(members);
    }
    case "sizes": {
      const [width, height] = argument.split("x").map(Number);
      const size = { width: width!, height: height! };
      const sender = create({
        role: "sendonly",
        videoSource,
        videoBitRate: kbps(size),
        degradationPreference: "MAINTAIN_RESOLUTION",
      });
      await sender.connect();
      send(size);
      return () => encoded([sender]);
    }
  }
}

async function encoded(connections: readonly SoraConnection[]): Promise<number> {
  let sum = 0;
  for (const connection of connections) {
    sum += videoRtp(await connection.getStats(), "outbound-rtp")?.framesEncoded ?? 0;
  }
  return sum;
}

const count = await start();
await delay(SETTLE_MS);
const before = await count?.() ?? 0;
const cpu = process.cpuUsage();
const begin = performance.now();
await delay(BUSY_MS);
const { user, system } = process.cpuUsage(cpu);
const took = performance.now() - begin;
const passed = (await count?.() ?? 0) - before;
if (count !== undefined && passed === 0) throw new Error("Frames must pass, and none did");
const busyMs = (user + system) / 1_000;
const percent = busyMs / took * 100;
/** What a frame of each costs, of all together. */
const figures: GrowthFigures = {
  cpu: count === undefined ? percent : busyMs / passed * unitsOf(),
  megabytes: process.memoryUsage().rss / MEGABYTE - baseMB,
};
console.log(JSON.stringify(figures));
clearInterval(timer);
await sora.close();
process.exit();

/** Streams whose frames are counted together; one where only a size grows. */
function unitsOf(): number {
  if (kind === "members") return Number(argument) ** 2;
  return kind === "receivers" ? Number(argument) : 1;
}
