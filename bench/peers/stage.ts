/**
 * The programs of a contender in a scene.
 *
 * @module
 */

import { delay } from "../measurement.ts";
import { type Line, Program } from "../server/program.ts";
import type { Contender } from "./contenders.ts";
import type { Format, Task } from "./programs/program.ts";

/** What scenes need to know. */
export interface Surroundings {
  /** URLs of the servers. */
  readonly urls: Readonly<Partial<Record<Contender["through"], string>>>;
  /** The folder with files of frames. */
  readonly frames: string;
}

/** Milliseconds until a program is connected, at the most. */
export const LIMIT_MS = 30_000;
/** What everybody has for warming up: codes, caches, and the estimate of bandwidth, which begins low. */
const SETTLE_MS = 4_000;

let channels = 0;

/** Programs of one contender, in a channel of their own; they end with it. */
export class Stage implements AsyncDisposable {
  readonly #contender: Contender;
  readonly #surroundings: Surroundings;
  #channel = `peers ${++channels}`;
  readonly #programs: Program[] = [];

  /** Starts nothing yet. */
  constructor(contender: Contender, surroundings: Surroundings) {
    this.#contender = contender;
    this.#surroundings = surroundings;
  }

  /** Starts a program with a part. */
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
    this.#programs.push(program);
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
    // Whichever fails first ends the scene; the others' failures are the same one.
    receiving.catch(() => {});
    const answer = receiver.line("sdp", LIMIT_MS);
    answer.catch(() => {});
    const sender = this.start(sends, task("out"));
    const sending = sender.line("connected", LIMIT_MS);
    sending.catch(() => {});
    receiver.tell({ do: "sdp", ...await sender.line("sdp", LIMIT_MS) });
    sender.tell({ do: "sdp", ...await answer });
    await Promise.all([receiving, sending]);
    return { receiver, sender };
  }

  /** Ends the programs; those that are started later do not meet them. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#channel = `peers ${++channels}`;
    for (const program of this.#programs.splice(0)) await program[Symbol.asyncDispose]();
  }
}

/** What a program writes of a frame. */
export type Entry = readonly [number: number, atMs: number, us: number, format: Format];

/** What both sides of a stream have recorded. */
export interface Recorded {
  readonly sent: readonly Entry[];
  readonly received: readonly Entry[];
  readonly seconds: number;
  /** Milliseconds of processor time of the sender. */
  readonly sendCpu: number;
  /** The same of the receiver. */
  readonly receiveCpu: number;
}

/** Has both sides of a stream record for a while, after what everybody has for warming up. */
export async function record(receiver: Program, sender: Program, ms: number): Promise<Recorded> {
  await delay(SETTLE_MS);
  for (const program of [sender, receiver]) program.tell({ do: "begin" });
  const before = [sender.cpuMs(), receiver.cpuMs()] as const;
  const start = performance.now();
  await delay(ms);
  const took = performance.now() - start;
  const after = [sender.cpuMs(), receiver.cpuMs()] as const;
  const lines = Promise.all([sender.line("sent"), receiver.line("received")]);
  for (const program of [sender, receiver]) program.tell({ do: "end" });
  const [sent, received] = await lines;
  const entries = (line: Line, key: string) => line[key] as readonly Entry[];
  return {
    sent: entries(sent, "sent"),
    received: entries(received, "received"),
    seconds: took / 1_000,
    sendCpu: after[0] - before[0],
    receiveCpu: after[1] - before[1],
  };
}
