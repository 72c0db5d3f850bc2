/**
 * Video through the server: what a packet costs, and how many streams a core carries.
 *
 * @module
 */

import { onDeno } from "../../tests/support/child.ts";
import { type Benchmark, delay } from "../measurement.ts";
import { ON_SERVER_CORE } from "./cores.ts";
import { LOAD, Load, type Member, type Tally } from "./load.ts";
import { Program } from "./program.ts";
import { ServerProgram } from "./server.ts";

/** Packets and time of a stream, as `csrc/bench/load/video.h` sends it. */
const PACKETS = 260;
const FRAME_MS = 1_000 / 30;
const RUN_MS = 3_000;
/** At 30 frames a second it takes a while until the runtime has compiled what runs often. */
const WARM_UP_MS = 30_000;
/** For what is on its way when the publishers stop. */
const SETTLE_MS = 300;
/** Joins at a time. */
const JOINING = 16;
/** Streams that are added at a time, and the most that are tried. */
const STEP = 50;
const MOST_STREAMS = 1_000;
/** A machine does something else now and then. */
const ROUNDS = 2;
const MOST_DELAY_US = 10_000;

/** Microseconds of processor time of what cannot be saved. */
async function limit(): Promise<Readonly<Record<"protect" | "sendto" | "sendmmsg", number>>> {
  await using program = new Program([...ON_SERVER_CORE, LOAD, "limit"]);
  return await program.line("protect") as Record<"protect" | "sendto" | "sendmmsg", number>;
}

/** What became of the video of a while. */
interface Outcome extends Tally {
  /** Packets that were sent and not received, at every subscriber. */
  readonly lost: number;
  /** Processor time of the server in milliseconds. */
  readonly serverCpuMs: number;
  /** For how long video was sent. */
  readonly tookMs: number;
}

/** Channels of the same shape, whose members are in one process, and a server in another. */
class Scene implements AsyncDisposable {
  readonly #server: ServerProgram;
  readonly #load: Load;
  readonly #publishers: Member[] = [];
  #subscribers = 0;

  private constructor(server: ServerProgram, load: Load) {
    this.#server = server;
    this.#load = load;
  }

  /** Starts both processes. */
  static async open(): Promise<Scene> {
    return new Scene(await ServerProgram.start(), await Load.start());
  }

  /** Adds publishers, each to a channel of its own. */
  async publish(count: number): Promise<void> {
    const first = this.#publishers.length;
    const joins = await inGroups(count, (index) => this.#join("sendonly", first + index));
    this.#publishers.push(...joins);
  }

  /** Adds a subscriber to each of these channels. */
  async subscribe(channels: readonly number[]): Promise<void> {
    const members = await inGroups(
      channels.length,
      (index) => this.#join("recvonly", channels[index]!),
    );
    for (const member of members) this.#load.subscribe(member);
    this.#subscribers += members.length;
  }

  /** Sends video for a while. */
  async run(runMs = RUN_MS): Promise<Outcome> {
    const [server, load] = [this.#server, this.#load];
    await load.tally(true);
    const start = performance.now();
    const before = server.cpuMs();
    this.#publishers.forEach((member, index) =>
      load.publish(member, index / this.#publishers.length * FRAME_MS)
    );
    await delay(runMs);
    for (const member of this.#publishers) load.stop(member);
    const tookMs = performance.now() - start;
    await delay(SETTLE_MS);
    const serverCpuMs = server.cpuMs() - before;
    const tally = await load.tally();
    if (load.failures.length > 0) throw new Error(load.failures.join("; "));
    const expected = tally.sent * this.#subscribers / this.#publishers.length;
    return { ...tally, lost: expected - tally.received, serverCpuMs, tookMs };
  }

  /** Ends both processes. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#load[Symbol.asyncDispose]();
    await this.#server[Symbol.asyncDispose]();
  }

  #join(role: string, channel: number): Promise<Member> {
    const connect = {
      role,
      channel_id: `video${channel}`,
      audio: false,
      video: { codec_type: "VP8" },
    };
    return this.#load.join(this.#server.url, { connect });
  }
}

/** Makes as many as `count`, some at a time. */
async function inGroups<T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  while (made.length < count) {
    const first = made.length;
    const group = Array.from(
      { length: Math.min(JOINING, count - first) },
      (_, index) => make(first + index),
    );
    made.push(...await Promise.all(group));
  }
  return made;
}

/** Processor time of a packet that goes to 20 subscribers. */
export const forwardedPacket: Benchmark = {
  name: "forwarded packet",
  async *run() {
    await using scene = await Scene.open();
    await scene.publish(1);
    await scene.subscribe(Array(20).fill(0));
    await scene.run(WARM_UP_MS);
    const { received, serverCpuMs } = await scene.run(2 * RUN_MS);
    const { protect, sendto } = await limit();
    yield {
      name: "CPU of a packet of 1,200 bytes forwarded to 20 members, receive to send",
      value: serverCpuMs * 1_000 / received,
      unit: "µs",
      limit: protect + sendto,
      limitIs: "AES-GCM and sendto alone, in the same run",
      reach: { value: onDeno ? 7 : 5 },
    };
  },
};

/** Processor time of one stream that goes to one member. */
export const oneStream: Benchmark = {
  name: "one stream",
  async *run() {
    await using scene = await Scene.open();
    await scene.publish(1);
    await scene.subscribe([0]);
    await scene.run(WARM_UP_MS);
    const { serverCpuMs, tookMs } = await scene.run(3 * RUN_MS);
    const { protect, sendto } = await limit();
    yield {
      name: "CPU of the server, one stream of 2.5 Mbit/s alone",
      value: serverCpuMs / (tookMs + SETTLE_MS) * 100,
      unit: "% of a core",
      limit: (protect + sendto) * PACKETS / 10_000,
      limitIs: "AES-GCM and sendto of its packets alone",
      reach: { value: 1.5 },
    };
  },
};

/**
 * The most streams that are forwarded without loss and soon enough.
 *
 * @param grow Adds streams: their number so far, and how many.
 */
async function mostStreams(
  grow: (scene: Scene, from: number, count: number) => Promise<void>,
): Promise<number> {
  await using scene = await Scene.open();
  let reached = 0;
  while (reached < MOST_STREAMS) {
    const streams = reached + STEP;
    await grow(scene, reached, STEP);
    let holds = false;
    for (let round = 0; round < ROUNDS && !holds; round++) {
      const { lost, p95Us, serverCpuMs, tookMs } = await scene.run();
      const share = (serverCpuMs / tookMs * 100).toFixed(0);
      console.error(
        `${streams} streams: ${lost} packets lost, p95 ${
          (p95Us / 1_000).toFixed(1)
        } ms, ${share} % of a core`,
      );
      holds = lost === 0 && p95Us <= MOST_DELAY_US;
    }
    if (!holds) break;
    reached = streams;
  }
  return reached;
}

/** How many streams one core carries. */
export const streams: Benchmark = {
  name: "streams",
  async *run() {
    const { protect, sendmmsg } = await limit();
    const most = {
      unit: "streams",
      limit: 1e6 / (protect + sendmmsg) / PACKETS,
      limitIs: "AES-GCM and sendmmsg of their packets alone on one core",
    } as const;
    yield {
      name: "streams of 2.5 Mbit/s from one member, no loss, 10 ms at 95 %",
      value: await mostStreams(async (scene, from, count) => {
        if (from === 0) await scene.publish(1);
        await scene.subscribe(Array(count).fill(0));
      }),
      ...most,
      reach: { least: onDeno ? 400 : 500 },
    };
    yield {
      name: "streams of 2.5 Mbit/s in pairs, no loss, 10 ms at 95 %",
      value: await mostStreams(async (scene, from, count) => {
        await scene.publish(count);
        await scene.subscribe(Array.from({ length: count }, (_, index) => from + index));
      }),
      ...most,
      reach: { least: onDeno ? 200 : 250 },
    };
  },
};
