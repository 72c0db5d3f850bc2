/**
 * A server that says what it holds: prints `listening` with its URL, and `memory` with a URL at which a `MemoryInUse` is read as JSON:
 * that of the moment, or with `rest` at the end of the URL what is left once all connections are gone.
 *
 * @module
 */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { SoraServer } from "../../../sfu/mod.ts";
import { eventually } from "../../support/eventually.ts";
import { memoryInUse, memoryNow } from "../../support/memory_in_use.ts";

const GONE_MS = 30_000;

const server = await SoraServer.start({ port: 0 });
const memory = createServer(async ({ url }, response) => {
  if (url !== "/rest") {
    response.end(JSON.stringify(memoryNow()));
    return;
  }
  // They linger for a moment.
  const gone = () => {
    const { connections, pendingConnections } = server.stats();
    return connections + pendingConnections === 0;
  };
  await eventually("the end of all connections", gone, GONE_MS);
  response.end(JSON.stringify(await memoryInUse()));
});
memory.listen(0, "127.0.0.1", () => {
  console.log(`memory http://127.0.0.1:${(memory.address() as AddressInfo).port}/`);
  console.log(`listening ${server.url}`);
});
