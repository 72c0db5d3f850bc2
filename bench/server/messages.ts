/**
 * Messages through the server: how many, and how late over a path that loses.
 *
 * @module
 */

import { type Benchmark, delay } from "../measurement.ts";
import { Load, type Member, type Tally } from "./load.ts";
import { ServerProgram } from "./server.ts";

const LABEL = "#load";
/** The path of a member, each way. */
const PATH = { loss: 0.1, delayMs: 25 } as const;
/**
 * Channels with such a member, so that many messages are sent in a short time, and what each sends. How late a lost message is depends
 * on those behind it: the third that arrives has it sent again.
 */
const FAR_CHANNELS = 10;
const LATE = { count: 150, size: 100, rate: 30 } as const;
const LIMIT_MS = 30_000;
/** Messages on loopback: for how long, and their bytes. */
const WARM_UP_MS = 1_500;
const RUN_MS = 3_000;
const SMALL_BYTES = 64;
const LARGE_BYTES = 16_000;

/** Joins a channel for messages; `seed` makes the losses of a path. */
function join(load: Load, url: string, channel: number, seed?: number): Promise<Member> {
  const connect = {
    role: "recvonly",
    channel_id: `messages${channel}`,
    audio: true,
    video: false,
    data_channel_signaling: true,
    ignore_disconnect_websocket: false,
    data_channels: [{ label: LABEL, direction: "sendrecv" }],
  };
  const path = seed === undefined ? {} : { path: { ...PATH, seed } };
  return load.join(url, { connect, labels: [LABEL], ...path });
}

/** Sends messages from each member and waits until all have arrived. */
async function pass(load: Load, from: readonly Member[]): Promise<Tally> {
  await load.tally(true);
  for (const member of from) load.sendMessages(member, LABEL, LATE);
  const count = LATE.count * from.length;
  const end = performance.now() + LIMIT_MS;
  while (true) {
    await delay(100);
    const tally = await load.tally();
    if (tally.messages >= count) return tally;
    if (performance.now() < end && load.failures.length === 0) continue;
    const why = load.failures.join("; ");
    throw new Error(`All ${count} messages must arrive, not ${tally.messages}; ${why}`);
  }
}

/** Messages to and from members whose path loses and delays. */
export const lossyPath: Benchmark = {
  name: "lossy path",
  async *run() {
    await using server = await ServerProgram.start();
    await using load = await Load.start();
    const channels = Array.from({ length: FAR_CHANNELS }, (_, channel) => channel);
    const near = await Promise.all(channels.map((one) => join(load, server.url, one)));
    const far = await Promise.all(channels.map((one) => join(load, server.url, one, one)));
    const toServer = await pass(load, far);
    const toClient = await pass(load, near);
    for (const [share, key, most] of [["half", "p50Us", 30], ["95 %", "p95Us", 250]] as const) {
      yield {
        name:
          `message from the server, 30 a second over 25 ms and 10 % of loss each way, ${share} of them`,
        value: toClient[key] / 1_000,
        unit: "ms",
        limit: toServer[key] / 1_000,
        limitIs: "from the client to the server, in the same run",
        reach: { value: most },
      };
    }
  },
};

/** Messages from one member through the server to another. */
export const relayed: Benchmark = {
  name: "relayed messages",
  async *run() {
    await using server = await ServerProgram.start(false);
    await using load = await Load.start(false);
    const from = await join(load, server.url, 0);
    await join(load, server.url, 0);
    const cases = [
      {
        size: SMALL_BYTES,
        name: "messages of 64 bytes from member to member",
        unit: "messages/s",
        least: 60_000,
        amount: ({ messages }: Tally) => messages,
      },
      {
        size: LARGE_BYTES,
        name: "messages of 16 kB from member to member",
        unit: "MB/s",
        least: 100,
        amount: ({ bytes }: Tally) => bytes / 1e6,
      },
    ] as const;
    for (const { size, name, unit, least, amount } of cases) {
      load.sendMessages(from, LABEL, { count: Number.MAX_SAFE_INTEGER, size });
      await delay(WARM_UP_MS);
      const { cpuMs } = await load.tally(true);
      const before = server.cpuMs();
      await delay(RUN_MS);
      const tally = await load.tally();
      const busy = Math.max(server.cpuMs() - before, tally.cpuMs - cpuMs);
      load.stop(from);
      // What waits goes out before the next size is sent.
      for (let count = -1; count !== 0;) {
        await load.tally(true);
        await delay(200);
        count = (await load.tally()).messages;
      }
      if (load.failures.length > 0) throw new Error(load.failures.join("; "));
      yield {
        name,
        unit,
        value: amount(tally) / tally.messageSeconds,
        limit: amount(tally) / (busy / 1_000),
        limitIs: "the same if the busier of server and load had a core to itself",
        reach: { least },
      };
    }
  },
};
