/**
 * Simulcast in the server: what a packet of one of several layers costs, next to one of a video that has a single layer.
 *
 * @module
 */

import { type Benchmark, delay, inTurns } from "../measurement.ts";
import { Load, type Member } from "./load.ts";
import { ServerProgram } from "./server.ts";

const RIDS = ["r0", "r1", "r2"] as const;
const RECEIVERS = 30;
/** Frames of each layer, of 2.6 Mbit/s: every one is a key frame, which is more work than there is otherwise. */
const FRAME_MS = 1_000 / 30;
const VIDEO = { kind: "video", bytes: 1_200, packets: 9, intervalMs: FRAME_MS } as const;
const WARM_UP_MS = 30_000;
const RUN_MS = 3_000;
const TURNS = 5;

/** A server and its members. */
class Scene implements AsyncDisposable {
  readonly #server: ServerProgram;
  readonly #load: Load;
  readonly #senders: Member[] = [];

  private constructor(server: ServerProgram, load: Load) {
    this.#server = server;
    this.#load = load;
  }

  /**
   * Starts both processes, and has everybody join.
   *
   * @param layersOf The layers that each sender sends in a channel of its own.
   */
  static async open(layersOf: readonly (readonly string[])[]): Promise<Scene> {
    const scene = new Scene(await ServerProgram.start(), await Load.start());
    for (const [channel, rids] of layersOf.entries()) {
      scene.#senders.push(await scene.#join("sendonly", channel, rids));
      for (let count = 0; count < RECEIVERS / layersOf.length; count++) {
        const receiver = await scene.#join(
          "recvonly",
          channel,
          undefined,
          rids[count % rids.length],
        );
        scene.#load.subscribe(receiver);
      }
    }
    return scene;
  }

  /** Microseconds of the server for each packet that it forwards in a while. */
  async run(runMs: number): Promise<number> {
    const [server, load] = [this.#server, this.#load];
    await load.tally(true);
    const before = server.cpuMs();
    await delay(runMs);
    const cpuMs = server.cpuMs() - before;
    const { received } = await load.tally();
    if (load.failures.length > 0) throw new Error(load.failures.join("; "));
    return cpuMs * 1_000 / received;
  }

  /** Sends from now on, all layers at the same time. */
  send(layersOf: readonly (readonly string[])[]): void {
    for (const [channel, rids] of layersOf.entries()) {
      for (const rid of rids) {
        this.#load.stream(this.#senders[channel]!, { ...VIDEO, rid, phaseMs: 0 });
      }
    }
  }

  /** Sends nothing more. */
  stop(): void {
    for (const sender of this.#senders) this.#load.stop(sender);
  }

  /** Ends both processes. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#load[Symbol.asyncDispose]();
    await this.#server[Symbol.asyncDispose]();
  }

  #join(
    role: string,
    channel: number,
    rids: readonly string[] | undefined,
    rid?: string,
  ): Promise<Member> {
    const connect = {
      role,
      channel_id: `layers${channel}`,
      audio: false,
      video: { codec_type: "VP8" },
      simulcast: true,
      ...(rid === undefined ? {} : { simulcast_request_rid: rid }),
    };
    return this.#load.join(this.#server.url, {
      connect,
      ...(rids === undefined ? {} : { rids }),
    });
  }
}

/** Microseconds of a packet in a scene of its own. */
async function cost(layersOf: readonly (readonly string[])[]): Promise<number[]> {
  await using scene = await Scene.open(layersOf);
  scene.send(layersOf);
  await scene.run(WARM_UP_MS);
  const costs: number[] = [];
  for (let turn = 0; turn < TURNS; turn++) costs.push(await scene.run(RUN_MS));
  scene.stop();
  return costs;
}

/** Processor time of a packet of one of three layers, next to that of three senders of one layer. */
export const forwardedLayers: Benchmark = {
  name: "layers forwarded",
  async *run() {
    const single = RIDS.map(() => ["r0"]);
    const layered = await cost([RIDS]);
    yield {
      name: `CPU of a packet of one of 3 layers, forwarded to ${RECEIVERS} members in all`,
      ...inTurns(layered, await cost(single)),
      unit: "µs",
      limitIs: "the same of 3 members with one layer each",
      reach: { ratio: 1.2 },
    };
  },
};
