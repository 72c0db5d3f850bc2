/**
 * Scenes of many connects in a row: every one must come up, also when datagrams of the DTLS handshake get lost.
 *
 * @module
 */

import assert from "node:assert/strict";
import process from "node:process";
import { SoraServer } from "../../sfu/mod.ts";
import { isDtls, startDatagramRelay } from "../support/datagram_relay.ts";
import type { Scene, Stage } from "./scenes.ts";

/** `make stress` asks for more. */
const CONNECTS = Number(process.env["SORA_TEST_CONNECTS"] ?? 20);
const AT_A_TIME = 10;
const LOSS = 0.2;

/** Connects and disconnects members, some at the same time; gives how many came up, and why others did not. */
async function connectMany({ page }: Stage, url: string): Promise<[number, unknown[]]> {
  const failures: unknown[] = [];
  let connected = 0;
  for (let done = 0; done < CONNECTS; done += AT_A_TIME) {
    await Promise.all(Array.from({ length: Math.min(AT_A_TIME, CONNECTS - done) }, async (_, i) => {
      const options = { urls: [url], role: "recvonly", channelId: `connect-${i}` } as const;
      try {
        const id = await page.call("join", options);
        connected++;
        await page.call("disconnect", id);
      } catch (error) {
        failures.push(error);
      }
    }));
  }
  return [connected, failures];
}

async function playConnects(loss: number, stage: Stage): Promise<void> {
  await using server = await SoraServer.start({ port: 0, host: stage.host });
  await using relay = await startDatagramRelay({
    target: server.url,
    loses: (datagram, random) => isDtls(datagram) && random < loss,
    seed: 17,
  });
  const began = performance.now();
  const [connected, failures] = await connectMany(stage, relay.url);
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  console.log(`${connected} of ${CONNECTS} connects in ${seconds} s, ${relay.lost} datagrams lost`);
  assert.deepEqual(failures, []);
  assert.equal(connected, CONNECTS);
  // The relay was in between.
  assert.ok(relay.passed > 4 * CONNECTS);
  if (loss > 0) assert.ok(relay.lost > CONNECTS / 2);
}

/** Scenes of every browser. */
export const connectScenes: readonly Scene[] = [
  { title: "many connects", smoke: true, play: (stage) => playConnects(0, stage) },
];

/**
 * Scenes of Firefox, whose DTLS is NSS's. Chromium waits for twice the round trip that ICE measured before it sends a flight again, and
 * for twice as long each time after: on a busy machine that can be longer than a test lasts.
 */
export const lossyConnectScenes: readonly Scene[] = [
  {
    title: "many connects with a fifth of the datagrams of DTLS lost",
    play: (stage) => playConnects(LOSS, stage),
  },
];
