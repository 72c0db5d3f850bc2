import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { residentMemory, threadCount } from "../support/resident.ts";

test("residentMemory gives every page of a process one kind", () => {
  const { total, heap, heaps, stacks, files, largePages, rest } = residentMemory(process.pid);
  assert.equal(heap + stacks + files + largePages + rest, total);
  assert.ok(rest > 0 && files > 0 && stacks >= 0, JSON.stringify({ rest, files, stacks }));
  assert.ok(Number.isInteger(heaps));
  assert.ok(threadCount("self") >= 1);
});

test("residentMemory sees memory that is written to", () => {
  const bytes = 64 * 1024 * 1024;
  const before = residentMemory("self").total;
  const memory = new Uint8Array(bytes);
  memory.fill(1);
  const grown = residentMemory("self").total - before;
  // Garbage may be collected in between.
  assert.ok(grown > bytes / 2, `${grown} bytes more of ${memory.length}`);
});
