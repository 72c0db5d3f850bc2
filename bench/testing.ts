import { Sora, type SoraConnection } from "../mod.ts";
import { SoraServer } from "../sfu/mod.ts";
import { type Benchmark, inTurns } from "./measurement.ts";

const WARM_UPS = 3;
const TESTS = 40;

function member(sora: Sora, url: string): SoraConnection {
  return sora.createConnection({
    signalingUrls: [url],
    channelId: "testing",
    role: "recvonly",
    dataChannelSignaling: true,
    dataChannels: [{ label: "#chat", direction: "sendrecv" }],
  });
}

/** Two members join, one answers the other's message, and all is closed: the test of `docs/testing.md` without its server. */
async function exchange(url: string): Promise<void> {
  await using sora = new Sora();
  const app = member(sora, url);
  app.onMessage = (label, data) => app.sendDataChannel(label, data);
  const open = new Promise((resolve) => app.onDataChannel = resolve);
  await app.connect();
  await open;
  const client = member(sora, url);
  const answer = new Promise((resolve) => client.onMessage = resolve);
  await client.connect();
  await client.dataChannel("#chat").writable.getWriter().write("hello");
  await answer;
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** The time that a test of a user's app takes. */
export const testing: Benchmark = {
  name: "testing",
  async *run({ url }) {
    const own: number[] = [];
    const shared: number[] = [];
    for (let round = -WARM_UPS; round < TESTS; round++) {
      const [test, alone] = [
        await timed(async () => {
          await using server = await SoraServer.start();
          await exchange(server.url);
        }),
        await timed(() => exchange(url)),
      ];
      if (round < 0) continue;
      own.push(test);
      shared.push(alone);
    }
    yield {
      name: "a test with a server of its own, two clients and a message",
      ...inTurns(own, shared),
      unit: "ms",
      limitIs: "the same with a server that runs in another process",
    };
  },
};
