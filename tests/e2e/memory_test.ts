import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import { test } from "node:test";
import { SoraServer } from "../../sfu/mod.ts";
import { Child } from "../support/child.ts";
import type { Possessions } from "../support/memory_program.ts";

const program = new URL("../support/memory_program.ts", import.meta.url);
const CONNECTIONS = 25;
/** An idle connection takes half of it; buffers of frames would be several times as much. */
const MOST_BYTES = 1_000_000;

test("a further connection has a socket for each address and no thread, however soon others follow", async () => {
  await using server = await SoraServer.start({ port: 0 });
  await using child = new Child(program, [server.url, String(CONNECTIONS)]);
  assert.deepEqual(await child.ended(60_000).then(({ code }) => code), 0, child.errors);
  const [first, all] = child.lines.map((line) => JSON.parse(line) as Possessions);
  const further = (what: keyof Possessions) => (all![what] - first![what]) / (CONNECTIONS - 1);
  // Addresses of one link are no more than those of the machine; one more is that of the WebSocket.
  const addresses = Object.values(networkInterfaces()).flat().length;
  assert.ok(further("sockets") <= addresses + 1, `${further("sockets")} of ${addresses} addresses`);
  // Of the runtime's own, some may start in between.
  assert.ok(further("threads") <= 0.25, `${first!.threads} threads, then ${all!.threads}`);
  assert.ok(further("heaps") <= 0.25, `${first!.heaps} heaps, then ${all!.heaps}`);
  assert.ok(further("resident") <= MOST_BYTES, `${further("resident")} bytes each`);
});
