import { WebSocket } from "ws";
import { Sora, type SoraConnection } from "../mod.ts";
import { median, percentile } from "../demo/statistics.ts";
import { onFrames, room, startPublisher } from "./clients.ts";
import { type Benchmark, delay } from "./measurement.ts";

const CONNECTS = 40;
const FIRST_FRAMES = 20;
/** libwebrtc's encoder produces at most one key frame in 300 ms, however many are requested. */
const KEY_FRAME_MS = 500;

/** Milliseconds from opening a WebSocket to the server's offer, without a client around it. */
function timeOffer(url: string): Promise<number> {
  const start = performance.now();
  const socket = new WebSocket(url, { perMessageDeflate: false });
  return new Promise((resolve, reject) => {
    let took = 0;
    socket.once("open", () =>
      socket.send(JSON.stringify({
        type: "connect",
        role: "recvonly",
        channel_id: "offer",
        audio: true,
        video: { codec_type: "VP8" },
      })));
    socket.once("message", () => {
      took = performance.now() - start;
      socket.close();
    });
    socket.once("error", reject);
    socket.once("close", () => resolve(took));
  });
}

/** The time of `connect()` and `disconnect()`, over many rounds. */
export const connect: Benchmark = {
  name: "connect",
  async *run({ url }) {
    await using sora = new Sora();
    const connection = sora.createConnection({ ...room(url, "connect"), role: "sendrecv" });
    const connects: number[] = [];
    const cycles: number[] = [];
    const offers: number[] = [];
    // The first round loads code and warms up the server.
    for (let round = -1; round < CONNECTS; round++) {
      const start = performance.now();
      await connection.connect();
      const connected = performance.now();
      await connection.disconnect();
      const ended = performance.now();
      const offer = await timeOffer(url);
      if (round < 0) continue;
      connects.push(connected - start);
      cycles.push(ended - start);
      offers.push(offer);
    }
    yield {
      name: "connect()",
      value: median(connects),
      unit: "ms",
      limit: median(offers),
      limitIs: "from opening a WebSocket to the offer, by ws alone",
      reach: { value: 30 },
    };
    yield {
      name: "connect() and disconnect()",
      value: median(cycles),
      unit: "ms",
      limit: median(connects),
      limitIs: "connect()",
    };
  },
};

/** Milliseconds from calling `connect()` to its end, and to the first frame. */
async function timeFirstFrame(
  connection: SoraConnection,
): Promise<readonly [connected: number, first: number]> {
  const first = Promise.withResolvers<number>();
  onFrames(connection, (frame) => {
    first.resolve(performance.now());
    frame.close();
  });
  const start = performance.now();
  await connection.connect();
  const connected = performance.now();
  return [connected - start, await first.promise - start];
}

/** The time from `connect()` to the first frame, when a member is already sending. */
export const firstFrame: Benchmark = {
  name: "first frame",
  async *run({ url }) {
    await using _publisher = await startPublisher(url, "first frame");
    await using sora = new Sora();
    const connection = sora.createConnection({ ...room(url, "first frame"), role: "recvonly" });
    const firsts: number[] = [];
    const connects: number[] = [];
    for (let round = -1; round < FIRST_FRAMES; round++) {
      const [connected, first] = await timeFirstFrame(connection);
      await connection.disconnect();
      await delay(KEY_FRAME_MS);
      if (round < 0) continue;
      firsts.push(first);
      connects.push(connected);
    }
    yield {
      name: "first decoded 1280x720 frame after connect() was called",
      value: median(firsts),
      unit: "ms",
      limit: median(connects),
      limitIs: "connect() of the same connection",
      reach: { value: 200 },
    };
  },
};

/** The time to the first frame of who joins 40 to 320 ms after somebody else did, for whom a key frame was made. */
export const laterFrame: Benchmark = {
  name: "later frame",
  async *run({ url }) {
    await using _publisher = await startPublisher(url, "later frame");
    await using sora = new Sora();
    /** Another member, who leaves after the first frame. */
    const join = async () => {
      const connection = sora.createConnection({ ...room(url, "later frame"), role: "recvonly" });
      const times = await timeFirstFrame(connection);
      leaving.push(connection.disconnect());
      return times;
    };
    const leaving: Promise<void>[] = [];
    const firsts: number[] = [];
    const connects: number[] = [];
    for (let round = -1; round < FIRST_FRAMES; round++) {
      const earlier = join();
      await delay(40 + (round + 1) % 8 * 40);
      const [connected, first] = await join();
      await earlier;
      await Promise.all(leaving.splice(0));
      await delay(KEY_FRAME_MS);
      if (round < 0) continue;
      firsts.push(first);
      connects.push(connected);
    }
    yield {
      name: "first decoded 1280x720 frame, 40 to 320 ms after another member joined, p95",
      value: percentile(firsts, 95),
      unit: "ms",
      limit: percentile(connects, 95),
      limitIs: "connect() of the same connections, p95",
      reach: { value: 80 },
    };
  },
};
