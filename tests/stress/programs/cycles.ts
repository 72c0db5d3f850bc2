/**
 * A program that connects, has media flow and disconnects again and again, with codecs and transports in turn. Its arguments: the
 * server's URL, how many cycles at most, and for how many seconds new ones begin. For each it prints `cycle` and a {@link Cycle} as
 * JSON, and at the end `left` with what stays besides what the first cycles left, as JSON.
 *
 * @module
 */

import process from "node:process";
import { openh264Files } from "../../support/codec_libraries.ts";
import { mediaCycle } from "../../support/media_cycle.ts";
import { eventually } from "../../support/eventually.ts";
import { collectGarbage, resources, startSignalThread } from "../../support/resources.ts";
import { Sora } from "../../../mod.ts";

/** What is known of a cycle after its end. */
export interface Cycle {
  readonly number: number;
  /** Resident memory of the process in kB. */
  readonly rssKb: number;
  /** How long it took. */
  readonly ms: number;
  /** What failed. */
  readonly error?: string;
}

const [url = "", most = "1000", seconds = "60"] = process.argv.slice(2);

const openh264 = [...openh264Files.values()].at(-1);
const CODECS = ["VP8", "VP9", "AV1", ...(openh264 === undefined ? [] : ["H264"] as const)] as const;
/** Signaling over the WebSocket, over data channels beside it, and over data channels alone. */
const TRANSPORTS = [
  {},
  { dataChannelSignaling: true },
  { dataChannelSignaling: true, ignoreDisconnectWebSocket: true },
] as const;
const EVERY = CODECS.length * TRANSPORTS.length;

/** Every other cycle starts and ends libwebrtc's threads as well. */
async function cycle(number: number, shared: Sora): Promise<void> {
  const videoCodecType = CODECS[number % CODECS.length]!;
  const transport = TRANSPORTS[Math.floor(number / CODECS.length) % TRANSPORTS.length]!;
  const options = { signalingUrls: [url], channelId: "cycles", videoCodecType, ...transport };
  if (Math.floor(number / EVERY) % 2 === 0) {
    await mediaCycle(options, shared);
    return;
  }
  await using own = open();
  await mediaCycle(options, own);
}

const open = () => new Sora(openh264 === undefined ? {} : { openh264 });

startSignalThread();
await using sora = open();
let base = resources();
const end = performance.now() + Number(seconds) * 1_000;
for (let number = 0; number < Number(most) && performance.now() < end; number++) {
  const began = performance.now();
  const error = await cycle(number, sora).then(() => undefined, String);
  const ms = performance.now() - began;
  collectGarbage();
  const rssKb = process.memoryUsage().rss / 1024;
  const line: Cycle = { number, rssKb, ms, ...(error === undefined ? {} : { error }) };
  console.log(`cycle ${JSON.stringify(line)}`);
  // By then the runtime's own pools have come to their size.
  if (number < 2 * EVERY) base = resources();
}
let left = {};
await eventually("the counts of before", () => {
  const now = resources();
  left = {
    objects: Math.max(0, now.objects - base.objects),
    threads: Math.max(0, now.threads - base.threads),
    descriptors: Math.max(0, now.descriptors - base.descriptors),
  };
  return Object.values(left).every((count) => count === 0);
}).catch(() => {});
console.log(`left ${JSON.stringify(left)}`);
