/**
 * The benchmarks on the runtime that runs this file; prints each figure as a line of JSON. `run.ts [WORD...]` runs only those
 * with one of the words in their name.
 *
 * @module
 */

import process from "node:process";
import { Child } from "../tests/support/child.ts";
import { onData } from "./audio.ts";
import { codecCpu } from "./codec_cpu.ts";
import { codecSession } from "./codec_session.ts";
import { connect, firstFrame, laterFrame } from "./connect.ts";
import { session } from "./cpu.ts";
import { cycles } from "./cycles.ts";
import { driverCost } from "./driver_cost.ts";
import { eventLatency } from "./event_latency.ts";
import { lossyDownlink, thinDownlink } from "./downlink.ts";
import { exits } from "./exits.ts";
import { ffiCall } from "./ffi_call.ts";
import { growth } from "./growth.ts";
import { idle } from "./idle.ts";
import { layers } from "./layers.ts";
import { LimitProgram } from "./limits.ts";
import type { Benchmark } from "./measurement.ts";
import { members } from "./members.ts";
import { framesKept, slowReader } from "./memory.ts";
import { memoryParts } from "./memory_parts.ts";
import { largeMessages, messages, switching } from "./messaging.ts";
import { overload } from "./overload.ts";
import { copyTo, data, onCaptured } from "./pixels.ts";
import { unread } from "./sinks.ts";
import { datagrams } from "./server/datagrams.ts";
import { forwardedPacket, oneStream, streams } from "./server/forwarding.ts";
import { joins } from "./server/joins.ts";
import { forwardedLayers } from "./server/layers.ts";
import { lossyPath, relayed } from "./server/messages.ts";
import { spotlight } from "./server/spotlight.ts";
import { start } from "./start.ts";
import { testing } from "./testing.ts";
import { transform } from "./transform.ts";

const benchmarks: readonly Benchmark[] = [
  ffiCall,
  eventLatency,
  idle,
  start,
  connect,
  firstFrame,
  laterFrame,
  switching,
  messages,
  largeMessages,
  onCaptured,
  onData,
  copyTo,
  data,
  transform,
  session,
  overload,
  unread,
  slowReader,
  framesKept,
  memoryParts,
  cycles,
  exits,
  codecSession,
  codecCpu,
  driverCost,
  layers,
  datagrams,
  forwardedPacket,
  forwardedLayers,
  oneStream,
  streams,
  lossyPath,
  relayed,
  joins,
  thinDownlink,
  lossyDownlink,
  members,
  spotlight,
  testing,
  growth,
];

const words = process.argv.slice(2);
const chosen = benchmarks.filter(({ name, onlyByName }) =>
  words.length === 0
    ? onlyByName !== true
    : words.some((word) => name.toLowerCase().includes(word.toLowerCase()))
);
if (chosen.length === 0) {
  const names = benchmarks.map(({ name }) => name).join(", ");
  throw new TypeError(
    `A word must be part of a benchmark's name, and none of "${
      words.join(" ")
    }" is; the names are ${names}`,
  );
}
await using server = new Child(new URL("../cli/mod.ts", import.meta.url), [
  "server",
  "--port",
  "0",
]);
const { url } = JSON.parse(await server.line("")) as { url: string };
using limits = new LimitProgram();
for (const benchmark of chosen) {
  for await (const measurement of benchmark.run({ url, limits })) {
    console.log(JSON.stringify(measurement));
  }
}
