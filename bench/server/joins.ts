/**
 * What members leave behind in the server.
 *
 * @module
 */

import { slopeOf } from "../../demo/statistics.ts";
import { type Benchmark, delay } from "../measurement.ts";
import { Load } from "./load.ts";
import { ServerProgram } from "./server.ts";

const CYCLES = 2_000;
/** The runtime's pools and the tables of the server reach their final size here. */
const WARM_UPS = 1_000;
const SETTLE_MS = 1_000;
/** Cycles between two looks at the memory. */
const EVERY = 20;

/** Without data channels, whose end would take each a while. */
const connect = {
  role: "sendrecv",
  channel_id: "joins",
  audio: true,
  video: { codec_type: "VP8" },
} as const;

/** A thousand members that join a publisher's channel and leave it again. */
export const joins: Benchmark = {
  name: "joins",
  async *run() {
    await using server = await ServerProgram.start(false);
    await using load = await Load.start(false);
    const publisher = await load.join(server.url, { connect });
    load.publish(publisher);
    const resident: [number, number][] = [];
    const look = async () => ({
      objects: await server.objects(),
      descriptors: server.descriptors(),
    });
    let before = await look();
    for (let cycle = 0; cycle < CYCLES; cycle++) {
      const member = await load.join(server.url, { connect });
      load.subscribe(member);
      await member.leave();
      if (cycle === WARM_UPS) {
        await delay(SETTLE_MS);
        before = await look();
      }
      if (cycle < WARM_UPS || cycle % EVERY !== 0) continue;
      // An engine lets garbage gather for hundreds of cycles; what is asked is what stays.
      await server.objects();
      resident.push([cycle, server.residentBytes()]);
    }
    await delay(SETTLE_MS);
    const after = await look();
    if (load.failures.length > 0) throw new Error(load.failures.join("; "));
    yield {
      name: `memory of the server, slope of the last ${CYCLES - WARM_UPS} joins and leaves`,
      value: slopeOf(resident) / 1_000,
      unit: "kB a cycle",
      limit: resident[0]![1] / 1_000,
      limitIs: "kB at the beginning of these",
      reach: { value: 1 },
    };
    for (
      const [key, what] of [["descriptors", "file descriptors"], [
        "objects",
        "native objects",
      ]] as const
    ) {
      yield {
        name: `${what} of the server left by ${CYCLES - WARM_UPS} joins and leaves`,
        value: after[key] - before[key],
        unit: "left",
        limit: before[key],
        limitIs: "their number before",
        reach: { value: 0 },
      };
    }
  },
};
