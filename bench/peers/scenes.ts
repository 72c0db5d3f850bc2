/**
 * What is measured of the contenders. A scene starts their programs, and gives figures by the key of their row.
 *
 * @module
 */

import { median, percentile } from "../../demo/statistics.ts";
import { delay } from "../measurement.ts";
import type { Program } from "../server/program.ts";
import type { Contender, SceneName } from "./contenders.ts";
import { VIDEO } from "./programs/program.ts";
import { type Figures, type RowKey, ROWS } from "./rows.ts";
import { LIMIT_MS, record, Stage, type Surroundings } from "./stage.ts";

const VIDEO_MS = 6_000;
const PIXELS_MS = 6_000;
const MESSAGES_SETTLE_MS = 1_000;
const MESSAGES_MS = 2_500;
const IDLE_SETTLE_MS = 3_000;
const IDLE_MS = 20_000;
const CONNECTS = 15;
const STARTS = 3;
const IDLE = 100;
const MESSAGE_BYTES = 256_000;
const SMALL_BYTES = 64;
const MEGABYTE = 1e6;

/** Takes the figures of a contender, or why there are none. */
export type Report = (contender: Contender, outcome: Figures | Error) => void;

/** What is measured together. */
export interface Scene {
  /** About how many seconds it takes, for so many contenders. */
  seconds(contenders: number): number;
  /** Measures them in their order; one who fails does not end it. */
  run(
    contenders: readonly Contender[],
    surroundings: Surroundings,
    report: Report,
  ): Promise<void>;
}

const asError = (error: unknown) => error instanceof Error ? error : new Error(String(error));

/** A scene of one contender after the other, of whom whoever fails has a second try. */
function inTurns(each: number, measure: (stage: Stage, one: Contender) => Promise<Figures>): Scene {
  const attempt = async (one: Contender, surroundings: Surroundings) => {
    await using stage = new Stage(one, surroundings);
    return await measure(stage, one);
  };
  return {
    seconds: (contenders) => contenders * each,
    async run(contenders, surroundings, report) {
      for (const one of contenders) {
        const again = () => attempt(one, surroundings);
        report(one, await again().catch(again).catch(asError));
      }
    },
  };
}

async function video(stage: Stage, { reads, pushes }: Contender): Promise<Figures> {
  const { receiver, sender } = await stage.pair("receive", "send", (part) => ({
    formats: [(part === "in" ? reads : pushes)[0]!],
  }));
  const { sent, received, seconds, sendCpu, receiveCpu } = await record(receiver, sender, VIDEO_MS);
  const pushed = new Map(sent.map(([number, at]) => [number, at]));
  const latencies = received.flatMap(([number, at]) => {
    const from = pushed.get(number);
    return from === undefined ? [] : [at - from];
  });
  if (latencies.length < VIDEO.fps) {
    throw new Error(`${latencies.length} frames of 1280x720 arrived, of ${sent.length} sent`);
  }
  const [sendMemory, receiveMemory] = [sender.residentBytes(), receiver.residentBytes()];
  // It takes memory and time, so it is last.
  const psnr = receiver.line("psnr");
  receiver.tell({ do: "compare" });
  return {
    latency50: median(latencies),
    latency95: percentile(latencies, 95),
    rate: received.length / seconds,
    quality: Number((await psnr)["psnr"]),
    // By frame, because who is too slow sends fewer.
    sendCpu: sendCpu / received.length,
    receiveCpu: receiveCpu / received.length,
    sendMemory: sendMemory / MEGABYTE,
    receiveMemory: receiveMemory / MEGABYTE,
  };
}

async function pixels(stage: Stage, { reads, pushes }: Contender): Promise<Figures> {
  const { receiver, sender } = await stage.pair("receive", "send", (part) => ({
    formats: part === "in" ? reads : pushes,
  }));
  const { sent, received } = await record(receiver, sender, PIXELS_MS);
  const figures: Partial<Record<RowKey, number>> = {};
  for (const [verb, entries] of [["push", sent], ["read", received]] as const) {
    for (const format of new Set(entries.map(([, , , one]) => one))) {
      const key = `${verb}${format}`;
      const times = entries.filter(([, , , one]) => one === format).map(([, , us]) => us);
      if (key in ROWS) figures[key as RowKey] = median(times);
    }
  }
  return figures;
}

async function count(stage: Stage, bytes: number) {
  const { receiver } = await stage.pair("messages in", "messages out", () => ({ bytes }));
  await delay(MESSAGES_SETTLE_MS);
  receiver.tell({ do: "begin" });
  await delay(MESSAGES_MS);
  const line = receiver.line("messages");
  receiver.tell({ do: "end" });
  const { messages, bytes: sum, seconds } = await line as Record<string, number>;
  if (messages === 0) throw new Error(`No message of ${bytes} bytes arrived`);
  await stage[Symbol.asyncDispose]();
  return { perSecond: messages! / seconds!, megabytes: sum! / seconds! / MEGABYTE };
}

async function messages(stage: Stage): Promise<Figures> {
  const large = await count(stage, MESSAGE_BYTES);
  const small = await count(stage, SMALL_BYTES);
  return { megabytes: large.megabytes, messages: small.perSecond };
}

async function connect(stage: Stage): Promise<Figures> {
  const line = await stage.start("connect", { count: CONNECTS }).line("connects", LIMIT_MS);
  return {
    connect: median(line["connects"] as number[]),
    disconnect: median(line["disconnects"] as number[]),
  };
}

async function start(stage: Stage): Promise<Figures> {
  const times: number[] = [];
  for (let turn = 0; turn < STARTS; turn++) {
    const begin = performance.now();
    await stage.start("start").line("connected", LIMIT_MS);
    times.push(performance.now() - begin);
    await stage[Symbol.asyncDispose]();
  }
  return { start: median(times) };
}

/** Connects many times; gives the program, and its memory with one connection. */
async function connectMany(stage: Stage): Promise<{ program: Program; first: number }> {
  const program = stage.start("idle", { count: IDLE });
  await program.line("connections", LIMIT_MS);
  await delay(1_000);
  const first = program.residentBytes();
  const others = program.line("connections", 2 * LIMIT_MS);
  program.tell({ do: "more" });
  await others;
  return { program, first };
}

type Idling = { readonly one: Contender; readonly program: Program; readonly first: number };

/** The figures of those who are idle in the same seconds. */
async function watchIdle(idling: readonly Idling[], report: Report): Promise<void> {
  await delay(IDLE_SETTLE_MS);
  const begin = performance.now();
  const read = ({ program }: Idling) => {
    try {
      return { cpu: program.cpuMs(), bytes: program.residentBytes() };
    } catch (error) {
      return asError(error);
    }
  };
  const before = idling.map(read);
  await delay(IDLE_MS);
  const took = performance.now() - begin;
  for (const [at, each] of idling.entries()) {
    const [from, to] = [before[at]!, read(each)];
    const { one, first } = each;
    if (from instanceof Error || to instanceof Error) {
      report(one, new Error("It ended while it was idle"));
      continue;
    }
    const there = one.through === "each other" ? 2 : 1;
    report(one, {
      connectionMemory: (to.bytes - first) / (IDLE - there) / MEGABYTE,
      idleCpu: (to.cpu - from.cpu) / took * 100,
    });
  }
}

/** Whoever connects through the same server is idle in the same seconds: each by itself would take most of the time of all scenes. */
const idle: Scene = {
  seconds: (contenders) => 3 * (IDLE_SETTLE_MS + IDLE_MS) / 1_000 + contenders * 5,
  async run(contenders, surroundings, report) {
    for (const through of ["sora", "livekit", "each other"] as const) {
      await using stages = new AsyncDisposableStack();
      const idling: Idling[] = [];
      for (const one of contenders.filter((one) => one.through === through)) {
        const stage = stages.use(new Stage(one, surroundings));
        try {
          idling.push({ one, ...await connectMany(stage) });
        } catch (error) {
          await stage[Symbol.asyncDispose]();
          report(one, asError(error));
        }
      }
      if (idling.length > 0) await watchIdle(idling, report);
    }
  },
};

/** The scenes by name. */
export const SCENES: Readonly<Record<SceneName, Scene>> = {
  video: inTurns(12.5, video),
  pixels: inTurns(11, pixels),
  messages: inTurns(8.5, messages),
  connect: inTurns(2.5, connect),
  start: inTurns(1.5, start),
  idle,
};
