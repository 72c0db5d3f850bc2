/**
 * The row `hostile server`: a client connects to servers that do anything, while it has media from another one.
 *
 * @module
 */

import { type AddressInfo, connect as connectTcp, createServer } from "node:net";
import type { FrameCount } from "../../support/bystanders_program.ts";
import { Child } from "../../support/child.ts";
import { eventually, pause } from "../../support/eventually.ts";
import { Records } from "../../support/hostile_arena.ts";
import { Mutator } from "../../support/mutations.ts";
import { growthOf } from "../growth.ts";
import type { RowResult } from "../row.ts";
import { proveLeftovers } from "./leftovers.ts";
import { SERVER_ATTACKS, type ServerAttack } from "./server_attacks.ts";
import { runTask, type Task } from "./task.ts";
import type { VictimPulse } from "./victim.ts";

const serverProgram = new URL("../../support/hostile_server_program.ts", import.meta.url);
const victimProgram = new URL("victim.ts", import.meta.url);

const STEP_MS = 10;
/** Counts of frames are of 100 ms each, and come 400 ms later. */
const A_SECOND = 10;
const LATE = 4;
const FPS = 30;
const ASKED_FPS = 28;
const MOST_BUSY_MS = 1_000;
/** From the second quarter of the run to the last. */
const MOST_GROWTH_MB = 64;
/** Of objects, threads and descriptors, which come and go with a connection. */
const MOST_MORE = 16;
/** A connection must be over within so long, whatever the server does: all its limits together. */
const ROUND_MS = 20_000;
/** At least so long each. */
const SHORTEST_MS = 5_000;
/** Of the time, for what a server does again and again. */
const LEFTOVERS_SHARE = 0.5;

/** A door to whichever attack there is at present. */
class Door implements AsyncDisposable {
  attack: ServerAttack | undefined;
  readonly #server = createServer((client) => {
    client.on("error", () => {});
    const { attack } = this;
    if (attack === undefined) return client.destroy();
    const server = connectTcp(attack.port, "127.0.0.1");
    server.on("error", () => {});
    client.pipe(server).pipe(client);
    client.on("close", () => server.destroy());
    server.on("close", () => client.destroy());
  });

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}/signaling`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

interface Tally {
  sent: number;
  came: number;
}

async function hostileServer(task: Task): Promise<RowResult> {
  await using good = new Child(serverProgram);
  const goodUrl = await good.line("listening ");
  await using door = new Door();
  await using victim = new Child(victimProgram, [goodUrl, await door.open()]);
  const frames = new Records<FrameCount>(victim, "frames ");
  const pulses = new Records<VictimPulse>(victim, "pulse ");
  await eventually(
    "video",
    () => frames.read().slice(-A_SECOND).some(({ came }) => came > 0),
    30_000,
  );
  const rounds = () => victim.lines.filter((line) => line.startsWith("over ")).length;
  const names = Object.keys(SERVER_ATTACKS);
  const lengthMs = Math.max(
    SHORTEST_MS,
    task.leftMs * (1 - LEFTOVERS_SHARE) / names.length / 2,
  );
  const tallies = new Map<string, Tally>(names.map((name) => [name, { sent: 0, came: 0 }]));
  let attacks = 0;
  const restMs = task.leftMs * LEFTOVERS_SHARE;
  while (attacks < names.length || task.leftMs > restMs) {
    const name = attacks < names.length ? names[attacks]! : task.random.pick(names);
    const seed = task.random.below(2 ** 31);
    const attack = await SERVER_ATTACKS[name]!(goodUrl, new Mutator(seed));
    const from = frames.read().length + LATE;
    const before = rounds();
    door.attack = attack;
    const end = performance.now() + lengthMs;
    while (performance.now() < end) {
      attack.step();
      // The rate is the subject.
      await pause(STEP_MS);
    }
    door.attack = undefined;
    await attack[Symbol.asyncDispose]();
    const to = frames.read().length + LATE;
    try {
      await eventually("the end of a connection", () => {
        if (victim.pid === undefined) throw new Error("the client's process ended");
        return rounds() > before;
      }, ROUND_MS);
      await eventually("the counts of frames", () => frames.read().length >= to, ROUND_MS);
    } catch (error) {
      task.found({ what: `${name} (seed ${seed}): ${error}\n${victim.errors}` });
      break;
    }
    const tally = tallies.get(name)!;
    for (const { sent, came } of frames.read().slice(from, to)) {
      tally.sent += sent;
      tally.came += came;
    }
    attacks++;
    task.progress(`${attacks} attacks, ${rounds()} connections`);
  }
  const crashes = victim.pid === undefined ? 1 : 0;
  const odd = victim.lines.filter((line) => line.startsWith("odd "));
  for (const what of new Set(odd)) task.found({ what });
  const all = pulses.read();
  const busyMs = all.reduce((most, { busyMs }) => Math.max(most, busyMs), 0);
  if (busyMs > MOST_BUSY_MS) {
    task.found({ what: `the client was busy for ${busyMs} ms at a stretch` });
  }
  const growth = (what: keyof VictimPulse) => growthOf(all.map((pulse) => pulse[what]));
  const growthMb = growth("rssMb");
  if (growthMb > MOST_GROWTH_MB) task.found({ what: `the client grew by ${growthMb} MB` });
  for (const what of ["objects", "threads", "descriptors"] as const) {
    const more = growth(what);
    if (more > MOST_MORE) task.found({ what: `the client has ${more} ${what} more than before` });
  }
  const fps = new Map<string, number>();
  for (const [name, { sent, came }] of tallies) {
    if (sent === 0) continue;
    // What a busy machine did not send is no fault of the server's; how long the client was busy is measured by itself.
    fps.set(name, FPS * came / sent);
    if (fps.get(name)! < ASKED_FPS) {
      task.found({ what: `${name}: ${fps.get(name)!.toFixed(1)} fps of the other channel` });
    }
  }
  const { times, mostBytes } = await proveLeftovers(task);
  const leastFps = Number(Math.min(...fps.values()).toFixed(1));
  return {
    measured:
      `${crashes} crashes in ${rounds()} connections under ${attacks} attacks, at least ${leastFps} fps ` +
      `beside, busy for at most ${busyMs} ms, memory ${growthMb >= 0 ? "+" : ""}${growthMb} MB; ` +
      `at most ${mostBytes} bytes left of each of ${times} offers and data channels`,
    figures: {
      crashes,
      attacks,
      connections: rounds(),
      leastFps,
      busyMs,
      growthMb,
      repeated: times,
      mostBytesLeft: mostBytes,
    },
  };
}

await runTask("hostile server", hostileServer);
