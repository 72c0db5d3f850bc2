/**
 * A server in a separate process, so that a test can notice that it stalls: every 50 ms it prints how long its event loop was busy
 * at a stretch, in CPU time, which other processes do not lengthen, and how much memory it uses.
 *
 * @module
 */

import process from "node:process";
import { SoraServer } from "../../sfu/mod.ts";
import { openResources } from "./deno_resources.ts";

/** One line that starts with `pulse `. */
export interface Pulse {
  /** The most processor time between two turns of a 10 ms timer since the last pulse, in ms. */
  readonly busyMs: number;
  readonly rssMb: number;
  /** Sockets, unfinished ciphers and the like; 0 on Bun. */
  readonly resources: number;
  readonly dropped: number;
  readonly retransmitted: number;
  readonly connections: number;
}

const TURN_MS = 10;
const PULSE_MS = 50;

if (import.meta.main) {
  const server = await SoraServer.start();
  console.log(`listening ${server.url}`);
  let pulsed = performance.now();
  let used = process.cpuUsage();
  let busyMs = 0;
  setInterval(() => {
    const now = performance.now();
    const { user, system } = process.cpuUsage(used);
    used = process.cpuUsage();
    busyMs = Math.max(busyMs, (user + system) / 1_000);
    if (now - pulsed < PULSE_MS) return;
    pulsed = now;
    const { droppedPackets, retransmittedPackets, connections } = server.stats();
    const pulse: Pulse = {
      busyMs: Math.round(busyMs),
      rssMb: Math.round(process.memoryUsage.rss() / 1e6),
      resources: openResources(),
      dropped: droppedPackets,
      retransmitted: retransmittedPackets,
      connections,
    };
    busyMs = 0;
    console.log(`pulse ${JSON.stringify(pulse)}`);
  }, TURN_MS);
}
