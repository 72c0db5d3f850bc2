/**
 * What is measured of each contender. A scene starts its programs, and gives figures by the key of their row.
 *
 * @module
 */

import { median, percentile } from "../../demo/statistics.ts";
import { delay } from "../measurement.ts";
import { type Line, Program } from "../server/program.ts";
import type { Contender, SceneName } from "./contenders.ts";
import { type Format, type Task, VIDEO } from "./programs/program.ts";

/** A row of the table. */
export interface Row {
  /** What is measured. */
  readonly name: string;
  /** Its unit. */
  readonly unit: string;
  /** Which is better. */
  readonly better: "less" | "more";
  /** Whether those who connect to themselves are no measure: they save a hop, and their idle connections are for data alone. */
  readonly hop?: true;
  /** The format that is read. */
  readonly reads?: Format;
}

/** The rows, by key. */
export const ROWS = {
  latency50: { name: "720p30 VP8, 2.5 Mbps: latency p50", unit: "ms", better: "less", hop: true },
  latency95: { name: "the same: latency p95", unit: "ms", better: "less", hop: true },
  rate: { name: "the same: frames received", unit: "frames/s", better: "more" },
  sendCpu: { name: "the same: processor time of the sender, a frame", unit: "ms", better: "less" },
  receiveCpu: { name: "the same: of the receiver, a frame", unit: "ms", better: "less" },
  sendMemory: { name: "the same: resident memory of the sender", unit: "MB", better: "less" },
  receiveMemory: { name: "the same: of the receiver", unit: "MB", better: "less" },
  pushBGR: { name: "push a 720p frame, BGR", unit: "µs", better: "less" },
  pushRGBA: { name: "push a 720p frame, RGBA", unit: "µs", better: "less" },
  pushI420: { name: "push a 720p frame, I420", unit: "µs", better: "less" },
  pushNV12: { name: "push a 720p frame, NV12", unit: "µs", better: "less" },
  readBGR: { name: "read a received 720p frame, BGR", unit: "µs", better: "less", reads: "BGR" },
  readRGBA: { name: "read a received 720p frame, RGBA", unit: "µs", better: "less", reads: "RGBA" },
  readI420: { name: "read a received 720p frame, I420", unit: "µs", better: "less", reads: "I420" },
  megabytes: { name: "data channel, messages of 256 kB", unit: "MB/s", better: "more" },
  messages: { name: "data channel, messages of 64 B", unit: "messages/s", better: "more" },
  connect: { name: "connect", unit: "ms", better: "less", hop: true },
  disconnect: { name: "disconnect", unit: "ms", better: "less", hop: true },
  start: {
    name: "from the start of the process to connected",
    unit: "ms",
    better: "less",
    hop: true,
  },
  connectionMemory: {
    name: "memory of an idle connection",
    unit: "MB",
    better: "less",
    hop: true,
  },
  idleCpu: { name: "100 idle connections", unit: "% of a core", better: "less", hop: true },
} as const satisfies Readonly<Record<string, Row>>;

/** The key of a row. */
export type RowKey = keyof typeof ROWS;
/** Figures of one contender in one round. */
export type Figures = Readonly<Partial<Record<RowKey, number>>>;

/** What scenes need to know. */
export interface Surroundings {
  /** URLs of the servers. */
  readonly urls: Readonly<Partial<Record<Contender["through"], string>>>;
  /** The folder with files of frames. */
  readonly frames: string;
}

const SETTLE_MS = 4_000;
const VIDEO_MS = 6_000;
const PIXELS_MS = 8_000;
const MESSAGES_MS = 3_000;
const IDLE_SETTLE_MS = 3_000;
const IDLE_MS = 6_000;
const CONNECTS = 15;
const STARTS = 3;
const IDLE = 100;
const LIMIT_MS = 60_000;
const MESSAGE_BYTES = 256_000;
const SMALL_BYTES = 64;

let channels = 0;

class Stage implements AsyncDisposable {
  readonly #contender: Contender;
  readonly #surroundings: Surroundings;
  readonly #channel = `peers ${++channels}`;
  readonly #programs = new Map<Task["part"], Program>();

  constructor(contender: Contender, surroundings: Surroundings) {
    this.#contender = contender;
    this.#surroundings = surroundings;
  }

  start(part: Task["part"], task: Partial<Task> = {}): Program {
    const { command, through } = this.#contender;
    const { urls, frames } = this.#surroundings;
    const whole: Task = {
      part,
      url: urls[through] ?? "",
      channel: this.#channel,
      formats: [],
      frames,
      bytes: 0,
      count: 0,
      ...task,
    };
    const program = new Program([...command, JSON.stringify(whole)]);
    this.#programs.set(part, program);
    return program;
  }

  /** Two programs, connected to each other or to the server. */
  async pair(
    receives: Task["part"],
    sends: Task["part"],
    task: (part: "in" | "out") => Partial<Task>,
  ): Promise<{ receiver: Program; sender: Program }> {
    const receiver = this.start(receives, task("in"));
    const receiving = receiver.line("connected", LIMIT_MS);
    if (this.#contender.through !== "each other") {
      await receiving;
      const sender = this.start(sends, task("out"));
      await sender.line("connected", LIMIT_MS);
      return { receiver, sender };
    }
    const answer = receiver.line("sdp", LIMIT_MS);
    const sender = this.start(sends, task("out"));
    const sending = sender.line("connected", LIMIT_MS);
    receiver.tell({ do: "sdp", ...await sender.line("sdp", LIMIT_MS) });
    sender.tell({ do: "sdp", ...await answer });
    await Promise.all([receiving, sending]);
    return { receiver, sender };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const program of this.#programs.values()) await program[Symbol.asyncDispose]();
  }
}

type Entry = readonly [number: number, atMs: number, us: number, format: Format];

/** What both sides of a stream record in a while, with their processor time in milliseconds. */
async function record(receiver: Program, sender: Program, ms: number) {
  await delay(SETTLE_MS);
  for (const program of [sender, receiver]) program.tell({ do: "begin" });
  const before = [sender.cpuMs(), receiver.cpuMs()] as const;
  const start = performance.now();
  await delay(ms);
  const took = performance.now() - start;
  const after = [sender.cpuMs(), receiver.cpuMs()] as const;
  const lines = [sender.line("sent"), receiver.line("received")] as const;
  for (const program of [sender, receiver]) program.tell({ do: "end" });
  const [sent, received] = await Promise.all(lines);
  const entries = (line: Line, key: string) => line[key] as readonly Entry[];
  return {
    sent: entries(sent, "sent"),
    received: entries(received, "received"),
    seconds: took / 1_000,
    sendCpu: after[0] - before[0],
    receiveCpu: after[1] - before[1],
  };
}

const MEGABYTE = 1e6;

async function video(contender: Contender, surroundings: Surroundings): Promise<Figures> {
  await using stage = new Stage(contender, surroundings);
  const { receiver, sender } = await stage.pair("receive", "send", (part) => ({
    formats: [(part === "in" ? contender.reads : contender.pushes)[0]!],
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
  return {
    latency50: median(latencies),
    latency95: percentile(latencies, 95),
    rate: received.length / seconds,
    // By frame, because who is too slow sends fewer.
    sendCpu: sendCpu / received.length,
    receiveCpu: receiveCpu / received.length,
    sendMemory: sender.residentBytes() / MEGABYTE,
    receiveMemory: receiver.residentBytes() / MEGABYTE,
  };
}

async function pixels(contender: Contender, surroundings: Surroundings): Promise<Figures> {
  await using stage = new Stage(contender, surroundings);
  const { receiver, sender } = await stage.pair("receive", "send", (part) => ({
    formats: part === "in" ? contender.reads : contender.pushes,
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

async function count(contender: Contender, surroundings: Surroundings, bytes: number) {
  await using stage = new Stage(contender, surroundings);
  const { receiver } = await stage.pair("messages in", "messages out", () => ({ bytes }));
  await delay(1_000);
  receiver.tell({ do: "begin" });
  await delay(MESSAGES_MS);
  const line = receiver.line("messages");
  receiver.tell({ do: "end" });
  const { messages, bytes: sum, seconds } = await line as Record<string, number>;
  if (messages === 0) throw new Error(`No message of ${bytes} bytes arrived`);
  return { perSecond: messages! / seconds!, megabytes: sum! / seconds! / MEGABYTE };
}

async function messages(contender: Contender, surroundings: Surroundings): Promise<Figures> {
  const large = await count(contender, surroundings, MESSAGE_BYTES);
  const small = await count(contender, surroundings, SMALL_BYTES);
  return { megabytes: large.megabytes, messages: small.perSecond };
}

async function connect(contender: Contender, surroundings: Surroundings): Promise<Figures> {
  await using stage = new Stage(contender, surroundings);
  const line = await stage.start("connect", { count: CONNECTS }).line("connects", LIMIT_MS);
  return {
    connect: median(line["connects"] as number[]),
    disconnect: median(line["disconnects"] as number[]),
  };
}

async function start(contender: Contender, surroundings: Surroundings): Promise<Figures> {
  const times: number[] = [];
  for (let turn = 0; turn < STARTS; turn++) {
    await using stage = new Stage(contender, surroundings);
    const begin = performance.now();
    await stage.start("start").line("connected", LIMIT_MS);
    times.push(performance.now() - begin);
  }
  return { start: median(times) };
}

async function idle(contender: Contender, surroundings: Surroundings): Promise<Figures> {
  await using stage = new Stage(contender, surroundings);
  const program = stage.start("idle", { count: IDLE });
  await program.line("connections", LIMIT_MS);
  await delay(1_000);
  const first = program.residentBytes();
  const others = program.line("connections", 2 * LIMIT_MS);
  program.tell({ do: "more" });
  await others;
  await delay(IDLE_SETTLE_MS);
  const before = program.cpuMs();
  const begin = performance.now();
  await delay(IDLE_MS);
  const idleCpu = (program.cpuMs() - before) / (performance.now() - begin) * 100;
  const there = contender.through === "each other" ? 2 : 1;
  const connectionMemory = (program.residentBytes() - first) / (IDLE - there) / MEGABYTE;
  return { connectionMemory, idleCpu };
}

/** The scenes by name. */
export const SCENES: Readonly<
  Record<SceneName, (contender: Contender, surroundings: Surroundings) => Promise<Figures>>
> = { video, pixels, messages, connect, start, idle };
