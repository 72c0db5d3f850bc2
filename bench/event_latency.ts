import { Worker } from "node:worker_threads";
import { EventType, json, openRealm, type Realm, unwrap } from "../ffi/mod.ts";
import { percentile } from "../demo/statistics.ts";
import { type Benchmark, delay } from "./measurement.ts";

const SAMPLES = 1_000;

/** A peer whose answer fails at once on libwebrtc's signaling thread, because there is no offer. */
function openPeer({ functions, events }: Realm) {
  const out = new Uint32Array(1);
  unwrap(functions, functions.sora_factory_create(events.queue, null, 0, out));
  const factory = out[0] ?? 0;
  const configuration = json({ iceServers: [] });
  unwrap(
    functions,
    functions.sora_peer_create(factory, configuration, configuration.byteLength, out),
  );
  const peer = out[0] ?? 0;
  events.hold();
  const roundTrip = async () => {
    const start = performance.now();
    let end = 0;
    await events.request((request) => functions.sora_peer_create_answer(peer, request))
      .catch(() => end = performance.now());
    if (end === 0) {
      throw new Error("sora_peer_create_answer must fail without an offer, and it succeeded");
    }
    return end - start;
  };
  const close = async () => {
    const closed = Promise.withResolvers<void>();
    events.listen(factory, (type) => {
      if (type === EventType.CLOSED) closed.resolve();
    });
    unwrap(functions, functions.sora_factory_close(factory));
    await closed.promise;
    events.unlisten(factory);
    events.release();
  };
  return { roundTrip, close };
}

function openWorker() {
  const worker = new Worker(new URL("echo_worker.ts", import.meta.url));
  const roundTrip = () =>
    new Promise<number>((resolve) => {
      const start = performance.now();
      worker.once("message", () => resolve(performance.now() - start));
      worker.postMessage(0);
    });
  return { roundTrip, close: () => worker.terminate() };
}

/**
 * Latency from a native thread to a JavaScript handler. To avoid comparing the clocks of two threads it measures a whole round
 * trip, from JavaScript to libwebrtc's signaling thread and back through the event queue; the way back takes less than that.
 */
export const eventLatency: Benchmark = {
  name: "event",
  async *run() {
    const peer = openPeer(openRealm());
    const worker = openWorker();
    await peer.roundTrip();
    await worker.roundTrip();
    const values: number[] = [];
    const limits: number[] = [];
    for (let sample = 0; sample < SAMPLES; sample++) {
      // The event loop is idle when the event arrives, at varying moments of its cycle.
      await delay(sample % 3);
      values.push(await peer.roundTrip());
      await delay(sample % 3);
      limits.push(await worker.roundTrip());
    }
    await worker.close();
    await peer.close();
    const limitIs = "round trip of a message to one of the runtime's Workers";
    for (const [percent, reach] of [[50, 0.5], [95, 2]] as const) {
      yield {
        name: `native event to handler, p${percent} of the round trip`,
        value: percentile(values, percent),
        unit: "ms",
        limit: percentile(limits, percent),
        limitIs,
        reach: { value: reach },
      };
    }
  },
};
