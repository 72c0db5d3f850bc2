import process from "node:process";
import { Sora, type SoraConnection } from "../mod.ts";
import { median } from "../demo/statistics.ts";
import type { Benchmark } from "./measurement.ts";

const SWITCHES = 40;
const MESSAGES = 20_000;
const MESSAGE_BYTES = 64;
const LARGE_MESSAGES = 100;
const LARGE_BYTES = 262_144;
const ROUNDS = 5;
const chat = [{ label: "#chat", direction: "sendrecv" }] as const;

/** A member without media, with a promise for the move of its signaling to data channels. */
function member(sora: Sora, url: string, ignoreDisconnectWebSocket: boolean) {
  const connection = sora.createConnection({
    signalingUrls: [url],
    channelId: "messaging",
    role: "recvonly",
    dataChannelSignaling: true,
    ignoreDisconnectWebSocket,
    dataChannels: chat,
  });
  const switched = () =>
    new Promise<number>((resolve) => {
      connection.onSwitched = () => resolve(performance.now());
    });
  return { connection, switched };
}

/** The time of moving signaling to data channels, and of disconnecting over them. */
export const switching: Benchmark = {
  name: "data channel signaling",
  async *run({ url }) {
    await using sora = new Sora();
    for (const alone of [false, true]) {
      const { connection, switched } = member(sora, url, alone);
      const connects: number[] = [];
      const switches: number[] = [];
      const disconnects: number[] = [];
      for (let round = -1; round < SWITCHES; round++) {
        const when = switched();
        const start = performance.now();
        await connection.connect();
        const connected = performance.now();
        const moved = await when;
        const leaving = performance.now();
        await connection.disconnect();
        const left = performance.now();
        if (round < 0) continue;
        connects.push(connected - start);
        switches.push(moved - start);
        disconnects.push(left - leaving);
      }
      const transports = alone ? "data channels alone" : "both transports";
      yield {
        name: `switched after connect() was called, ${transports}`,
        value: median(switches),
        unit: "ms",
        limit: median(connects),
        limitIs: "connect() of the same connection",
        reach: { value: 100 },
      };
      yield {
        name: `disconnect() over a data channel, ${transports}`,
        value: median(disconnects),
        unit: "ms",
        limit: median(connects),
        limitIs: "connect() of the same connection",
        reach: { value: 50 },
      };
    }
  },
};

/** Milliseconds that messages take from one member through the server to the other. */
async function timeMessages(
  from: SoraConnection,
  to: SoraConnection,
  count = MESSAGES,
  bytes = MESSAGE_BYTES,
): Promise<number> {
  const arrived = Promise.withResolvers<void>();
  let left = count;
  to.onMessage = () => {
    if (--left === 0) arrived.resolve();
  };
  const message = new Uint8Array(bytes);
  const writer = from.dataChannel("#chat").writable.getWriter();
  const start = performance.now();
  for (let sent = 0; sent < count; sent++) {
    await writer.ready;
    // The stream keeps the order; a failure surfaces at `ready`.
    writer.write(message).catch(() => {});
  }
  await arrived.promise;
  const took = performance.now() - start;
  writer.releaseLock();
  return took;
}

/** Two members whose signaling has moved to data channels. */
async function pair(sora: Sora, url: string) {
  const members = [member(sora, url, false), member(sora, url, false)] as const;
  const ready = Promise.all(members.map((one) => one.switched()));
  await Promise.all(members.map(({ connection }) => connection.connect()));
  await ready;
  return members;
}

/** Milliseconds of passing {@link MESSAGES} messages to libwebrtc without waiting. */
function timeCalls(from: SoraConnection): number {
  const message = new Uint8Array(MESSAGE_BYTES);
  const start = performance.now();
  for (let sent = 0; sent < MESSAGES; sent++) from.sendDataChannel("#chat", message);
  return performance.now() - start;
}

/** Messages of 64 bytes through the server; 200 µs each means 5,000 per second. */
export const messages: Benchmark = {
  name: "messages",
  async *run({ url }) {
    await using sora = new Sora();
    const [from, to] = await pair(sora, url);
    const times: number[] = [];
    const calls: number[] = [];
    for (let round = -1; round < ROUNDS; round++) {
      const took = await timeMessages(from.connection, to.connection);
      const arrived = Promise.withResolvers<void>();
      let left = MESSAGES;
      to.connection.onMessage = () => {
        if (--left === 0) arrived.resolve();
      };
      const calling = timeCalls(from.connection);
      await arrived.promise;
      if (round < 0) continue;
      times.push(took);
      calls.push(calling);
    }
    yield {
      name: "message of 64 bytes, from member to member",
      value: median(times) * 1_000 / MESSAGES,
      unit: "µs",
      limit: median(calls) * 1_000 / MESSAGES,
      limitIs: "sendDataChannel() alone",
      reach: { value: 200 },
    };
  },
};

/** Large messages through the server: both members are in this process, the server is in another. */
export const largeMessages: Benchmark = {
  name: "large messages",
  async *run({ url }) {
    await using sora = new Sora();
    const [from, to] = await pair(sora, url);
    const rates: number[] = [];
    const perProcessor: number[] = [];
    for (let round = -1; round < ROUNDS; round++) {
      const before = process.cpuUsage();
      const took = await timeMessages(from.connection, to.connection, LARGE_MESSAGES, LARGE_BYTES);
      const { user, system } = process.cpuUsage(before);
      if (round < 0) continue;
      rates.push(LARGE_MESSAGES * LARGE_BYTES / 1_000 / took);
      perProcessor.push(LARGE_MESSAGES * LARGE_BYTES / (user + system));
    }
    yield {
      name: "messages of 256 kB, from member to member",
      value: median(rates),
      unit: "MB/s",
      limit: median(perProcessor),
      limitIs: "the same in a second of processor time of both members",
      reach: { least: 100 },
    };
  },
};
