/**
 * A client of a hostile server, which connects to it again and again, and has media from a good server all the while.
 *
 *     victim.ts GOOD_URL HOSTILE_URL
 *
 * It prints the counts of frames as `bystanders_program.ts` does, `pulse` with how long its thread was busy at a stretch and how much
 * memory it has, and a line for each of its connections' steps.
 *
 * @module
 */

import process from "node:process";
import { Sora, SoraError } from "../../../mod.ts";
import { sendAndCount } from "../../support/bystanders_program.ts";
import { pause } from "../../support/eventually.ts";
import { resources } from "../../support/resources.ts";

/** One line that starts with `pulse `. */
export interface VictimPulse {
  /** The most processor time between two turns of a timer since the last pulse, in ms; all threads together. */
  readonly busyMs: number;
  readonly rssMb: number;
  readonly heapMb: number;
  readonly objects: number;
  readonly descriptors: number;
  readonly threads: number;
}

const TURN_MS = 10;
const PULSE_MS = 100;
/** From one connection to the next: a server that is gone refuses thousands a second. */
const BETWEEN_MS = 50;
/** How long a connection is left to the server, once there is one. */
const STAYS_MS = 4_000;
const LABEL = "#chat";

/** One connection, from beginning to end. */
async function round(sora: Sora, url: string): Promise<void> {
  using videoSource = sora.createVideoSource();
  const connection = sora.createConnection({
    signalingUrls: [url],
    channelId: "hostile",
    role: "sendrecv",
    audio: false,
    videoSource,
    dataChannelSignaling: true,
    dataChannels: [{ label: LABEL, direction: "sendrecv" }],
    webSocketConnectionTimeoutMs: 3_000,
    disconnectWaitTimeoutMs: 500,
  });
  const ended = new Promise<void>((resolve) => connection.onDisconnect = () => resolve());
  // What there is a handler for is parsed and handed over.
  connection.onNotify =
    connection.onPush =
    connection.onMessage =
    connection.onRpc =
      () => {};
  connection.onSignalingMessage = () => {};
  connection.onError = (error) => {
    if (!(error instanceof SoraError)) console.log(`odd onError ${error}`);
  };
  try {
    await connection.connect();
    console.log("connected");
    await Promise.race([ended, pause(STAYS_MS)]);
    connection.sendDataChannel(LABEL, "still here");
  } catch (error) {
    if (!(error instanceof SoraError)) console.log(`odd ${(error as Error).stack ?? error}`);
  }
  const began = performance.now();
  await connection.disconnect();
  console.log(`over ${Math.round(performance.now() - began)}`);
}

if (import.meta.main) {
  const [good = "", hostile = ""] = process.argv.slice(2);
  const sora = new Sora();
  await sendAndCount(good, sora);
  let pulsed = performance.now();
  let used = process.cpuUsage();
  let busyMs = 0;
  setInterval(() => {
    const { user, system } = process.cpuUsage(used);
    used = process.cpuUsage();
    // More than one thread's worth of a turn is other threads' work.
    busyMs = Math.max(busyMs, (user + system) / 1_000);
    if (performance.now() - pulsed < PULSE_MS) return;
    pulsed = performance.now();
    const { rss, heapUsed } = process.memoryUsage();
    const rssMb = Math.round(rss / 1e6);
    const heapMb = Math.round(heapUsed / 1e6);
    const pulse: VictimPulse = { busyMs: Math.round(busyMs), rssMb, heapMb, ...resources() };
    busyMs = 0;
    console.log(`pulse ${JSON.stringify(pulse)}`);
  }, TURN_MS);
  while (true) {
    await round(sora, hostile);
    await pause(BETWEEN_MS);
  }
}
