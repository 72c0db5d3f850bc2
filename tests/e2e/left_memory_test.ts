/** What members leave of memory, on their side and on the server's. `make stress` has more of them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Child } from "../support/child.ts";
import { mediaCycle } from "../support/media_cycle.ts";
import { type MemoryInUse, memoryOfObjects } from "../support/memory_in_use.ts";

/** Codecs, caches and compiled code come with the first rounds. */
const WARM_UP = 10;
const ROUNDS = 16;
/** What compiled code and caches may still grow by; members have several times as much: 60 kB of objects, and 400 kB of native memory. */
const MOST_KB = { heapKb: 25, nativeKb: 12 } as const;

test("a sender and a receiver that are gone leave nothing on either side", async () => {
  await using server = new Child(new URL("../stress/programs/server.ts", import.meta.url));
  const signalingUrls = [await server.line("listening ")];
  const memoryUrl = await server.line("memory ");
  const run = async (rounds: number) => {
    for (let round = 0; round < rounds; round++) {
      await mediaCycle({ signalingUrls, channelId: "left", videoCodecType: "VP8" });
    }
    const response = await fetch(`${memoryUrl}rest`);
    return { client: await memoryOfObjects(), server: await response.json() as MemoryInUse };
  };
  const before = await run(WARM_UP);
  const after = await run(ROUNDS);
  for (const side of ["client", "server"] as const) {
    for (const kind of ["heapKb", "nativeKb"] as const) {
      const kb = (after[side][kind] - before[side][kind]) / ROUNDS;
      assert.ok(kb <= MOST_KB[kind], `${side} ${kind}: ${kb.toFixed(1)} a round`);
    }
  }
});
